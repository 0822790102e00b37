"""NSD, and that a metric with an entry in the catalogue is everywhere: rows, command line, and all tables of a run."""

import json

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from rich.console import Console
from scipy.ndimage import binary_erosion, distance_transform_edt
from typer.testing import CliRunner

import metrics

shapes = st.tuples(st.integers(1, 15), st.integers(1, 15))
pairs = shapes.flatmap(lambda s: st.tuples(hnp.arrays(bool, s), hnp.arrays(bool, s)))


def by_distance_transform(pred, target, spacing, tolerance):
    """From the definition, with scipy's transforms."""
    edges = [m & ~binary_erosion(np.pad(m, 1))[1:-1, 1:-1] for m in (pred, target)]
    far = [distance_transform_edt(~edge, sampling=spacing) for edge in edges]
    near = (far[1][edges[0]] <= tolerance).sum() + (far[0][edges[1]] <= tolerance).sum()
    return near / (edges[0].sum() + edges[1].sum())


@given(pairs, st.sampled_from([(1, 1), (0.5, 2), (3, 0.25)]), st.sampled_from([0, 1, 1.5, 2, 4]))
@settings(max_examples=80, deadline=None)
def test_by_definition(pair, spacing, tolerance):
    value = metrics.nsd(*pair, spacing, tolerance)
    if all(m.any() for m in pair):
        assert value == pytest.approx(by_distance_transform(*pair, spacing, tolerance), abs=1e-12)
        assert value == metrics.nsd(*pair[::-1], spacing, tolerance)
    else:
        assert np.isnan(value)


def test_a_shift_within_the_tolerance_is_no_error():
    mask = np.zeros((20, 20), bool)
    mask[5:12, 5:12] = True
    shifts = [metrics.nsd(mask, np.roll(mask, k, axis=0), tolerance=2) for k in (0, 2, 3)]
    assert shifts[:2] == [1, 1] and shifts[2] < 1
    assert metrics.nsd(mask, np.roll(mask, 2, axis=0), (2, 2), tolerance=2) < 1  # four units now


@pytest.mark.parametrize("tolerance", [-1, float("nan"), float("inf")])
def test_a_tolerance_that_is_none(tolerance):
    with pytest.raises(metrics.InputError, match="a number of 0 or more"):
        metrics.nsd(np.eye(3), np.eye(3), tolerance=tolerance)


def test_in_the_rows_and_the_summary_when_it_is_chosen():
    masks = np.zeros((3, 8, 8), bool)
    masks[:2, 2:5, 2:5] = True
    table = metrics.score_masks(masks, masks[[0, 2, 2]], metrics=["nsd"])
    assert table["nsd"].tolist() == pytest.approx([1, np.nan, np.nan], nan_ok=True)
    assert metrics.summarise(table)["nsd"] == pytest.approx((1 + 0 + 1) / 3)
    assert metrics.summarise(table, empty="skip")["nsd"] == 1
    assert "nsd" not in metrics.score_masks(masks, masks)


def test_on_the_command_line(tmp_path):
    from c2seg_bench.cli.main import app

    rng = np.random.default_rng(0)
    for folder in ("preds", "targets"):
        (tmp_path / folder).mkdir()
        for k in range(4):
            mask = cv2.GaussianBlur(rng.random((40, 40)), (0, 0), 4) > 0.5
            cv2.imwrite(str(tmp_path / folder / f"{k}.png"), 255 * mask.astype(np.uint8))
    call = [
        "score",
        "--predictions",
        tmp_path / "preds",
        "--targets",
        tmp_path / "targets",
        "--out",
        tmp_path / "s.csv",
    ]
    result = CliRunner().invoke(app, [*map(str, call), "--metrics", "nsd,dice", "--json"])
    summary, rows = json.loads(result.stdout), pd.read_csv(tmp_path / "s.csv")
    assert summary["nsd"] == pytest.approx(rows["nsd"].mean())
    low, high = summary["interval"]["nsd"]
    assert low < summary["nsd"] < high and set(summary["interval"]) == {"nsd", "dice"}
    assert list(rows.columns[:5]) == ["image", "dice", "iou", "hd95", "assd"]
    shown = CliRunner().invoke(app, [*map(str, call), "--metrics", "nsd"]).stdout
    assert "NSD" in shown and "ASSD" not in shown


@pytest.mark.slow
def test_in_every_table_of_a_suite_that_lists_it(tmp_path):
    from c2seg_bench.engine.grid.run import run_suite
    from c2seg_bench.suite import Suite

    suite = Suite(
        name="small",
        device="cpu",
        datasets={"phantom": {"source": "phantom", "size": 32, "options": {"train": 8, "val": 4, "test": 6}}},
        methods=["unet", "lvit"],
        train={"epochs": 1, "batch": 4},
        stress={"families": ["keyboard"], "severities": [2]},
        score={"bootstrap": 100, "metrics": ["dice", "nsd"]},
    )
    out = run_suite(suite, tmp_path / "out", console=Console(quiet=True))
    tables = {p.stem: pd.read_csv(p) for p in (out / "tables").glob("*.csv")}
    main = tables["main"][tables["main"]["metric"] == "nsd"]
    assert set(main["method"]) == {"unet", "lvit", "empty", "full", "mean mask", "prompt only"} and set(main["n"]) == {
        6
    }
    main = main[main["method"].isin(["unet", "lvit"])]  # after one epoch both may have collapsed, and have no rank then
    assert main[["lo", "value", "hi"]].notna().all(axis=None)
    assert "hd95" not in set(tables["main"]["metric"])
    assert tables["metrics"].set_index("metric").loc["nsd", ["title", "unit", "better"]].tolist() == ["NSD", "%", "up"]
    for name in ("stress", "robustness"):
        assert set(tables[name]["metric"]) == {"dice", "consistency", "nsd"}
    report = (out / "report.md").read_text()
    assert "| NSD (%) ↑ |" in report and "drop in NSD" in report
    assert "NSD: share of both outlines' pixels within 2 pixels" in report
    only_nsd = (
        "NSD of empty masks, policy diagonal: 0 % where only one of the two masks is empty, 100 % where both are."
    )
    assert only_nsd in report
