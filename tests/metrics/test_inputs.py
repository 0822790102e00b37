"""What masks and spacings may be: tensors, generators, channels, volumes, a spacing for each image."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from medpy.metric import binary as medpy
from scipy.ndimage import binary_erosion, distance_transform_edt

import metrics
from metrics.summary import fill_empty

volumes = st.tuples(*[st.integers(1, 7)] * 3).flatmap(lambda s: st.tuples(hnp.arrays(bool, s), hnp.arrays(bool, s)))


@pytest.fixture
def masks():
    rng = np.random.default_rng(0)
    return rng.random((5, 12, 9)) > 0.6, rng.random((5, 12, 9)) > 0.6


@pytest.mark.parametrize(
    "change",
    [
        lambda m: torch.tensor(m, dtype=torch.float32, requires_grad=True),
        lambda m: torch.tensor(m, dtype=torch.bfloat16),
        lambda m: torch.tensor(m),
        lambda m: m[:, None],
        lambda m: torch.tensor(m, dtype=torch.bfloat16, requires_grad=True)[:, None],
        lambda m: (mask for mask in m),
        lambda m: [mask.tolist() for mask in m],
    ],
    ids=["requires grad", "bfloat16", "bool tensor", "N1HW", "all of these", "generator", "lists"],
)
def test_masks_of_every_type_give_the_same_numbers(masks, change):
    expected = metrics.score_masks(*masks)
    assert metrics.score_masks(*(change(m) for m in masks)).equals(expected)
    pred, target = (change(m[:1]) for m in masks)
    if hasattr(pred, "ndim") and pred.ndim == 3:
        assert metrics.dice(pred[0], target[0]) == expected["dice"][0]
        assert metrics.hd95(pred[0], target[0]) == expected["hd95"][0]


@given(volumes, st.sampled_from([(1, 1, 1), (3, 0.5, 2)]))
@settings(max_examples=60, deadline=None)
def test_volumes_as_medpy(pair, spacing):
    pred, target = pair
    row = metrics.score_masks([pred], [target], spacing, metrics=["hd100", "precision", "pq"]).iloc[0]
    if pred.any() and target.any():
        assert row["dice"] == pytest.approx(medpy.dc(pred, target))
        assert row["hd95"] == pytest.approx(medpy.hd95(pred, target, spacing))
        assert row["assd"] == pytest.approx(medpy.assd(pred, target, spacing))
        assert row["hd100"] == pytest.approx(medpy.hd(pred, target, spacing))
        assert row["precision"] == pytest.approx(medpy.precision(pred, target))
    else:
        assert np.isnan(row["hd95"])
    assert (row["depth"], row["height"], row["width"]) == pred.shape


@pytest.mark.parametrize("spacing", [(1, 1, 1), (3, 0.5, 2), (0.1, 5, 1)])
@pytest.mark.parametrize("other", ["noise", "far corner", "one slice", "one column"])
def test_distances_of_volumes_as_scipy(other, spacing):
    shape = (9, 31, 45)
    noise, more_noise = np.random.default_rng(0).random((2, *shape)) < 0.4
    d, y, x = np.indices(shape)
    target = {"noise": more_noise, "far corner": d + y + x > 78, "one slice": d == 8, "one column": x == 44}[other]
    pred = noise & (x < 40)
    edges = [mask & ~binary_erosion(mask) for mask in (pred, target)]
    from_pred, from_target = metrics.surface_distances(pred, target, spacing)
    np.testing.assert_allclose(from_pred, distance_transform_edt(~edges[1], spacing)[edges[0]], rtol=1e-12)
    np.testing.assert_allclose(from_target, distance_transform_edt(~edges[0], spacing)[edges[1]], rtol=1e-12)


def filled(masks, shape):
    return fill_empty(metrics.score_masks(np.zeros_like(masks), masks), shape=shape)


@pytest.mark.parametrize("shape", [(3, 4), [3, 4], np.array([3, 4])])
def test_the_diagonal_of_a_stated_shape(masks, shape):
    assert set(filled(masks[0], shape)["hd95"]) == {5}


def test_the_diagonal_of_a_volume():
    none, some = np.zeros((3, 4, 12), bool), np.ones((3, 4, 12), bool)
    table = metrics.score_masks([none], [some])
    assert fill_empty(table)["hd95"].tolist() == [13]
    assert fill_empty(table, spacing=(2, 2, 2))["assd"].tolist() == [26]


def test_a_spacing_for_each_image(masks):
    steps = np.array([[1, 1], [0.5, 2], [3, 3], [1, 2], [0.1, 0.1]])
    table = metrics.score_masks(*masks, spacing=steps)
    alone = [metrics.score_masks(masks[0][i : i + 1], masks[1][i : i + 1], steps[i])["hd95"][0] for i in range(5)]
    assert table["hd95"].tolist() == alone
    none = np.zeros((2, 3, 4), bool)
    one_empty = metrics.score_masks(none, ~none, spacing=[[1, 1], [2, 2]])
    assert fill_empty(one_empty, spacing=[[1, 1], [2, 2]])["hd95"].tolist() == [5, 10]
    assert metrics.hd95(*(m[0] for m in masks), spacing=torch.tensor([0.5, 2.0])) == pytest.approx(
        medpy.hd95(masks[0][0], masks[1][0], (0.5, 2))
    )


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda m: metrics.score_masks(m, m, spacing=np.ones((3, 2))), "spacing of 3 images for 5"),
        (lambda m: metrics.score_masks(m, m, spacing=(1, 2, 3)), "two positive numbers"),
        (lambda m: metrics.hd95(m, m, spacing=(1, 2)), "three positive numbers"),
        (lambda m: metrics.hd95((x for x in m[0]), m[0]), "values of type object"),
        (lambda m: metrics.dice([[1, 0], [1]], m[0]), "not an array"),
        (lambda m: metrics.score_masks(m[None, None], m[None, None]), r"\(1, 1, 5, 12, 9\); give \(N, H, W\)"),
        (lambda m: metrics.score_masks(m, m, metrics=["nsd@x"]), "'nsd@x' is unknown"),
        (lambda m: metrics.score_masks([[[1, 0], [1]]], [m[0]]), r"image 0 \(counted from 0\): pred: not an array"),
        (lambda m: metrics.score_masks(None, m), "preds are of type NoneType"),
        (lambda m: metrics.score_masks("masks", m), "preds are of type str"),
        (lambda m: metrics.hd95(m[0], m[0], spacing=np.ones((9, 9))), r"spacing array\(\[\[1., 1., .*: give two"),
        (lambda m: filled(m, (12,)), r"shape \(12,\): give \(H, W\)"),
        (lambda m: filled(m, (1, 2, 3, 4)), "give"),
        (lambda m: filled(m, (12, "a")), "shape: not an array of numbers"),
        (lambda m: filled(m, (-12, 9)), "give"),
    ],
)
def test_refused_in_one_line(masks, call, line):
    with pytest.raises(metrics.InputError, match=line) as e:
        call(masks[0])
    assert "\n" not in str(e.value)


def test_the_old_name_of_the_larger_percentile(masks):
    pair = masks[0][0], masks[1][0]
    assert metrics.hd95(*pair, variant="directed") == metrics.hd95(*pair, variant="larger")


def test_metrics_at_a_number(masks):
    table = metrics.score_masks(*masks, metrics=["nsd@1", "nsd@2", "p@0.25"])
    assert list(table.columns[-3:]) == ["nsd@1", "nsd", "p@0.25"]  # 2 is the default tolerance, one name for one metric
    assert (table["nsd@1"] <= table["nsd"]).all()
    assert table["p@0.25"].tolist() == (table["iou"] >= 0.25).astype(float).tolist()
    assert metrics.summarise(table)["p@0.25"] == table["p@0.25"].mean()
