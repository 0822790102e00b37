import math

import pytest
import torch

from baselines.losses import balanced_bce_dice, bce_batch_dice, bce_dice, bce_squared_dice, two_class_cross_entropy

LOSSES = [bce_dice, balanced_bce_dice, bce_squared_dice, bce_batch_dice]


def _pixels(logits, target):
    """Per image: lists of (probability, target)."""
    for one, wanted in zip(logits.tolist(), target.tolist(), strict=True):
        rows = zip(sum(one[0], []), sum(wanted[0], []), strict=True)
        yield [(1 / (1 + math.exp(-x)), t) for x, t in rows]


def _entropy(p, t):
    return -math.log(p if t else 1 - p)


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(3, 1, 5, 4, generator=generator)
    target = (torch.rand(3, 1, 5, 4, generator=generator) > 0.6).float()
    target[2] = 0  # an image without foreground
    return logits, target


def test_bce_dice_is_the_loop_over_its_definition(batch):
    images = list(_pixels(*batch))
    every = [pixel for image in images for pixel in image]
    bce = sum(_entropy(p, t) for p, t in every) / len(every)
    dice = [
        (2 * sum(p * t for p, t in image) + 1e-5) / (sum(p for p, _ in image) + sum(t for _, t in image) + 1e-5)
        for image in images
    ]
    assert bce_dice(*batch).item() == pytest.approx(0.5 * bce + 1 - sum(dice) / 3, rel=1e-5)


def test_balanced_is_the_loop_over_its_definition(batch):
    images = list(_pixels(*batch))
    fore = [_entropy(p, t) for image in images for p, t in image if t]
    back = [_entropy(p, t) for image in images for p, t in image if not t]
    dice = [
        (2 * sum(p * t for p, t in image) + 1e-5) / (sum(p * p + t * t for p, t in image) + 1e-5) for image in images
    ]
    expected = 0.5 * (0.5 * sum(fore) / len(fore) + 0.5 * sum(back) / len(back)) + 0.5 * (1 - sum(dice) / 3)
    assert balanced_bce_dice(*batch).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_sure_and_right_mask_costs_nothing_and_a_sure_and_wrong_one_much(loss):
    target = torch.zeros(2, 1, 8, 8)
    target[0, :, 2:5, 2:5] = 1
    sure = 200 * (target - 0.5)
    assert loss(sure, target).item() == pytest.approx(0, abs=1e-6)
    assert loss(-sure, target).item() > 10


@pytest.mark.parametrize("loss", LOSSES)
def test_half_precision_is_summed_in_float32(loss):
    logits, target = torch.full((1, 1, 224, 224), 4.0), torch.ones(1, 1, 224, 224)
    exact = loss(logits, target)
    assert loss(logits.bfloat16(), target.bfloat16()).item() == pytest.approx(exact.item(), rel=1e-6)


@pytest.mark.parametrize("loss", LOSSES)
def test_shapes_that_would_broadcast_are_refused(loss):
    with pytest.raises(ValueError, match=r"logits \(2, 1, 4, 4\) and target \(2, 4, 4\) differ in shape"):
        loss(torch.zeros(2, 1, 4, 4), torch.zeros(2, 4, 4))


def test_squared_dice_beside_the_plain_entropy(batch):
    images = list(_pixels(*batch))
    entropy = [_entropy(p, t) for image in images for p, t in image]
    dice = [
        (2 * sum(p * t for p, t in image) + 1e-5) / (sum(p * p + t * t for p, t in image) + 1e-5) for image in images
    ]
    expected = 0.5 * sum(entropy) / len(entropy) + 0.5 * (1 - sum(dice) / 3)
    assert bce_squared_dice(*batch).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("smooth", [1e-5, 1.0])
def test_dice_over_the_batch_is_one_sum(batch, smooth):
    pixels = [pixel for image in _pixels(*batch) for pixel in image]
    entropy = sum(_entropy(p, t) for p, t in pixels) / len(pixels)
    dice = (2 * sum(p * t for p, t in pixels) + smooth) / (sum(p + t for p, t in pixels) + smooth)
    assert bce_batch_dice(*batch, smooth=smooth).item() == pytest.approx(entropy + 1 - dice, rel=1e-5)


def test_images_that_do_not_count_are_as_if_they_were_not_there(batch):
    logits, target = batch
    rows = torch.tensor([True, False, True])
    expected = two_class_cross_entropy(logits[rows], target[rows])
    torch.testing.assert_close(two_class_cross_entropy(logits, target, rows=rows), expected)
    assert two_class_cross_entropy(logits, target, rows=rows & False).item() == 0
