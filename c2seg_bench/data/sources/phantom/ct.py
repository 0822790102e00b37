"""Axial CT slices in a lung window: body, two dark lungs, spine, and patches in some of six cells."""

from __future__ import annotations

import numpy as np

from c2seg_bench.data.sources.phantom import placement
from c2seg_bench.data.sources.phantom.prompts import ROWS, chest_prompt
from c2seg_bench.data.sources.phantom.shapes import Scene, blurred_noise, ellipse, soft, to_uint8

CELLS = [(row, side) for side in ("left", "right") for row in ROWS]


def scene(rng: np.random.Generator) -> Scene:
    """Anatomy, then lesions inside it, then the words."""
    a = {
        "x": 0.5 + rng.uniform(-0.02, 0.02),
        "y": 0.5 + rng.uniform(-0.02, 0.02),
        "size": rng.uniform(0.94, 1.05),
        "tilt": rng.uniform(-0.05, 0.05),
        "gap": rng.uniform(0.215, 0.235),
        "vessels": rng.uniform(0.03, 0.07),
    }
    named, others = placement.choose(CELLS, rng)

    def at(cell: placement.Cell, rng: np.random.Generator) -> tuple[float, float, float]:
        row, side = cell
        v = (ROWS.index(row) - 1) * 0.25 * a["size"] + rng.uniform(-0.01, 0.01)
        u = (-1 if side == "left" else 1) * a["gap"] * a["size"] + rng.uniform(-0.02, 0.02)
        x = a["x"] + u * np.cos(a["tilt"]) - v * np.sin(a["tilt"])
        y = a["y"] + v * np.cos(a["tilt"]) + u * np.sin(a["tilt"])
        return float(x), float(y), float(rng.uniform(0.06, 0.09))

    lesions = placement.lesions(named, others, at, rng)
    return Scene(a, lesions, chest_prompt(named, rng))


def paint(scene: Scene, size: int, grain: np.random.Generator) -> np.ndarray:
    """(size, size, 3) uint8, grey."""
    a = scene.anatomy
    body = soft(ellipse(size, a["x"], a["y"], 0.48 * a["size"], 0.44 * a["size"], a["tilt"], power=2.4), 0.04)
    image = 0.02 + 0.62 * body
    vessels = np.clip(blurred_noise(size, 0.035, grain), 0.6, None) - 0.6
    for side in (-1, 1):
        u = side * a["gap"] * a["size"]
        x, y = a["x"] + u * np.cos(a["tilt"]), a["y"] + u * np.sin(a["tilt"])
        lung = soft(ellipse(size, x, y, 0.18 * a["size"], 0.37 * a["size"], a["tilt"], power=2.3), 0.05)
        image += lung * (-0.54 + a["vessels"] * vessels)
    spine = soft(ellipse(size, a["x"], a["y"] + 0.27 * a["size"], 0.055, 0.06), 0.2)
    image += 0.3 * spine
    texture = blurred_noise(size, 0.05, grain)
    for lesion in scene.lesions:
        image += 0.34 * lesion.strength * soft(lesion.distance(size), 0.3) * (1 + 0.15 * texture)
    return to_uint8(image + 0.02 * grain.standard_normal((size, size)))
