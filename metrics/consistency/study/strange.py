"""Masks that no expert would draw, but whose place is beyond doubt, so that a frame must judge them correctly."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.consistency.frame.frame import Frame
from metrics.consistency.judge.check import check
from metrics.consistency.reader.parse import parse

SIZE = 224
ROWS, SIDES = ("upper", "middle", "lower"), ("left", "right")
CELLS = tuple(f"{row}-{side}" for side in SIDES for row in ROWS)
LEFT, RIGHT = CELLS[:3], CELLS[3:]


def rectangle(top: float, bottom: float, left: float, right: float) -> NDArray[np.bool_]:
    """(SIZE, SIZE) bool, a rectangle; its edges are shares of the image."""
    mask = np.zeros((SIZE, SIZE), bool)
    mask[round(top * SIZE) : round(bottom * SIZE), round(left * SIZE) : round(right * SIZE)] = True
    return mask


def lungs(*sides: str) -> NDArray[np.bool_]:
    """(SIZE, SIZE) bool, an ellipse in the image's half of each side."""
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    mask = np.zeros((SIZE, SIZE), bool)
    for side in sides:
        centre = {"left": 0.26, "right": 0.74}[side]
        mask |= ((x - centre) / 0.22) ** 2 + ((y - 0.5) / 0.48) ** 2 <= 1
    return mask


def band(frame: Frame, row: str) -> tuple[float, float]:
    """Top and bottom of a row of the frame's grid, as shares of the height."""
    edges = [0.0, *frame.rows, 1.0]
    return edges[ROWS.index(row)], edges[ROWS.index(row) + 1]


def cell(frame: Frame, name: str) -> NDArray[np.bool_]:
    """(SIZE, SIZE) bool, a cell less 6 % of the image's width on its left and right."""
    row, side = name.split("-")
    left, right = (0.0, frame.columns[0]) if side == "left" else (frame.columns[0], 1.0)
    return rectangle(*band(frame, row), left + 0.06, right - 0.06)


def prompt_of(cells: tuple[str, ...]) -> str:
    """A prompt that names these cells."""
    return "infection, " + " and ".join("{} {} lung".format(*name.split("-")) for name in cells)


def strange_masks(frame: Frame) -> dict[str, tuple[NDArray[np.bool_], tuple[str, ...]]]:
    """Name -> mask, and the cells that its prompt names; for the ring and the block these are wrong."""
    middle = frame.columns[0]
    ring = rectangle(0.1, 0.9, 0.1, 0.9) & ~rectangle(0.18, 0.82, 0.18, 0.82)
    masks = {
        "full image": (rectangle(0, 1, 0, 1), CELLS),
        "left half": (rectangle(0, 1, 0, middle), LEFT),
        "right half": (rectangle(0, 1, middle, 1), RIGHT),
        "upper third": (rectangle(0, 1 / 3, 0, 1), ("upper-left", "upper-right")),
        "lower third": (rectangle(2 / 3, 1, 0, 1), ("lower-left", "lower-right")),
        "both lungs, as ellipses": (lungs(*SIDES), CELLS),
        "left lung": (lungs("left"), LEFT),
        "right lung": (lungs("right"), RIGHT),
    }
    masks |= {f"cell {name}": (cell(frame, name), (name,)) for name in CELLS}
    masks["ring through all cells"] = (ring, ("lower-left", "lower-right"))
    masks["block over the middle, 44 %"] = (rectangle(0.17, 0.83, 0.17, 0.83), ("lower-left", "lower-right"))
    return masks


def strange_table(frame: Frame) -> pd.DataFrame:
    """One row per mask: name `mask`, cells of the `prompt`, and the strict answer `ok` and `score` for position.

    The ring and the block have a wrong prompt and must fail; all others must agree.
    """
    rows = []
    for name, (mask, cells) in strange_masks(frame).items():
        answer = check(mask, parse(prompt_of(cells)), frame).position
        assert answer is not None
        rows.append({"mask": name, "prompt": ", ".join(cells), "ok": answer.ok, "score": answer.score})
    return pd.DataFrame(rows)
