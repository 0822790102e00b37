"""What `score` prints of a summary beside its tables."""

from pathlib import Path

import pytest

from c2seg_bench.cli.score_summary import show
from reports.tables.captions import FEW


def summary(n: int, subjects: int | None = None) -> dict:
    return {
        "n": n,
        "subjects": subjects,
        "unit": "px",
        "empty": "diagonal",
        "dice": 0.8,
        "interval": {"dice": (0.7, 0.9)},
        "pooled": {"dice": 0.81},
        "only_pred_empty": 0,
        "only_target_empty": 0,
        "both_empty": 0,
    }


@pytest.mark.parametrize(
    ("n", "subjects", "warning"),
    [
        (6, None, "Only 6 images: intervals are rough below 100."),
        (400, 12, "Only 12 subjects: intervals are rough below 100."),
        (FEW, None, ""),
        (400, FEW, ""),
    ],
)
def test_a_small_sample_carries_a_warning(capsys, n, subjects, warning):
    show(summary(n, subjects), Path("scores.csv"), ["dice"])
    printed = " ".join(capsys.readouterr().out.split())
    assert warning in printed and ("are rough" in printed) == bool(warning)
    assert "Pooled: all images scored as one." in printed and "One row per image: scores.csv" in printed


@pytest.mark.parametrize(
    ("policy", "meaning"),
    [
        ("diagonal", "If one mask is empty, a distance is the image's diagonal; if both are, it is 0"),
        ("skip", "Distances are means over the images in which neither mask is empty"),
        ("nan", "A mean distance is missing if any mask is empty"),
    ],
)
def test_empty_masks_are_counted_with_what_they_do_to_distances(capsys, policy, meaning):
    show({**summary(FEW), "empty": policy, "only_pred_empty": 4, "both_empty": 1}, Path("scores.csv"), ["dice"])
    printed = " ".join(capsys.readouterr().out.split())
    assert f"Of {FEW} images, the prediction is empty in 4, both are empty in 1. {meaning}" in printed


def test_without_empty_masks_nothing_is_said_of_them(capsys):
    show(summary(FEW), Path("scores.csv"), ["dice"])
    assert "empty" not in capsys.readouterr().out


def test_shares_are_printed_in_percent_as_in_the_report(capsys):
    show(summary(FEW), Path("scores.csv"), ["dice"])
    row = next(line for line in capsys.readouterr().out.splitlines() if "Dice" in line)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == ["Dice, %", "80.00", "70.00 to 90.00", "81.00"]


def with_axes(n: int, **axes: dict) -> dict:
    blank = {"coverage": 0.0, "n": 0}
    consistency = {"ontology": "chest", "frame": "qata", "axes": {"count": blank, "size": blank, "all": blank} | axes}
    return {**summary(n), "consistency": consistency}


def test_an_axis_that_no_prompt_states_has_no_line(capsys):
    stated = {"coverage": 1.0, "n": FEW, "strict": 0.5, "score": 0.625, "chance": 0.25, "ceiling": 0.75}
    stated |= {"corrected": 0.75, "corrected_interval": (0.5, 1.0)}
    show(with_axes(FEW, count=stated, all=stated), Path("scores.csv"), ["dice"])
    printed = capsys.readouterr().out
    lines = [line.split() for line in printed.splitlines()]
    assert ["count", "1.000", "0.500", "0.625", "0.250", "0.750", "0.75", "[0.50,", "1.00]"] in lines
    assert not any(line[:1] == ["size"] for line in lines)
    assert "Corrected: 0 at chance, 1 as the experts' masks." in " ".join(printed.split())


@pytest.mark.parametrize("chosen", [True, False])
def test_a_frame_by_default_is_called_that(capsys, chosen):
    stated = {"coverage": 1.0, "n": FEW, "strict": 0.5, "score": 0.6, "chance": 0.2, "ceiling": 0.7}
    show(with_axes(FEW, all=stated), Path("scores.csv"), ["dice"], chosen_frame=chosen)
    printed = " ".join(capsys.readouterr().out.split())
    assert ("The frame thirds is the default" in printed) != chosen


def test_prompts_that_state_nothing_leave_one_line_and_no_legend(capsys):
    show(with_axes(FEW), Path("scores.csv"), ["dice"])
    printed = capsys.readouterr().out
    assert [line.split()[0] for line in printed.splitlines() if "0.000" in line] == ["all"]
    assert "Corrected:" not in printed
