"""Which trainings collapsed, and that they take no part in letters, ranks and references."""

import json

import numpy as np
import pandas as pd
import pytest

from c2seg_bench.results.collapsed import collapses, likeness
from c2seg_bench.results.grid import Grid
from c2seg_bench.results.write import write_tables
from c2seg_bench.rundir import RunDir
from tests.c2seg_bench.results.big_run import make_run

N, SIZE = 40, 12


def discs(seed):
    """N masks of one lesion each, of different size and place."""
    rng, (y, x) = np.random.default_rng(seed), np.mgrid[:SIZE, :SIZE]
    places = rng.uniform(3, 9, (N, 2))
    return np.stack(
        [(y - a) ** 2 + (x - b) ** 2 < r**2 for (a, b), r in zip(places, rng.uniform(1, 4, N), strict=True)]
    )


def found(masks_by_seed, targets):
    rows = [
        {"method": "m", "seed": seed, "condition": "clean", "image": f"i{k}", "pred_area": mask.sum(),
         "pred_empty": int(not mask.any()), "target_empty": int(not target.any())}
        for seed, masks in masks_by_seed.items() for k, (mask, target) in enumerate(zip(masks, targets, strict=True))
    ]  # fmt: skip
    return collapses(Grid(pd.DataFrame(rows)), targets, lambda method, seed: masks_by_seed[seed])


def test_masks_that_are_nearly_all_empty():
    nearly = np.zeros((N, SIZE, SIZE), bool)
    nearly[:4] = discs(1)[:4]
    [(name, collapse)] = found({0: nearly, 1: discs(2)}, discs(0)).items()
    assert (name, collapse.empty, collapse.constant, collapse.unranked) == ("m", [0], [], False)
    assert found({0: nearly, 1: nearly}, discs(0))["m"].unranked


def test_empty_masks_where_nothing_is_to_be_segmented_are_right():
    targets = discs(0)
    targets[:30] = False
    masks = discs(1)
    masks[:30] = False
    assert found({0: masks}, targets) == {}
    masks[30:] = False  # the pictures with a lesion get none
    assert found({0: masks}, targets)["m"].empty == [0]


def test_one_mask_for_every_picture():
    constant = np.broadcast_to(discs(3)[0], (N, SIZE, SIZE)).copy()
    assert found({0: constant}, discs(0))["m"].constant == [0]
    constant[:2, 0, 0] ^= True  # a pixel here and there
    assert found({0: constant}, discs(0))["m"].constant == [0]


def test_masks_of_one_size_in_different_places_are_no_constant():
    y, x = np.mgrid[:SIZE, :SIZE]
    moved = np.stack([(abs(y - k % 8 - 2) < 2) & (abs(x - k // 5 - 2) < 2) for k in range(N)])
    assert np.ptp(moved.sum(axis=(1, 2))) == 0
    assert found({0: moved}, discs(0)) == {}


def test_where_the_experts_masks_are_the_same_too():
    same = np.broadcast_to(discs(3)[0], (N, SIZE, SIZE))
    assert found({0: same}, same) == {}


def test_likeness():
    masks = discs(0)
    assert likeness(np.broadcast_to(masks[0], masks.shape)) == 1
    assert likeness(np.zeros((3, 4, 4), bool)) == 1
    assert likeness(masks) < 0.8


@pytest.mark.slow
def test_a_collapsed_method_leads_no_table(tmp_path):
    out = make_run(tmp_path / "run", methods=4, datasets=1, seeds=2, images=30)
    files, best = RunDir(out), "convirt"
    scores = pd.read_parquet(files.scores)
    mine = scores["method"] == best
    scores.loc[mine, ["dice", "iou"]] = 0.999  # as where nearly all of the experts' masks are empty
    scores.loc[mine, "pred_empty"] = 1
    scores.to_parquet(files.scores, index=False)
    write_tables(out)
    entry = json.loads(files.about.read_text())["datasets"]["d0"]["collapsed"]
    assert entry == {best: {"empty": [0, 1], "constant": [], "seeds": 2, "unranked": True}}
    main = pd.read_csv(files.table("main"), keep_default_na=False)
    rows = main[(main["method"] == best)]
    assert (rows["group"] == "").all() and (rows["rank_lo"] == "").all()
    assert {"a"} <= set(main[(main["metric"] == "dice") & (main["method"] != best)]["group"])
    summed = pd.read_csv(files.table("robustness"), keep_default_na=False)
    assert best not in set(summed["reference"]) and set(summed.loc[summed["method"] == best, "group"]) == {""}
