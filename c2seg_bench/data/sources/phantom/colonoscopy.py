"""Colonoscopy frames: reddish mucosa with folds and a dark lumen, and polyps in some of nine cells."""

from __future__ import annotations

import numpy as np

from c2seg_bench.data.sources.phantom import placement
from c2seg_bench.data.sources.phantom.prompts import ROWS, polyp_prompt
from c2seg_bench.data.sources.phantom.shapes import Scene, blurred_noise, ellipse, grid, soft, to_uint8

COLUMNS = ("left", "center", "right")
CELLS = [(row, column) for row in ROWS for column in COLUMNS]
SIZES = {"small": (0.06, 0.075), "medium": (0.08, 0.095), "large": (0.10, 0.115)}
MUCOSA = np.array([0.72, 0.36, 0.28])
POLYP = {
    "pink": np.array([0.90, 0.55, 0.48]),
    "white": np.array([0.88, 0.74, 0.66]),
    "yellow": np.array([0.86, 0.66, 0.36]),
}


def scene(rng: np.random.Generator) -> Scene:
    """Anatomy, then polyps, all of one size and colour so that only their place tells them apart, then the words."""
    size, colour = str(rng.choice(list(SIZES))), str(rng.choice(list(POLYP)))
    a = {
        "x": rng.uniform(0.35, 0.65),
        "y": rng.uniform(0.35, 0.65),
        "folds": rng.uniform(5, 8),
        "phase": rng.uniform(0, 6.3),
        "light": rng.uniform(0.85, 1.1),
        "colour": float(list(POLYP).index(colour)),
    }
    named, others = placement.choose(CELLS, rng)

    def at(cell: placement.Cell, rng: np.random.Generator) -> tuple[float, float, float]:
        jitter = rng.uniform(-0.03, 0.03, 2)
        x = 1 / 6 + COLUMNS.index(cell[1]) / 3 + jitter[0]
        y = 1 / 6 + ROWS.index(cell[0]) / 3 + jitter[1]
        return float(x), float(y), float(rng.uniform(*SIZES[size]))

    lesions = placement.lesions(named, others, at, rng)
    return Scene(a, lesions, polyp_prompt(named, size, colour, "round"))


def paint(scene: Scene, size: int, grain: np.random.Generator) -> np.ndarray:
    """(size, size, 3) uint8, colour."""
    a, (x, y) = scene.anatomy, grid(size)
    far = np.hypot(x - a["x"], y - a["y"])
    clouds = blurred_noise(size, 0.15, grain)
    folds = np.sin(2 * np.pi * a["folds"] * far + a["phase"] + 0.5 * clouds)
    shade = 0.55 + 0.45 * np.clip(far / 0.35, 0, 1) + 0.06 * folds + 0.03 * clouds
    image = MUCOSA * shade[..., None]
    colour = list(POLYP.values())[int(a["colour"])]
    for lesion in scene.lesions:
        d = lesion.distance(size)
        cover = soft(d, 0.2)[..., None]
        dome = (0.78 + 0.22 * np.clip(1 - d**2, 0, 1)) * (0.7 + 0.3 * lesion.strength)
        image = image * (1 - cover) + cover * colour * dome[..., None]
        gx, gy = lesion.x - 0.3 * lesion.radius, lesion.y - 0.35 * lesion.radius
        image += 0.5 * soft(ellipse(size, gx, gy, 0.14 * lesion.radius, 0.1 * lesion.radius), 0.6)[..., None]
    corners = soft(ellipse(size, 0.5, 0.5, 0.56, 0.56, power=3), 0.12)
    image = image * a["light"] * (0.15 + 0.85 * corners[..., None])
    return to_uint8(image + 0.012 * grain.standard_normal((size, size, 3)))
