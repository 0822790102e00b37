"""The numbers of `score`: medpy's, the same whatever the threads, and what empty masks count."""

import json

import numpy as np
import pytest
from medpy.metric import binary as medpy

from tests.c2seg_bench.scoring.score_command import FIXED, blob, run, save


def test_medpys_numbers_to_a_millionth(folder):
    _, table = run(folder)
    assert list(table.columns[:14]) == FIXED
    assert table["image"].tolist() == [f"covid_{k}" for k in range(5)]
    for k, row in table.iterrows():
        pred, target = blob(k), blob(k + 50)
        for name, function in (("dice", medpy.dc), ("iou", medpy.jc), ("hd95", medpy.hd95), ("assd", medpy.assd)):
            assert row[name] == pytest.approx(function(pred, target), abs=1e-6)
    assert table[FIXED[7:]].isna().all(axis=None)
    assert (table[["pred_empty", "target_empty"]] == 0).all(axis=None)


def test_json_is_one_object_and_the_mean_of_the_rows(folder):
    result, table = run(folder, "--json")
    summary = json.loads(result.stdout)
    assert result.stdout.count("\n") == 1
    assert summary["n"] == 5
    for name in ("dice", "iou", "hd95", "assd"):
        assert summary[name] == pytest.approx(table[name].mean())
        low, high = summary["interval"][name]
        assert low < summary[name] < high
    inter, areas = table["inter"].sum(), table["pred_area"].sum() + table["target_area"].sum()
    assert summary["pooled"]["dice"] == pytest.approx(2 * inter / areas)
    assert "consistency" not in summary


def test_table_on_the_terminal(folder):
    result, table = run(folder)
    printed = result.stdout.replace(" ", "")
    assert f"Dice,%│{100 * table['dice'].mean():.2f}│" in printed and f"HD95,px│{table['hd95'].mean():.2f}│" in printed
    assert "5 images" in result.stdout and "empty" not in result.stdout


def test_the_same_whatever_the_threads(folder):
    assert run(folder, "--workers", 1)[1].equals(run(folder, "--workers", 3)[1])


@pytest.mark.parametrize(
    ("empty", "hd95"), [("diagonal", (np.hypot(40, 50) * 2 + 0 + 0) / 4), ("skip", 0), ("nan", None)]
)
def test_empty_masks(tmp_path, empty, hd95):
    some, none = blob(1), np.zeros((40, 50), bool)
    for name, pred, target in (("a", some, some), ("b", none, some), ("c", some, none), ("d", none, none)):
        save(tmp_path / "preds" / f"{name}.png", pred)
        save(tmp_path / "targets" / f"{name}.png", target)
    result, table = run(tmp_path, "--empty", empty, "--json")
    summary = json.loads(result.stdout)
    assert table["pred_empty"].tolist() == [0, 1, 0, 1] and table["target_empty"].tolist() == [0, 0, 1, 1]
    assert table["hd95"].isna().tolist() == [False, True, True, True]
    assert summary["hd95"] == (None if hd95 is None else pytest.approx(hd95))
    assert (summary["only_pred_empty"], summary["only_target_empty"], summary["both_empty"]) == (1, 1, 1)
    assert summary["dice"] == 0.5
