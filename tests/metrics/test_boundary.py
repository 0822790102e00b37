import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from medpy.metric import binary as medpy

import metrics
from metrics import _distances
from metrics._statistics import mean, percentile
from metrics.measuring import Workspace, measure

shapes = st.tuples(st.integers(1, 17), st.integers(1, 17))
pairs = shapes.flatmap(lambda s: st.tuples(hnp.arrays(bool, s), hnp.arrays(bool, s))).filter(
    lambda p: p[0].any() and p[1].any()
)
spacings = st.tuples(st.floats(0.05, 20), st.floats(0.05, 20))


def blob(seed, shape=(224, 224), noise=0.0):
    """A smooth random blob of about a tenth of the image, with a share of pixels flipped."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]] / max(shape)
    field = sum(rng.normal() * np.cos(7 * (x * np.cos(a) + y * np.sin(a)) + b) for a, b in rng.random((9, 2)) * 6)
    return (field > np.quantile(field, 0.9)) ^ (rng.random(shape) < noise)


def by_definition(pred, target, spacing):
    """Every boundary pixel against every other, straight from the definition."""

    def edge(mask):
        rows, columns = mask.shape
        around = ((-1, 0), (1, 0), (0, -1), (0, 1))
        return [
            (r * spacing[0], c * spacing[1])
            for r, c in np.argwhere(mask)
            if any(not (0 <= r + i < rows and 0 <= c + j < columns and mask[r + i, c + j]) for i, j in around)
        ]

    a, b = np.array(edge(pred)), np.array(edge(target))
    far = np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1])
    return far.min(axis=1), far.min(axis=0)


@given(pairs, spacings)
@settings(max_examples=120, deadline=None)
def test_as_medpy(pair, spacing):
    pred, target = pair
    assert metrics.hd95(pred, target, spacing) == pytest.approx(medpy.hd95(pred, target, spacing), abs=1e-9)
    assert metrics.assd(pred, target, spacing) == pytest.approx(medpy.assd(pred, target, spacing), abs=1e-9)


@given(pairs, spacings)
@settings(max_examples=60, deadline=None)
def test_distances_and_directed_by_definition(pair, spacing):
    from_pred, from_target = by_definition(*pair, spacing)
    distances = metrics.surface_distances(*pair, spacing)
    np.testing.assert_allclose(distances[0], from_pred, atol=1e-9)
    np.testing.assert_allclose(distances[1], from_target, atol=1e-9)
    directed = max(np.percentile(from_pred, 95), np.percentile(from_target, 95))
    assert metrics.hd95(*pair, spacing, variant="directed") == pytest.approx(directed, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("noise", [0.0, 0.003])
def test_whole_images_as_medpy(seed, noise):
    pred, target = blob(seed, (224, 200)), blob(seed + 100, (224, 200), noise)
    for spacing in ((1, 1), (0.7, 2.3)):
        assert metrics.hd95(pred, target, spacing) == pytest.approx(medpy.hd95(pred, target, spacing), abs=1e-9)
        assert metrics.assd(pred, target, spacing) == pytest.approx(medpy.assd(pred, target, spacing), abs=1e-9)


def test_the_definitions_differ_on_one_stray_pixel():
    # 14 x 14: a square of 3 x 3; the target has one pixel more, far away in the other corner
    square = np.zeros((14, 14), bool)
    square[9:12, 9:12] = True
    stray = square.copy()
    stray[1, 1] = True
    assert metrics.hd95(square, stray) == pytest.approx(2.2627, abs=5e-5)
    assert metrics.hd95(square, stray, variant="directed") == pytest.approx(6.7882, abs=5e-5)
    assert metrics.assd(square, stray) == pytest.approx(0.6655, abs=5e-5)


def test_one_pixel_in_each_far_corner():
    # the longest search there is: all columns, no boundary pixel in any but the last
    pred, target = np.zeros((300, 400), bool), np.zeros((300, 400), bool)
    pred[0, 0] = target[-1, -1] = True
    assert metrics.hd95(pred, target, (2, 0.5)) == pytest.approx(np.hypot(299 * 2, 399 * 0.5))


FAR_APART = {
    "noise and a far lesion": lambda y, x, noise: (noise, (y > 54) & (x > 54)),
    "noise and a far row": lambda y, x, noise: (noise & (y < 30), y == 60),
    "noise and a far diagonal": lambda y, x, noise: (noise & (x + y < 40), x + y == 85),
    "noise and noise in one half": lambda y, x, noise: (noise, noise.T & (x > 25)),
    "checkerboard and a far column": lambda y, x, noise: ((x + y) % 2 == 0, x == 60),
    "checkerboard and a far row": lambda y, x, noise: ((x + y) % 2 == 0, y == 60),
    "stripes across stripes": lambda y, x, noise: (x % 3 == 0, y % 4 == 0),
    "half a checkerboard": lambda y, x, noise: (((x + y) % 2 == 0) & (x < 30), (x == 60) & (y > 30)),
}


@pytest.mark.parametrize("spacing", [(1, 1), (0.7, 2.3), (3, 0.1), (1e-9, 1)])
@pytest.mark.parametrize("kind", FAR_APART)
def test_distances_are_exact_for_many_boundary_pixels_far_from_the_other_mask(kind, spacing):
    y, x = np.mgrid[:61, :61]
    pred, target = FAR_APART[kind](y, x, np.random.default_rng(0).random((61, 61)) < 0.5)
    for measured, expected in zip(
        metrics.surface_distances(pred, target, spacing), by_definition(pred, target, spacing), strict=True
    ):
        np.testing.assert_allclose(measured, expected, rtol=1e-12, atol=1e-12)


@given(st.lists(shapes.flatmap(lambda s: st.tuples(hnp.arrays(bool, s), hnp.arrays(bool, s))), min_size=1, max_size=9))
@settings(max_examples=60, deadline=None)
def test_pairs_measured_together_have_the_same_numbers_as_alone(masks):
    workspace = Workspace()
    measure([pair[::-1] for pair in masks], [(3.0, 0.5)] * len(masks), workspace)  # leaves other numbers in it
    together = measure(masks, [(1.0, 1.0)] * len(masks), workspace)
    for measured, (pred, target) in zip(together, masks, strict=True):
        assert measured.counts == ((pred & target).sum(), pred.sum(), target.sum())
        np.testing.assert_array_equal(measured.from_pred, metrics.surface_distances(pred, target)[0])
        np.testing.assert_array_equal(measured.from_target, metrics.surface_distances(pred, target)[1])
        np.testing.assert_array_equal(measured.pooled, np.concatenate([measured.from_pred, measured.from_target]))


@given(
    hnp.arrays(float, st.integers(1, 40), elements=st.one_of(st.floats(0, 1e9), st.integers(0, 4).map(float))),
    st.floats(0, 1),
)
@settings(max_examples=300, deadline=None)
def test_the_percentile_is_numpys_to_the_last_digit_and_the_mean_to_rounding(values, share):
    before = values.copy()
    assert mean(values) == pytest.approx(np.mean(values), rel=1e-14)
    assert percentile(values, share) == np.quantile(values, share)
    np.testing.assert_array_equal(values, before)


@given(pairs)
@settings(max_examples=40, deadline=None)
def test_symmetric_and_zero_on_itself(pair):
    for score in (metrics.hd95, metrics.assd):
        assert score(*pair) == pytest.approx(score(*pair[::-1]), abs=1e-12)
        assert score(pair[0], pair[0]) == 0
        assert score(*(m.T for m in pair)) == pytest.approx(score(*pair), abs=1e-12)


def test_views_and_read_only_arrays():
    pred, target = blob(1), blob(2)
    expected = metrics.hd95(pred[::2, ::-2].copy(), target[::2, ::-2].copy())
    target.setflags(write=False)
    assert metrics.hd95(pred[::2, ::-2], target[::2, ::-2]) == expected
    assert metrics.hd95(pred.astype(np.float32)[::2, ::-2], target[::2, ::-2].astype(np.uint8)) == expected
    assert metrics.hd95(target, pred) == metrics.hd95(pred, target)
    assert len(_distances.distances.signatures) == 1  # compiled once, whatever came in


def test_empty_masks_have_no_distance():
    none, some = np.zeros((5, 5), bool), np.eye(5, dtype=bool)
    for pair in ((none, some), (some, none), (none, none)):
        assert np.isnan(metrics.hd95(*pair)) and np.isnan(metrics.assd(*pair))
        assert np.isnan(metrics.hd95(*pair, variant="directed"))
        assert [d.size for d in metrics.surface_distances(*pair)] == [0, 0]


@pytest.mark.parametrize(
    ("arguments", "options", "line"),
    [
        ((np.ones((2, 2)), np.ones((3, 2))), {}, "resize one"),
        ((np.ones(4), np.ones(4)), {}, "masks have 1 axes"),
        ((np.full((2, 2), 2), np.ones((2, 2))), {}, "neither 0 nor 1"),
        ((np.ones((2, 2)), np.ones((2, 2))), {"spacing": (1, 0)}, "spacing"),
        ((np.ones((2, 2)), np.ones((2, 2))), {"spacing": (1, 1, 1)}, "two positive numbers"),
        ((np.ones((2, 2)), np.ones((2, 2))), {"spacing": "wide"}, "two positive numbers"),
        ((np.ones((2, 2)), np.ones((2, 2))), {"variant": "monai"}, "'pooled' and 'larger'"),
    ],
)
def test_wrong_input(arguments, options, line):
    with pytest.raises(metrics.InputError, match=line):
        metrics.hd95(*arguments, **options)
