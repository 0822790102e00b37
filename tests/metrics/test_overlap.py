import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from medpy.metric import binary as medpy

import metrics

masks = hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=9).flatmap(
    lambda shape: st.tuples(hnp.arrays(bool, shape), hnp.arrays(bool, shape))
)


@given(masks)
@settings(max_examples=60, deadline=None)
def test_any_shape_as_medpy(pair):
    pred, target = pair
    if pred.any() or target.any():
        assert metrics.dice(pred, target) == pytest.approx(medpy.dc(pred, target), abs=1e-12)
        assert metrics.iou(pred, target) == pytest.approx(medpy.jc(pred, target), abs=1e-12)
    d = metrics.dice(pred, target)
    assert metrics.iou(pred, target) == pytest.approx(d / (2 - d), abs=1e-12)
    assert metrics.dice(target, pred) == d


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64, np.float32])
def test_any_type_of_zeros_and_ones(dtype):
    pred, target = np.array([[1, 1, 0], [1, 0, 0]], dtype), np.array([[1, 0, 0], [1, 0, 1]], dtype)
    assert metrics.dice(pred, target) == pytest.approx(2 * 2 / 6)
    assert metrics.iou(pred, target) == pytest.approx(2 / 4)


def test_empty_masks():
    none, some = np.zeros((4, 4), bool), np.eye(4, dtype=bool)
    assert metrics.dice(none, none) == metrics.iou(none, none) == 1.0
    assert metrics.dice(none, some) == metrics.iou(some, none) == 0.0


@pytest.mark.parametrize(
    ("pred", "target", "line"),
    [
        (np.zeros((2, 2)), np.zeros((2, 3)), r"pred is \(2, 2\), target \(2, 3\)"),
        (np.full((2, 2), 255, np.uint8), np.zeros((2, 2)), "pred: value 255 is neither 0 nor 1"),
        (np.zeros((2, 2)), np.full((2, 2), 0.5), "target: value 0.5"),
        (np.full((2, 2), np.nan), np.zeros((2, 2)), "pred: value nan"),
        (np.array(["a", "b"]), np.zeros(2), "pred: values of type <U1"),
    ],
)
def test_wrong_input(pred, target, line):
    for score in (metrics.dice, metrics.iou):
        with pytest.raises(metrics.InputError, match=line) as e:
            score(pred, target)
        assert "\n" not in str(e.value)


def test_import_is_light():
    code = "import metrics, sys; print(sorted({'torch', 'numba', 'pandas', 'spacy', 'scipy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_name_is_there():
    for name in metrics.__all__:
        assert getattr(metrics, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'dicee'"):
        metrics.dicee  # noqa: B018
