"""Geometry that the phantoms are drawn with: everything in unit coordinates, x to the right, y down."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Lesion:
    """A blob with a wavy edge. `named`: whether the prompt names it; its look does not depend on that."""

    x: float
    y: float
    radius: float
    flat: float  # height over width
    waves: tuple[float, float]  # phases of the edge's second and third harmonic
    strength: float
    row: str
    column: str
    named: bool

    def distance(self, size: int) -> np.ndarray:
        """(size, size): 0 at the centre, 1 on the edge."""
        x, y = grid(size)
        dx, dy = x - self.x, (y - self.y) / self.flat
        angle = np.arctan2(dy, dx)
        edge = 1 + 0.08 * np.sin(2 * angle + self.waves[0]) + 0.06 * np.sin(3 * angle + self.waves[1])
        return np.hypot(dx, dy) / (self.radius * edge)

    def inside(self, size: int) -> np.ndarray:
        """(size, size) bool."""
        return self.distance(size) <= 1


@dataclass(frozen=True)
class Scene:
    """What one image shows: the anatomy as named numbers, the lesions, and the prompt about the named ones."""

    anatomy: dict[str, float]
    lesions: tuple[Lesion, ...]
    prompt: str


def grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    """x (1, size) and y (size, 1) of the pixels' centres."""
    line = (np.arange(size) + 0.5) / size
    return line[None, :], line[:, None]


def ellipse(size: int, x: float, y: float, a: float, b: float, tilt: float = 0.0, power: float = 2.0) -> np.ndarray:
    """(size, size): 0 at the centre, 1 on the edge of an ellipse with half axes a and b; power > 2 squares it off."""
    gx, gy = grid(size)
    dx, dy = gx - x, gy - y
    u, v = dx * np.cos(tilt) + dy * np.sin(tilt), dy * np.cos(tilt) - dx * np.sin(tilt)
    return (np.abs(u / a) ** power + np.abs(v / b) ** power) ** (1 / power)


def soft(distance: np.ndarray, width: float) -> np.ndarray:
    """1 inside, 0 outside, a smooth step of this width around distance 1."""
    return 1 / (1 + np.exp(np.clip((distance - 1) / (width / 4), -40, 40)))


def blurred_noise(size: int, scale: float, rng: np.random.Generator) -> np.ndarray:
    """(size, size) noise with features of `scale` (share of the width), unit standard deviation, drawn on a fixed grid
    so that every size shows the same clouds."""
    cells = max(int(round(1 / scale)), 2)
    small = rng.standard_normal((cells + 2, cells + 2)).astype(np.float32)
    return cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC)


def to_uint8(image: np.ndarray) -> np.ndarray:
    """Float in [0, 1], grey (H, W) or colour (H, W, 3), to (H, W, 3) uint8."""
    image = np.clip(image, 0, 1)
    if image.ndim == 2:
        image = np.repeat(image[..., None], 3, axis=2)
    return np.round(image * 255).astype(np.uint8)
