"""Augmentation changes light, never places: the prompt's left and upper stay true."""

import numpy as np
import pytest
import torch

from c2seg_bench.engine.training.augment import LightChanges, normal_noise, photometric
from c2seg_bench.seeding import rng


def augmented(images: np.ndarray, *names: object) -> np.ndarray:
    changes = LightChanges.draw(len(images), rng(*names))
    return photometric(*(torch.from_numpy(x) for x in (images, changes.factors, changes.seeds))).numpy()


def batch() -> np.ndarray:
    """Each image one bright square on dark, in its own place."""
    images = np.full((4, 3, 32, 32), 0.3, np.float32)
    for i in range(4):
        images[i, :, 3 + 5 * i : 9 + 5 * i, 20 - 4 * i : 28 - 4 * i] = 0.7
    return images


def test_the_names_alone_decide_and_the_input_is_kept():
    images = batch()
    first, again, other = (augmented(images, "a", k) for k in (0, 0, 1))
    assert (first == again).all() and (first != other).any() and (images == batch()).all()
    assert first.dtype == np.float32 and first.shape == images.shape and first.min() >= 0 and first.max() <= 1


def test_bright_stays_bright_where_it_was():
    images = batch()
    for k in range(20):
        changed = augmented(images, "b", k)
        for before, after in zip(images, changed, strict=True):
            square = before > 0.5
            middle = (after[square].mean() + after[~square].mean()) / 2
            assert ((after > middle) == square).mean() > 0.98


def test_grey_stays_grey_and_images_differ():
    changed = augmented(np.full((6, 3, 8, 8), 0.5, np.float32), "c")
    assert changed[:, 0] == pytest.approx(changed[:, 1]) and changed[:, 0] == pytest.approx(changed[:, 2])
    assert np.ptp(changed.mean((1, 2, 3))) > 0.02


def test_the_arithmetic_is_gamma_gain_bias_and_noise_in_double_precision():
    images = rng("pictures").random((3, 3, 16, 16), dtype=np.float32)
    changes = LightChanges.draw(3, rng("d"))
    gain, bias, gamma, deviation = changes.factors.astype(float)[:, :, None, None, None].swapaxes(0, 1)
    noise = normal_noise(torch.from_numpy(changes.seeds), 16, 16).numpy()[:, None]
    expected = np.clip(images.astype(float) ** gamma * gain + bias + noise * deviation, 0, 1)
    np.testing.assert_allclose(augmented(images, "d"), expected, atol=1e-6)


def test_the_noise_is_standard_normal_and_unrelated_between_pixels_and_images():
    noise = normal_noise(torch.arange(8), 128, 128).double()
    flat = noise.flatten()
    moments = [float((flat**k).mean()) for k in (1, 2, 3, 4)]
    assert moments == pytest.approx([0, 1, 0, 3], abs=0.06) and flat.abs().max() < 5.8
    beside = torch.corrcoef(torch.stack([noise[:, :, 1:].flatten(), noise[:, :, :-1].flatten()]))[0, 1]
    between = torch.corrcoef(noise.flatten(1)) - torch.eye(8)
    assert abs(beside) < 0.02 and between.abs().max() < 0.04


def test_a_pixels_noise_depends_on_its_images_seed_alone():
    many, one = normal_noise(torch.tensor([5, 7, 2**31 - 1]), 8, 8), normal_noise(torch.tensor([7]), 8, 8)
    torch.testing.assert_close(many[1], one[0], rtol=0, atol=0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_gives_the_same_images_to_rounding():
    images, changes = torch.from_numpy(batch()), LightChanges.draw(4, rng("gpu"))
    numbers = [torch.from_numpy(x) for x in (changes.factors, changes.seeds)]
    on_gpu = photometric(images.cuda(), *(x.cuda() for x in numbers))
    torch.testing.assert_close(on_gpu.cpu(), photometric(images, *numbers), rtol=0, atol=2e-6)
