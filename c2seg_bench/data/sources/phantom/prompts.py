"""Prompts in the grammars of the real datasets, made from the cells of the named lesions."""

from __future__ import annotations

import numpy as np

NUMBERS = ("no", "one", "two", "three", "four", "five", "six")
ROWS = ("upper", "middle", "lower")


def chest_prompt(cells: list[tuple[str, str]], rng: np.random.Generator) -> str:
    """Such as: Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung.

    Left first and from top to bottom, as in QaTa's texts; a lung whose three rows are all named is "all left lung".
    """
    sides = {side: [row for row in ROWS if (row, side) in cells] for side in ("left", "right")}
    words = {side: "all" if len(rows) == 3 else " ".join(rows) for side, rows in sides.items() if rows}
    places = [f"{rows} {side} lung" for side, rows in words.items()]
    kind = "Bilateral" if all(sides.values()) else "Unilateral"
    n = len(cells)
    areas = f"{NUMBERS[n]} infected area{'s' if n > 1 else ''}"
    return f"{kind} pulmonary infection, {areas}, {' and '.join(places)}" + ("." if rng.random() < 0.5 else "")


def polyp_prompt(cells: list[tuple[str, str]], size: str, colour: str, shape: str) -> str:
    """Such as: two small pink round polyps, located in top left, right of the image (Kvasir-SEG texts)."""
    words = {"upper": "top", "middle": "", "lower": "bottom"}
    places = []
    for row, column in cells:
        side = "" if column == "center" else column
        places.append(f"{words[row]} {side}".strip() or "center")
    what = f"{NUMBERS[len(cells)]} {size} {colour} {shape} polyp{'s' if len(cells) > 1 else ''}"
    return f"{what}, located in {', '.join(places)} of the image"
