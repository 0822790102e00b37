import numpy as np
import pytest
from medpy.metric import binary as medpy

import metrics
from metrics.summary import fill_empty


@pytest.fixture
def masks():
    rng = np.random.default_rng(3)
    return rng.random((70, 12, 9)) > 0.7, rng.random((70, 12, 9)) > 0.6


def one(*pixels, shape=(3, 4)):
    mask = np.zeros(shape, bool)
    for p in pixels:
        mask[p] = True
    return mask


@pytest.fixture
def with_empties():
    """Both there, prediction empty, target empty, both empty; 3 x 4, a diagonal of 5."""
    preds = [one((0, 0)), one(), one((1, 1), (1, 2)), one()]
    targets = [one((0, 3)), one((2, 2)), one(), one()]
    return metrics.score_masks(preds, targets)


def test_as_medpy_row_by_row(masks):
    table = metrics.score_masks(*masks, spacing=(0.5, 2))
    assert list(table.columns[:6]) == ["dice", "iou", "hd95", "assd", "pred_empty", "target_empty"]
    for row, pred, target in zip(table.itertuples(), *masks, strict=True):
        assert row.dice == pytest.approx(medpy.dc(pred, target), abs=1e-12)
        assert row.iou == pytest.approx(medpy.jc(pred, target), abs=1e-12)
        assert row.hd95 == pytest.approx(medpy.hd95(pred, target, (0.5, 2)), abs=1e-9)
        assert row.assd == pytest.approx(medpy.assd(pred, target, (0.5, 2)), abs=1e-9)
        assert (row.inter, row.pred_area, row.target_area) == ((pred & target).sum(), pred.sum(), target.sum())
        assert (row.height, row.width) == pred.shape


def test_threads_types_and_lists_give_the_same(masks):
    alone = metrics.score_masks(*masks, workers=1)
    others = [
        metrics.score_masks(*masks, workers=4),
        metrics.score_masks(masks[0].astype(np.uint8), list(masks[1].astype(float))),
        metrics.score_masks(*(np.asfortranarray(m) for m in masks)),
    ]
    for other in others:
        assert alone.equals(other)


def test_images_of_different_shapes():
    shapes = [(5, 7), (12, 3), (1, 1)]
    table = metrics.score_masks([np.ones(s, bool) for s in shapes], [np.ones(s, bool) for s in shapes])
    assert list(zip(table.height, table.width, strict=True)) == shapes
    assert (table.dice == 1).all() and (table.hd95 == 0).all()


def test_no_images():
    table = metrics.score_masks([], [])
    assert len(table) == 0 and "hd95" in table
    assert np.isnan(metrics.summarise(table)["dice"])


def test_flags_of_empty_masks(with_empties):
    assert with_empties.pred_empty.tolist() == [0, 1, 0, 1]
    assert with_empties.target_empty.tolist() == [0, 0, 1, 1]
    assert with_empties.dice.tolist() == [0, 0, 0, 1]
    assert with_empties.hd95.isna().tolist() == [False, True, True, True]


@pytest.mark.parametrize(
    ("empty", "mean", "n"), [("diagonal", (3 + 5 + 5 + 0) / 4, 4), ("skip", 3, 1), ("nan", np.nan, 1)]
)
def test_policies(with_empties, empty, mean, n):
    summary = metrics.summarise(with_empties, empty=empty)
    assert summary["hd95"] == pytest.approx(mean, nan_ok=True)
    assert summary["assd"] == pytest.approx(mean, nan_ok=True)
    assert summary["n_distance"] == n and summary["n"] == 4 and summary["empty"] == empty
    touched = [summary[k] for k in ("only_pred_empty", "only_target_empty", "both_empty")]
    assert touched == [1, 1, 1]
    assert summary["dice"] == 0.25  # the policy is about distances only


def test_diagonal_in_the_unit_of_spacing_and_of_a_stated_shape(with_empties):
    assert fill_empty(with_empties, spacing=(2, 2)).hd95.tolist() == [3, 10, 10, 0]
    bare = with_empties.drop(columns=["height", "width"])
    assert fill_empty(bare, shape=(6, 8)).assd.tolist() == [3, 10, 10, 0]
    assert with_empties.hd95.isna().sum() == 3  # the table given is left as it was


def test_pooled_keeps_the_identity_and_per_image_does_not(masks):
    table = metrics.score_masks(*masks)
    pooled = metrics.summarise(table, aggregation="pooled")
    assert pooled["dice"] == pytest.approx(metrics.dice(*masks))
    assert pooled["iou"] == pytest.approx(metrics.iou(*masks))
    assert pooled["dice"] == pytest.approx(2 * pooled["iou"] / (1 + pooled["iou"]))
    mean = metrics.summarise(table)
    assert mean["dice"] < 2 * mean["iou"] / (1 + mean["iou"])
    assert mean["dice"] == pytest.approx(np.mean([medpy.dc(p, t) for p, t in zip(*masks, strict=True)]))


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda m: metrics.score_masks(m, m[:3]), "4 preds and 3 targets"),
        (lambda m: metrics.score_masks(m[0], m[0]), r"shape \(3, 4\); give \(N, H, W\)"),
        (lambda m: metrics.score_masks(list(m), [*m[:2], m[2].T, m[3]]), "image 2 .counted from 0.: pred is"),
        (lambda m: metrics.score_masks(m * 255, m), "image 0 .counted from 0.: pred: value 255"),
        (lambda m: metrics.score_masks([m[0], m], [m[0], m]), "image 1 .counted from 0.: masks have 3 axes, those of"),
        (lambda m: metrics.score_masks(m, m, workers=0), "workers is 0"),
        (lambda m: metrics.summarise(metrics.score_masks(m, m), empty="zero"), "diagonal, skip, nan"),
        (lambda m: metrics.summarise(metrics.score_masks(m, m), aggregation="batch"), "per-image, pooled"),
        (lambda m: metrics.summarise(metrics.score_masks(m, m)[["dice"]]), "no column iou, hd95"),
    ],
)
def test_wrong_input(call, line):
    with pytest.raises(metrics.InputError, match=line):
        call(np.ones((4, 3, 4), np.uint8))
