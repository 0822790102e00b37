"""What `score` gives besides numbers: reasons in the CSV, rows for papers, a sheet of the worst cases, progress."""

import csv
import io
import json
import re

import cv2
import numpy as np
import pytest
from rich.console import Console

from c2seg_bench.cli.score_progress import score_bar
from c2seg_bench.scoring.folders import score_folders
from c2seg_bench.scoring.request import ScoreRequest
from tests.c2seg_bench.scoring.score_command import FIXED, LEFT, refused, run, save

REASONS = ["count_reason", "laterality_reason", "position_reason", "size_reason", "absent_reason"]


def add_pictures(folder, names="abc", shape=(60, 60)):
    for name in names:
        save(folder / "images" / f"{name}.png", np.full(shape, True), white=80)


def test_the_last_columns_say_what_was_stated_and_what_was_found(worded):
    _, table = run(worded, "--prompts", worded / "p.csv")
    assert list(table.columns[:14]) == FIXED and list(table.columns[-6:]) == ["prompt", *REASONS]
    a, b, c = table[REASONS].fillna("").to_numpy().tolist()
    assert a == ["1 stated, 1 found", "left stated, lesion left", "lower-left stated, lesion in lower-left", "", ""]
    both = "lower-left, lower-right stated, lesion in lower-left"
    assert b == ["2 stated, 1 found", "bilateral stated, lesion left", both, "", ""]
    assert c == ["1 stated, 2 found", "", "", "", ""]


def test_a_prompt_of_nothing_to_segment_has_its_reason(worded):
    (worded / "p.csv").write_text("image,prompt\na,No infection.\nb,No infection.\nc,No infection.\n")
    save(worded / "preds" / "mask_a.png", np.zeros((60, 60), bool))
    _, table = run(worded, "--prompts", worded / "p.csv")
    assert table["absent_reason"].tolist() == [f"nothing to segment stated, {n} found" for n in (0, 1, 2)]


def test_without_prompts_there_are_no_reasons(folder):
    assert not set(REASONS) & set(run(folder)[1].columns)


def test_the_terminal_shows_corrected_scores_with_intervals(worded):
    result, _ = run(worded, "--prompts", worded / "p.csv", "--json")
    axes = json.loads(result.stdout)["consistency"]["axes"]
    printed = run(worded, "--prompts", worded / "p.csv")[0].stdout
    assert max(map(len, printed.splitlines())) <= 80 or str(worded) in printed
    for axis in ("laterality", "position", "all"):
        low, high = axes[axis]["corrected_interval"]
        line = next(line for line in printed.splitlines() if line.split()[:1] == [axis])
        assert line.rstrip().endswith(f"{axes[axis]['corrected']:.2f} [{low:.2f}, {high:.2f}]")


def test_markdown_is_a_table_of_one_row(worded):
    summary = json.loads(run(worded, "--prompts", worded / "p.csv", "--json")[0].stdout)
    lines = run(worded, "--prompts", worded / "p.csv", "--markdown")[0].stdout.splitlines()
    heads, rule, row = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    assert heads[:6] == ["", "Dice (%)", "IoU (%)", "HD95 (px)", "ASSD (px)", "Consistency, corrected"]
    assert set(rule) == {"---"} and len(rule) == len(heads) == len(row)
    low, high = summary["interval"]["dice"]
    assert row[:2] == ["preds", f"{100 * summary['dice']:.1f} [{100 * low:.1f}, {100 * high:.1f}]"]
    low, high = summary["consistency"]["axes"]["all"]["corrected_interval"]
    assert row[5] == f"{summary['consistency']['axes']['all']['corrected']:.2f} [{low:.2f}, {high:.2f}]"


def test_latex_is_a_row_below_a_comment_and_escapes_the_folders_name(folder):
    (folder / "preds").rename(folder / "my_masks_50%")
    comment, row = run(folder, "--latex", predictions="my_masks_50%")[0].stdout.splitlines()
    assert comment == "% & Dice (%) & IoU (%) & HD95 (px) & ASSD (px)"
    assert row.startswith("my\\_masks\\_50\\% & ") and row.endswith(" \\\\")
    assert len(re.findall(r"(?<!\\)&", row)) == comment.count("&") == 4


def test_quiet_prints_nothing_and_writes_the_csv(folder):
    result, table = run(folder, "--quiet")
    assert result.output == "" and len(table) == 5


@pytest.mark.parametrize("form", ["--latex", "--markdown", "--json"])
def test_quiet_beside_a_form_prints_that_form_alone(folder, form):
    assert run(folder, form, "-q")[0].stdout == run(folder, form)[0].stdout != ""


@pytest.mark.parametrize("options", [("--json", "--latex"), ("--latex", "--markdown"), ("--json", "--markdown", "-q")])
def test_one_way_of_printing_at_a_time(folder, options):
    assert "prints the summary in another way; give one of the two" in refused(folder, *options)


def test_the_sheet_shows_the_lowest_dice_first_with_both_outlines(worded):
    add_pictures(worded)
    options = ("--prompts", worded / "p.csv", "--images", worded / "images", "--sheet", worded / "worst.png")
    result, table = run(worded, *options)
    assert f"Worst cases: {worded / 'worst.png'}" in result.stdout
    sheet = cv2.imread(str(worded / "worst.png"))
    blue, green, red = (sheet[..., k].astype(int) for k in range(3))
    assert ((green > 200) & (red < 120) & (blue < 120)).sum() > 100  # the experts' masks
    assert ((red > 200) & (blue > 200) & (green < 120)).sum() > 100  # the predictions


def test_worst_rows_are_those_of_the_lowest_dice_then_of_the_least_consistent():
    import pandas as pd

    from c2seg_bench.scoring.worst import caption, worst_rows

    rows = pd.DataFrame({"dice": [0.9, 0.2, 0.2, 0.5], "score": [1.0, 0.8, 0.1, None]})
    assert worst_rows(rows, 3).tolist() == [2, 1, 3]
    assert worst_rows(rows.drop(columns="score"), 2).tolist() == [1, 2]
    row = {
        "prompt": LEFT,
        "count_reason": "1 stated, 2 found",
        "count_ok": 0,
        "laterality_reason": "x",
        "laterality_ok": 1,
    }
    assert caption(pd.Series(row)) == f"{LEFT}\n1 stated, 2 found"


def test_the_sheet_needs_no_prompts_and_pictures_of_any_size(folder):
    add_pictures(folder, [f"covid_{k}" for k in range(5)], shape=(80, 100))
    run(folder, "--images", folder / "images", "--sheet", folder / "worst.png")
    assert cv2.imread(str(folder / "worst.png")).shape[1] > 600


def test_wrong_sheets(folder):
    assert (
        refused(folder, "--sheet", "worst.png")
        == "--sheet worst.png: shows masks on their images; give --images as well"
    )
    assert refused(folder, "--sheet", "Test").endswith("(the sheet of a workbook is --prompt-sheet)")
    add_pictures(folder, [f"covid_{k}" for k in range(5)])
    assert "a PNG is written" in refused(folder, "--images", folder / "images", "--sheet", folder / "w.jpg")
    assert refused(folder, "--images", folder / "images").startswith("--images ")


def test_progress_counts_every_pair_and_says_what_is_known_so_far(folder):
    seen = []
    scores = score_folders(
        ScoreRequest(folder / "preds", folder / "targets"),
        lambda done, total, row: seen.append((done, total, row["dice"])),
    )
    assert [(done, total) for done, total, _ in seen] == [(k, 5) for k in range(1, 6)]
    assert [dice for *_, dice in seen] == scores.rows["dice"].tolist()
    screen = io.StringIO()
    with score_bar(Console(file=screen, force_terminal=True, width=100)) as progress:
        for done, dice in enumerate((0.5, 1.0), start=1):
            progress(done, 2, {"dice": dice, "pred_empty": 1.0})
    assert "2/2" in screen.getvalue() and "Dice 0.7500, 2 empty" in screen.getvalue()


def test_no_bar_where_stderr_is_no_terminal(folder):
    assert run(folder)[0].stderr == ""


def test_the_csv_reads_back_whatever_the_prompt_contains(worded):
    nasty = 'a, "b" _%&#${}~^\\<>, çà 中文 🫁 <script>alert(1)</script>'
    with open(worded / "p.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("image", "prompt"), *((name, nasty) for name in "abc")])
    _, table = run(worded, "--prompts", worded / "p.csv")
    assert table["prompt"].tolist() == [nasty] * 3
