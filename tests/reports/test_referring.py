"""The report on edited prompts with a known answer: its tables, its figure, and what it says to wrong input."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

import reports
from c2seg_bench.cli.main import app
from reports import tables
from reports.errors import InputError
from reports.findings import findings
from reports.read import read_run
from reports.tables import select
from reports.tables.select import NAMES as NAMES_OF_TABLES
from tests.reports.test_one_table import printed

VALUES = {  # kind -> measure -> (C2Seg, U-Net, experts' whole mask, empty mask)
    "part": {
        "dice": (95.0, 60.0, 55.0, 0.0),
        "selectivity": (0.89, 0.11, 0.0, -1.22),
        "whole_dice": (56.0, 90.0, 100.0, 0.0),
        "own_dice": (54.0, 60.0, 55.0, 0.0),
        "true_dice": (94.0, 90.0, 100.0, 0.0),
    },
    "nowhere": {
        "no_target": (40.0, 0.0, 0.0, 100.0),
        "invented": (2.5, 4.0, 3.5, 0.0),
        "target": (99.0, 100.0, 100.0, 0.0),
    },
    "mirrored": {"dice": (93.0, 91.0, 100.0, 0.0), "true_dice": (94.0, 90.0, 100.0, 0.0), "difference": (-1, 1, 0, 0)},
}
NAMES = ("c2seg", "unet", "ground truth", "empty")
PARTS = ("part", "nothing", "mirrored", "coverage")
COVERAGE = [
    ("part", "admitted", 3, 5),
    ("part", "fewer than two components", 7, 0),
    ("nowhere", "admitted", 10, 10),
    ("mirrored", "admitted", 10, 10),
]


def with_referring(folder: Path) -> Path:
    """The tables and the pictures of one dataset, added to a pretended run."""
    rows = [
        {"dataset": "a", "kind": kind, "method": name, "measure": measure, "value": v, "lo": v - 1, "hi": v + 1,
         "n": 5 if kind == "part" else 10, "images": 3 if kind == "part" else 10, "undefined": 0.0}
        for kind, measures in VALUES.items() for measure, values in measures.items()
        for name, v in zip(NAMES, values, strict=True)
    ]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "tables/referring.csv", index=False)
    columns = ["kind", "outcome", "images", "prompts"]
    coverage = pd.DataFrame(COVERAGE, columns=columns).assign(dataset="a", looked_at=10)
    coverage.to_csv(folder / "tables/referring_coverage.csv", index=False)
    whole = np.zeros((2, 16, 16), np.uint8)
    whole[:, 2:6, 2:6] = whole[:, 9:13, 9:13] = 1
    part = whole.copy()
    part[:, 8:] = 0
    texts = {name: np.array([name] * 2) for name in ("prompts", "names")}
    np.savez(
        folder / "tables/referring.npz", images=np.full((2, 16, 16, 3), 90, np.uint8), truth=whole, parts=part,
        masks_c2seg=part, masks_unet=whole, dataset=np.array(["a"] * 2), **texts
    )  # fmt: skip
    return folder


@pytest.fixture
def folder(make_run, tmp_path) -> Path:
    return with_referring(make_run(tmp_path / "run", datasets=("a",), size=16))


def table_of(folder: Path, key: str):
    return next(table for table in tables.referring(read_run(folder)) if table.key == key)


def shown(table, label: str) -> list[str]:
    return next([cell.shown for cell in row.cells] for _, rows in table.groups for row in rows if row.label == label)


def test_parts_have_selectivity_and_what_a_method_gets_that_does_not_read(folder):
    table = table_of(folder, "referring-part-1")
    assert [column.heading for column in table.columns] == [
        "Prompt of the part: Dice with the part (%) ↑", "Prompt of the part: Selectivity ↑",
        "Prompt of the part: Dice with the whole mask (%)", "True prompt: Dice with the part (%)",
        "True prompt: Dice with the whole mask (%) ↑",
    ]  # fmt: skip
    assert shown(table, "C2Seg") == ["95.0", "0.89", "56.0", "54.0", "94.0"]
    assert shown(table, "Experts' whole mask (ignores the prompt)") == ["55.0", "0.00", "100.0", "55.0", "100.0"]
    assert shown(table, "Empty mask")[:2] == ["0.0", "−1.22"]
    assert [heading for heading, _ in table.groups] == ["Text-free", "Text-guided", "References"]
    assert "Best text-free method: U-Net. 5 prompts on 3 images" in table.caption
    best = [cell.rank for cell in table.groups[1][1][0].cells]
    assert best == [1, 1, None, None, None]


def test_accuracy_without_a_target_stands_beside_target_accuracy_and_is_not_ranked(folder):
    table = table_of(folder, "referring-nothing-1")
    assert shown(table, "C2Seg") == ["40.0", "2.50", "99.0"]
    assert shown(table, "Empty mask") == ["100.0", "0.00", "0.0"]
    assert all(cell.rank is None for _, rows in table.groups for row in rows for cell in row.cells)
    assert "An empty mask wins the first two, so read all three together" in table.caption


def with_selectivity_above(folder: Path, lowest: float) -> None:
    """Every interval of selectivity starts there."""
    path = folder / "tables/referring.csv"
    table = pd.read_csv(path)
    table.loc[table["measure"] == "selectivity", "lo"] = lowest
    table.to_csv(path, index=False)


def test_the_first_finding_is_which_methods_follow_the_words(folder):
    with_selectivity_above(folder, 0.4)
    lead, sentence = findings(read_run(folder))[0]
    assert lead == "a, do masks follow the words?"
    assert sentence == (
        "Shown for C2Seg 95.00 [94.00, 96.00]: its Dice with the part of the lesions that a prompt names is above that "
        "of the experts' whole mask (55.00), which ignores the prompt. Best text-free method: U-Net (60.00)."
    )


def test_no_method_follows_where_selectivity_may_be_zero(folder):
    with_selectivity_above(folder, -0.1)
    sentence = findings(read_run(folder))[0][1]
    assert sentence == (
        "Not shown for any method: no Dice with the part of the lesions that a prompt names is clearly above that of "
        "the experts' whole mask (55.00), which ignores the prompt. Text-guided: C2Seg 95.00 [94.00, 96.00]. Best "
        "text-free method: U-Net (60.00)."
    )


def test_coverage_says_how_many_images_and_why_not_the_others(folder):
    table = table_of(folder, "referring-coverage-1")
    assert shown(table, "Have such prompts") == ["30.0", "3", "5"]
    assert shown(table, "Fewer than two components") == ["70.0", "7", "–"]
    assert "of 10 test images" in table.caption


def test_the_report_has_the_section_the_figure_and_the_latex_tables(folder):
    written = {path.relative_to(folder).as_posix() for path in reports.build(folder)}
    assert "figures/referring.png" in written
    report = (folder / "report.md").read_text()
    assert "## Prompts with a known answer" in report and "figures/referring.png" in report
    assert r"\label{tab:referring-part-1}" in (folder / "tables.tex").read_text()
    assert "a: a named part" in (folder / "report.html").read_text()
    width, height = Image.open(folder / "figures/referring.png").size
    assert width > 2 * height  # prompt, picture, experts, part, two methods; two rows


def test_a_run_without_such_prompts_has_none_of_it_and_an_earlier_figure_goes(folder):
    reports.build(folder)
    for name in ("referring.csv", "referring_coverage.csv", "referring.npz"):
        (folder / "tables" / name).unlink()
    reports.build(folder)
    assert "known answer" not in (folder / "report.md").read_text()
    assert not (folder / "figures/referring.png").exists()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("kind", "parts", "referring.csv.*parts.*there are part, nowhere"),
        ("method", "nobody", "referring.csv.*nobody"),
        ("measure", "iou", "referring.csv.*iou"),
    ],
)
def test_wrong_values_are_named(folder, column, value, message):
    path = folder / "tables/referring.csv"
    table = pd.read_csv(path)
    table.loc[0, column] = value
    table.to_csv(path, index=False)
    with pytest.raises(InputError, match=message):
        read_run(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: arrays.pop("parts"), "array parts is missing"),
        (lambda arrays: arrays.update(masks_nobody=arrays["parts"]), "masks_nobody: no such method"),
        (lambda arrays: arrays.update(parts=arrays["parts"][:1]), r"array parts is \(1, 16, 16\) beside truth"),
    ],
)
def test_wrong_pictures_are_named(folder, change, message):
    path = folder / "tables/referring.npz"
    arrays = dict(np.load(path))
    change(arrays)
    np.savez(path, **arrays)
    with pytest.raises(InputError, match=message) as error:
        read_run(folder)
    assert "\n" not in str(error.value)


def test_all_four_kinds_of_table_by_one_name(folder):
    titles = [table.title for table in select(read_run(folder), "referring")]
    single = [table.title for name in PARTS for table in select(read_run(folder), name)]
    assert sorted(titles) == sorted(single) and len(titles) == 4
    one = select(read_run(folder), "referring", methods=["c2seg"])
    labels = {row.label for table in one[:3] for _, rows in table.groups for row in rows}
    assert "C2Seg" in labels and "U-Net" not in labels


@pytest.mark.parametrize("name", NAMES_OF_TABLES)
def test_every_table_is_printed_in_every_format(make_run, tmp_path, name):
    folder = with_referring(make_run(tmp_path / "run", datasets=("a", "qata"), size=16))
    run = read_run(folder)
    made = select(run, name)
    assert made
    text = {format: printed(folder, "--table", name, "--format", format) for format in ("markdown", "csv", "latex")}
    rows = list(csv.DictReader(io.StringIO(text["csv"])))
    assert len(rows) == sum(len(lines) for table in made for _, lines in table.groups)
    assert {row["table"] for row in rows} == {table.title for table in made}
    lines = text["markdown"].splitlines()
    assert sum(line.startswith("| :-- |") for line in lines) == len(made)
    assert text["latex"].count(r"\toprule") == text["latex"].count(r"\bottomrule") >= len(made)
    # each value of the CSV, as a row of Markdown prints it
    label = next(row.label for table in made for _, rows in table.groups for row in rows)
    assert label in text["markdown"] and f",{label}," in text["csv"].replace('"', "")
    help_text = " ".join(CliRunner().invoke(app, ["report", "--help"], env={"COLUMNS": "400"}).stdout.split())
    assert re.search(rf"\b{name}\b", help_text.partition("--table")[2])
