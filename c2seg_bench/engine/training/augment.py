"""Photometric augmentation. It moves no pixel: a flip would make "left" and "upper" in the prompt untrue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

WORD = 0xFFFFFFFF  # 32 bits


@dataclass(frozen=True)
class LightChanges:
    """The random numbers of `photometric`: a few per image, drawn on the CPU.

    factors (B, 4) float32: gain, bias, gamma and standard deviation of the noise; seeds (B,) int64: of the noise, 31
    bits each.
    """

    factors: np.ndarray
    seeds: np.ndarray

    @classmethod
    def draw(cls, count: int, rng: np.random.Generator) -> LightChanges:
        """Numbers for `count` images."""
        gain, bias = rng.uniform(0.85, 1.15, count), rng.uniform(-0.08, 0.08, count)
        gamma, deviation = np.exp(rng.uniform(-0.2, 0.2, count)), rng.uniform(0, 0.02, count)
        factors = np.stack([gain, bias, gamma, deviation], axis=1).astype(np.float32)
        return cls(factors, rng.integers(2**31, size=count))


def photometric(images: Tensor, factors: Tensor, seeds: Tensor) -> Tensor:
    """Gamma, gain, bias and noise on the images' own device; CPU and GPU agree to rounding.

    Args:
        images: (B, 3, H, W) float in [0, 1].
        factors: (B, 4) float32, see `LightChanges`.
        seeds: (B,) int64, see `LightChanges`.

    Returns:
        (B, 3, H, W) float32 in [0, 1]. The channels of an image change alike, so that grey stays grey.
    """
    gain, bias, gamma, deviation = factors[:, :, None, None, None].unbind(1)  # (B, 1, 1, 1) each
    noise = normal_noise(seeds, *images.shape[2:])[:, None] * deviation
    return (images.clamp(0, 1).pow(gamma) * gain + bias + noise).clamp_(0, 1)


def normal_noise(seeds: Tensor, height: int, width: int) -> Tensor:
    """Standard normal numbers that depend on the seed and the pixel alone, on any device.

    A hash of seed and pixel gives two uniform numbers of 24 bits, Box and Muller (1958) make one normal of them; its
    absolute value is at most 5.8.

    Args:
        seeds: (B,) int64 in [0, 2**31).

    Returns:
        (B, height, width) float32.
    """
    pixel = torch.arange(height * width, device=seeds.device).view(height, width)
    start = _hashed(seeds)[:, None, None] + 2 * pixel
    radius, angle = ((_hashed((start + k) & WORD) >> 8).float() for k in (0, 1))
    return ((radius + 1) * 2**-24).log_().mul_(-2).sqrt_().mul_(torch.cos(angle * (2 * np.pi * 2**-24)))


def _hashed(x: Tensor) -> Tensor:
    """A hash of 32 bits, in int64; products wrap around, which leaves their low 32 bits right.

    Source: Wellons, hash-prospector (lowbias32, improved constants).
    """
    x = ((x ^ (x >> 16)) * 0x21F0AAAD) & WORD
    x = ((x ^ (x >> 15)) * 0xD35A2D97) & WORD
    return x ^ (x >> 15)
