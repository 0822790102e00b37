"""Values that a model may return as a mask, and the errors for others."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from c2seg_bench.data.images.resize import resized_mask
from c2seg_bench.errors import InputError
from c2seg_bench.outside.masks import mask_of

MASK = np.zeros((6, 6), bool)
MASK[1:4, 2:5] = True


@pytest.mark.parametrize(
    "answer",
    [
        MASK,
        MASK.astype(np.uint8),
        MASK.astype(np.int64) * 255,
        MASK.astype(np.float32),
        MASK * 255.0,
        np.where(MASK, 0.51, 0.5),
        MASK[None],
        MASK[..., None],
        torch.from_numpy(MASK)[None, None],
        MASK[None, ..., None],
        MASK.tolist(),
        torch.from_numpy(MASK),
        torch.from_numpy(MASK).bfloat16().requires_grad_() * 0.75,
    ],
    ids=[
        "bool",
        "01",
        "0255",
        "float01",
        "float0255",
        "probability",
        "1HW",
        "HW1",
        "11HW",
        "1HW1",
        "list",
        "tensor",
        "bfloat16",
    ],
)
def test_every_form_of_a_mask_is_the_same_mask(answer) -> None:
    assert (mask_of(answer, (6, 6), 6) == MASK).all()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (np.zeros((6, 5)), r"an array of shape \(6, 5\) for an image of 6x6 pixels; return \(6, 6\)"),
        (np.zeros((2, 6, 6)), r"an array of shape \(2, 6, 6\)"),
        (np.full((6, 6), np.nan), "nothing but nan; return"),
        (np.where(MASK, np.nan, 0), "nan in 9 pixels; return"),
        (np.where(MASK, 3.5, -2.0), r"values from -2 to 3.5; .*\(apply the sigmoid to logits\)"),
        (MASK * 2, r"values from 0 to 2; .*0/1, 0/255, .*\(255 where the lesion is\)"),
        (np.where(MASK, 255, 128).astype(np.uint8), "values from 128 to 255"),
        (np.where(MASK, np.inf, 0), "values from 0 to inf"),
        (None, "a NoneType instead of a mask; return"),
        ("mask.png", "a str instead of a mask"),
    ],
)
def test_what_is_no_mask_is_refused_with_what_was_expected(answer, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        mask_of(answer, (6, 6), 6)


@given(arrays(bool, st.tuples(st.integers(8, 40), st.integers(8, 40))), st.integers(8, 24))
def test_a_mask_of_another_size_is_brought_to_the_suites_as_an_experts_mask_is(mask: np.ndarray, size: int) -> None:
    assert (mask_of(mask, mask.shape, size) == resized_mask(mask.astype(np.uint8), size).astype(bool)).all()


def test_probabilities_are_cut_before_they_are_resized() -> None:
    answer = np.zeros((16, 16))
    answer[:8] = 0.6  # an average of probabilities would be 0.3 where a pixel is half lesion
    assert mask_of(answer, (16, 16), 8)[:4].all() and not mask_of(answer, (16, 16), 8)[4:].any()
