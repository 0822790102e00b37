"""Frontal chest X-rays: two dark lung fields, ribs, heart, and soft opacities in some of six cells."""

from __future__ import annotations

import numpy as np

from c2seg_bench.data.sources.phantom import placement
from c2seg_bench.data.sources.phantom.prompts import ROWS, chest_prompt
from c2seg_bench.data.sources.phantom.shapes import Scene, blurred_noise, ellipse, grid, soft, to_uint8

CELLS = [(row, side) for side in ("left", "right") for row in ROWS]


def scene(rng: np.random.Generator) -> Scene:
    """Anatomy, then lesions inside it, then the words."""
    a = {
        "x": 0.5 + rng.uniform(-0.03, 0.03),
        "y": 0.5 + rng.uniform(-0.03, 0.03),
        "size": rng.uniform(0.92, 1.06),
        "tilt": rng.uniform(-0.06, 0.06),
        "gap": rng.uniform(0.20, 0.23),
        "heart": rng.uniform(0.8, 1.25),
        "gain": rng.uniform(0.85, 1.1),
        "bias": rng.uniform(-0.04, 0.06),
        "ribs": rng.uniform(0.03, 0.07),
    }
    named, others = placement.choose(CELLS, rng)

    def at(cell: placement.Cell, rng: np.random.Generator) -> tuple[float, float, float]:
        row, side = cell
        v = (ROWS.index(row) - 1) * 0.27 * a["size"] + rng.uniform(-0.015, 0.015)
        narrow = 0.85 if row == "upper" else 1.0  # the lung is narrower at its top
        u = (-1 if side == "left" else 1) * a["gap"] * a["size"] * narrow + rng.uniform(-0.02, 0.02)
        x = a["x"] + u * np.cos(a["tilt"]) - v * np.sin(a["tilt"])
        y = a["y"] + v * np.cos(a["tilt"]) + u * np.sin(a["tilt"])
        return float(x), float(y), float(rng.uniform(0.065, 0.105))

    lesions = placement.lesions(named, others, at, rng)
    return Scene(a, lesions, chest_prompt(named, rng))


def lungs(a: dict[str, float], size: int) -> list[np.ndarray]:
    """Distance fields of the two lung fields, left of the image first."""
    fields = []
    for side in (-1, 1):
        u = side * a["gap"] * a["size"]
        x, y = a["x"] + u * np.cos(a["tilt"]), a["y"] + u * np.sin(a["tilt"])
        fields.append(ellipse(size, x, y, 0.165 * a["size"], 0.42 * a["size"], a["tilt"] - side * 0.10, power=2.6))
    return fields


def paint(scene: Scene, size: int, grain: np.random.Generator) -> np.ndarray:
    """(size, size, 3) uint8, grey."""
    a, (x, y) = scene.anatomy, grid(size)
    body = soft(ellipse(size, a["x"], a["y"] + 0.15, 0.47, 0.75, a["tilt"], power=4), 0.15)
    air = np.maximum(*(soft(field, 0.12) for field in lungs(a, size)))
    image = 0.08 + 0.55 * body - 0.38 * air * body
    spine = np.exp(-(((x - a["x"] - (y - a["y"]) * -np.sin(a["tilt"])) / 0.035) ** 2))
    image += 0.12 * spine * body
    heart = soft(ellipse(size, a["x"] + 0.05, a["y"] + 0.16, 0.11 * a["heart"], 0.15 * a["heart"], 0.5), 0.25)
    image += 0.22 * heart * body
    rise = 0.9 * np.abs(x - a["x"]) ** 1.5  # ribs fall towards the sides
    ribs = np.sin(2 * np.pi * (y - rise - a["y"]) / 0.085)
    image += a["ribs"] * np.clip(ribs, 0, 1) * body * (0.4 + 0.6 * air)
    haze = blurred_noise(size, 0.12, grain)
    for lesion in scene.lesions:
        image += 0.30 * lesion.strength * soft(lesion.distance(size), 0.35) * (1 + 0.12 * haze)
    image = image * a["gain"] + a["bias"] + 0.012 * haze + 0.015 * grain.standard_normal((size, size))
    return to_uint8(image)
