"""`report DIR --table`: one table, of some methods, datasets and columns."""

from __future__ import annotations

import csv
import io
import re

import pytest
from typer.testing import CliRunner

from c2seg_bench.cli.main import app, main
from reports.errors import InputError
from reports.read import read_run
from reports.tables import paper, select
from tests.reports.test_tables import row_of, set_metric


def printed(folder, *args):
    done = CliRunner().invoke(app, ["report", str(folder), *args], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def test_columns_methods_and_datasets_as_asked(built):
    text = printed(built, "--table", "main", "--format", "csv", "--methods", "c2seg,unet", "--columns", "iou,dice",
                   "--datasets", "qata", "--spread", "none")  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == ["table", "group", "row", "kind", "qata: IoU (%)", "qata: Dice (%)"]
    values = read_run(built).main.set_index(["dataset", "method", "metric"])["value"]
    for row, method in zip(rows, ("unet", "c2seg"), strict=True):
        assert float(row["qata: Dice (%)"]) == pytest.approx(values["qata", method, "dice"])
        assert float(row["qata: IoU (%)"]) == pytest.approx(values["qata", method, "iou"])


def test_datasets_stand_side_by_side(built):
    table = select(read_run(built), "main")[0]
    assert [c.group for c in table.columns] == ["", "", *["phantom-chest"] * 6, *["qata"] * 6]
    assert [c.title for c in table.columns[2:8]] == [c.title for c in table.columns[8:]]
    assert {r.label for _, rows in table.groups for r in rows} == {
        "U-Net", "U-KAN", "LViT", "C2Seg", "Empty", "Prompt only",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("datasets", "headings"),
    [("qata", ["Dice (%) ↑"]), ("qata,phantom-chest", ["phantom-chest: Dice (%) ↑", "qata: Dice (%) ↑"])],
)
def test_markdown_names_a_dataset_once(built, datasets, headings):
    header = printed(built, "--table", "main", "--columns", "dice", "--datasets", datasets).splitlines()[2]
    assert [cell.strip() for cell in header.strip("|").split("|")] == ["Method", *headings]


def test_best_and_second_are_those_of_what_is_shown(built):
    run = read_run(built)
    whole, part = select(run, "main")[0], select(run, "main", methods=["unet", "lvit"])[0]
    j = [c.name for c in whole.columns].index("dice")
    assert row_of(whole, "LViT").cells[j].rank == 2
    assert row_of(part, "LViT").cells[j].rank == 1
    assert "Prompt only" not in {r.label for _, rows in part.groups for r in rows}


def test_a_metric_that_the_report_does_not_print_can_be_named(built):
    table = select(read_run(built), "main", columns=["consistency"])[0]
    assert [c.title for c in table.columns] == ["Consistency", "Consistency"]


@pytest.mark.parametrize(
    ("spread", "shown"),
    [("interval", "75.0<br><sub>[74.0, 76.0]</sub>"), ("seeds", "75.00 ± 1.25"), ("none", "75.00")],
)
def test_spread(change, spread, shown):
    folder = change("main.csv", lambda t: set_metric("dice", {"lvit": 75.0})(t).assign(seed_sd=1.25))
    text = printed(folder, "--table", "main", "--columns", "dice", "--methods", "lvit", "--spread", spread)
    assert f"| {shown} |" in text


@pytest.mark.parametrize("table", ["main", "paper", "consistency", "axes", "noise", "drops", "prompts", "adherence"])
@pytest.mark.parametrize("format", ["latex", "markdown", "csv"])
def test_every_table_in_every_format(built, table, format):
    text = printed(built, "--table", table, "--format", format, "--datasets", "qata")
    assert {"latex": r"\bottomrule", "markdown": "| :--", "csv": "table,group,row,kind"}[format] in text


def test_notes_can_be_left_out(built):
    for format in ("latex", "markdown"):
        args = ("--table", "main", "--format", format)
        assert "drawn by image" in printed(built, *args)
        assert "drawn by image" not in printed(built, *args, "--no-caption-notes")


def test_the_table_goes_to_a_file(built, tmp_path):
    out = tmp_path / "new" / "table.tex"
    args = ("--table", "main", "--format", "latex")
    assert printed(built, *args, "--out", str(out)) == f"{out}\n"
    assert out.read_text("utf-8") == printed(built, *args)


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["--table", "best"], "--table: unknown best; there are main, paper, consistency, axes, noise, drops"),
        (["--table", "main", "--methods", "unet,lvt"], "--methods: unknown lvt; there are unet, ukan, lvit, c2seg"),
        (["--table", "main", "--datasets", "kvasir"], "--datasets: unknown kvasir; there are phantom-chest, qata"),
        (["--table", "main", "--columns", "dise"], "--columns: unknown dise; there are params, text, dice, iou"),
        (["--table", "axes", "--columns", "dice"], "--columns: unknown dice; there are coverage, ceiling"),
        (["--table", "main", "--format", "pdf"], "--format pdf: unknown; take latex, markdown, csv"),
        (["--table", "main", "--spread", "sd"], "--spread: unknown sd; there are interval, seeds, none"),
        (["--table", "noise", "--spread", "seeds"], "--spread seeds: only for the tables main and paper"),
        (["--columns", "dice"], "--columns without --table: name one, such as --table main"),
        (["--table", "main", "--json"], "--json with --table: take --format csv"),
    ],
)
def test_unknown_names_are_one_line(built, args, line, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["report", str(built), *args])
    said = capsys.readouterr()
    assert caught.value.code == 2 and said.out == ""
    assert said.err.startswith(f"error: {line}") and said.err.count("\n") == 1


def test_a_run_that_lacks_the_table(change):
    run = read_run(change("main.csv", lambda t: t))
    run.adherence = None
    with pytest.raises(InputError, match="--table adherence: .* has no scores for it"):
        select(run, "adherence")
    with pytest.raises(InputError, match="--table adherence: .* has none of these methods and datasets"):
        select(run, "adherence", methods=["unet"])
    run.published = {}
    for entry in run.about["datasets"].values():
        entry["published"] = None
    with pytest.raises(
        InputError, match=r"--table paper: .* has no dataset of the paper \(qata, mosmed, clinicdb, kvas"
    ):
        select(run, "paper")


def test_the_papers_layout(built):
    [table] = paper(read_run(built))
    assert table.key == "paper-1"
    assert [(c.group, c.name) for c in table.columns[2:]] == [
        (d, m) for d in ("qata", "mosmed") for m in ("dice", "iou", "hd95", "assd")
    ]
    labels = [(r.label, r.kind) for _, rows in table.groups for r in rows]
    assert len(labels) == 20 + 4
    at = labels.index(("LViT", "published"))
    assert labels[at + 1] == ("LViT, ours", "method")
    theirs, ours = row_of(table, "LViT"), row_of(table, "LViT, ours")
    assert [c.value for c in theirs.cells[2:]] == [81.52, 68.63, 18.62, 5.32, 72.10, 57.35, 18.94, 4.82]
    assert [c.value for c in ours.cells[6:]] == [None] * 4  # mosmed was not run
    assert {c.rank for _, rows in table.groups for r in rows if r.kind == "published" for c in r.cells} == {None}
    assert "another setting" in table.caption and "Warning: the published row" in table.caption


def test_no_table_of_the_paper_without_its_datasets(make_run, tmp_path):
    assert paper(read_run(make_run(tmp_path / "run", datasets=("phantom-chest",), size=16))) == []


def test_help_has_a_worked_example():
    text = CliRunner().invoke(app, ["report", "--help"]).stdout
    example = "c2seg-bench report results/quick --table main --format latex --methods lvit,c2seg --columns dice,iou"
    assert example in re.sub(r"\s+", " ", text)
