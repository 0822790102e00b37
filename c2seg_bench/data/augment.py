"""Photometric augmentation. Nothing here moves a pixel: a flip would make the prompt's left and upper untrue."""

from __future__ import annotations

import numpy as np


def photometric(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Gain, bias, gamma and noise, drawn anew for every picture.

    Args:
        images: (B, 3, H, W) float in [0, 1].
        rng: decides everything.

    Returns:
        (B, 3, H, W) float32 in [0, 1]; the channels of a picture change alike, so that grey stays grey.
    """
    shape = (len(images), 1, 1, 1)
    gain, bias = rng.uniform(0.85, 1.15, shape), rng.uniform(-0.08, 0.08, shape)
    gamma, sigma = np.exp(rng.uniform(-0.2, 0.2, shape)), rng.uniform(0, 0.02, shape)
    noise = rng.standard_normal((len(images), 1, *images.shape[2:])) * sigma
    changed = np.clip(images, 0, 1) ** gamma * gain + bias + noise
    return np.clip(changed, 0, 1).astype(np.float32)
