"""Consistency beside Dice over a run: the correlation, the examples, and when prompts are not printed."""

import json

import pandas as pd
import pytest

from c2seg_bench.errors import InputError
from c2seg_bench.pages.dice_correlation import correlation_with_dice
from c2seg_bench.rundir import RunDir


def write_run(out, source="phantom-chest", **columns):
    """Four clean rows in which Dice and consistency go against each other but for one, and a noisy one."""
    table = pd.DataFrame(
        {
            "method": "unet",
            "condition": ["clean"] * 4 + ["swap-1"],
            "image": ["a", "b", "c", "d", "a"],
            "prompt": ["one", "two", "three", "four", "noo"],
            "dice": [0.9, 0.8, 0.2, 0.1, 0.0],
            "score": [0.1, 0.5, 0.9, 0.8, 0.0],
            "consistent": [0.0, 0.0, 1.0, 1.0, 0.0],
        }
    ).assign(**columns)
    files = RunDir(out)
    files.tables.mkdir(parents=True)
    table.to_parquet(files.scores)
    if source:
        files.about.write_text(json.dumps({"datasets": {"d": {"source": source}}}))
    return out


def test_ranks_are_correlated_and_the_masks_where_they_differ_most_are_named(tmp_path):
    page = correlation_with_dice(write_run(tmp_path / "run"))
    assert page["name"] == "run"
    assert page["table"].splitlines()[-1] == "| unet | 4 | -0.800 |"  # 1 - 6 * 18 / (4 * 15)
    assert [line.split(" | ")[0] for line in page["high"].splitlines()[2:]] == ["| a", "| b"]
    assert [line.split(" | ")[0] for line in page["low"].splitlines()[2:]] == ["| d", "| c"]
    assert "four" in page["low"] and "noo" not in page["low"]


@pytest.mark.parametrize("source", ["qata", ""])
def test_prompts_of_real_or_unknown_data_are_not_printed(tmp_path, source):
    page = correlation_with_dice(write_run(tmp_path / "run", source))
    assert (page["high"], page["low"]) == ("", "")
    assert "unet" in page["table"]


def test_what_is_no_run_is_an_error_of_one_line(tmp_path):
    with pytest.raises(InputError, match="--run .*: no scores.parquet; give the folder of a finished run"):
        correlation_with_dice(tmp_path)
    with pytest.raises(InputError, match="its column dice is not of type number"):
        correlation_with_dice(write_run(tmp_path / "run", dice="high"))
