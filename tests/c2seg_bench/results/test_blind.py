"""Predictors that never look at the picture, as rows of the tables."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from c2seg_bench.engine.grid.run import run_suite
from c2seg_bench.results.axes import same_reading
from c2seg_bench.results.blind import prompt_masks
from c2seg_bench.suite import Suite
from metrics.consistency import constant_masks
from metrics.consistency.axes import AXES

LEFT, RIGHT, BOTH = (
    "one infected area, upper left lung",
    "one infected area, upper right lung",
    "two infected areas, all left lung and all right lung",
)


def square(column):
    mask = np.zeros((16, 16), bool)
    mask[4:8, column : column + 4] = True
    return mask


def test_prompt_only_is_the_mean_mask_of_those_that_state_the_same():
    masks = np.stack([square(2), square(2), square(3), square(10)])
    given = prompt_masks(masks, [LEFT, LEFT.upper(), LEFT, RIGHT], [RIGHT, LEFT, BOTH], "chest")
    assert (given[0] == square(10)).all()
    assert (given[1] == square(2)).all()  # two of three lie there
    nobody_states_it = np.stack([*masks, square(10), square(10)])
    given = prompt_masks(nobody_states_it, [LEFT] * 3 + [RIGHT] * 3, [BOTH], "chest")
    assert (given[0] == constant_masks(nobody_states_it)["mean mask"]).all() and (given[0] != square(2)).any()


def test_share_of_images_with_the_same_reading():
    rows = pd.DataFrame({"laterality_score": [1.0, 1.0, 0.5, 1.0], "count_score": [np.nan, 1.0, np.nan, np.nan]})
    truth = SimpleNamespace(rows=rows, prompts=[LEFT, LEFT, LEFT, RIGHT], judge=SimpleNamespace(ontology="chest"))
    assert same_reading(truth, AXES["laterality"]) == pytest.approx(3 * 2 / (4 * 3))
    assert np.isnan(same_reading(truth, AXES["count"]))


@pytest.mark.slow
def test_constants_have_exactly_0_and_experts_exactly_1(tmp_path):
    suite = Suite(
        name="small",
        device="cpu",
        datasets={"phantom": {"source": "phantom", "size": 32, "options": {"train": 24, "val": 4, "test": 24}}},
        methods=["unet", "lvit"],
        train={"epochs": 1, "batch": 8},
        score={"bootstrap": 100},
    )
    out = run_suite(suite, tmp_path / "out", console=Console(quiet=True))
    main, axes = (pd.read_csv(out / "tables" / f"{name}.csv") for name in ("main", "axes"))
    defined = axes[axes["corrected"].notna()].set_index(["method", "axis"])["corrected"]
    for name in ("empty", "full", "mean mask"):
        assert set(defined.loc[name]) == {0.0}
    assert set(defined.loc["ground truth"]) == {1.0}
    corrected = main[main["metric"] == "corrected"].set_index("method")
    assert corrected.loc["prompt only", "value"] == defined.loc[("prompt only", "all")] > 0
    blind = main[(main["metric"] == "dice") & ~main["method"].isin(["unet", "lvit"])].set_index("method")
    assert list(blind.index) == ["empty", "full", "mean mask", "prompt only"]
    assert blind["value"].idxmax() == "prompt only" and (blind["seeds"] == 0).all() and blind["group"].isna().all()
    report = (out / "report.md").read_text()
    assert "Never look at the image" in report and "| Prompt only |" in report
