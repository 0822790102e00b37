"""Drawn masks whose number of lesions, sides and cells are known, their prompts, and faults to add to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

SIZE = 192
ROWS, SIDES = ("upper", "middle", "lower"), ("left", "right")
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")
RADIUS = (7, 11)
APART = 16  # pixels from the middle of a cell to the centres of its first lesion, on the left, and second, on the right

Lesion = tuple[str, str, int, int]  # row, side, which of the cell's two places, radius


@dataclass(frozen=True)
class Scene:
    """Lesions of a mask, perhaps with faults, and the prompt for the mask before any fault.

    Args:
        lesions: of the mask with its faults.
        prompt: states count, sides and cells.
        sides_only: states only count and sides.
        bridges: cells whose two lesions have merged.
        specks: single pixels, each below any minimum area.
        mirrored: whether left and right of the image are swapped.
    """

    lesions: tuple[Lesion, ...]
    prompt: str
    sides_only: str
    bridges: tuple[tuple[str, str], ...] = ()
    specks: tuple[tuple[int, int], ...] = ()
    mirrored: bool = False

    def mask(self) -> NDArray[np.bool_]:
        """(SIZE, SIZE) bool."""
        y, x = np.mgrid[:SIZE, :SIZE]
        out = np.zeros((SIZE, SIZE), bool)
        for row, side, place, radius in self.lesions:
            cy, cx = centre(row, side, place)
            out |= (y - cy) ** 2 + (x - cx) ** 2 <= radius**2
        for row, side in self.bridges:
            cy, cx = centre(row, side, 0)
            out[cy - 3 : cy + 4, cx : cx + 2 * APART] = True
        for cy, cx in self.specks:
            out[cy, cx] = True
        return out[:, ::-1] if self.mirrored else out


def centre(row: str, side: str, place: int) -> tuple[int, int]:
    """Row and column of a lesion's centre: at half the cell's height, `APART` left or right of half its width."""
    y = int((ROWS.index(row) + 0.5) * SIZE / 3)
    x = int((SIDES.index(side) + 0.5) * SIZE / 2)
    return y, x - APART + 2 * APART * place


def draw(rng: np.random.Generator) -> Scene:
    """Draw lesions in two to four cells: at least one cell has two, and at least one affected side has a free cell."""
    cells = [(row, side) for side in SIDES for row in ROWS]
    while True:
        chosen = [cells[i] for i in sorted(rng.choice(6, rng.integers(2, 5), replace=False))]
        doubled = [bool(rng.random() < 0.4) for _ in chosen]
        doubled[int(rng.integers(len(chosen)))] = True
        per_side = [sum(side == s for _, side in chosen) for s in SIDES]
        if any(0 < n < 3 for n in per_side) and not all(doubled):
            break
    lesions = [
        (row, side, place, int(rng.integers(*RADIUS)))
        for (row, side), two in zip(chosen, doubled, strict=True)
        for place in range(2 if two else 1)
    ]
    named = {side: [row for row, s in chosen if s == side] for side in SIDES}
    kind = "Bilateral" if all(named.values()) else "Unilateral"
    areas = f"{NUMBERS[len(lesions)]} infected areas"
    words = {side: "all" if len(rows) == 3 else " ".join(rows) for side, rows in named.items() if rows}
    places = " and ".join(f"{rows} {side} lung" for side, rows in words.items())
    sides = " and ".join(f"{side} lung" for side in words)
    start = f"{kind} pulmonary infection, {areas}"
    return Scene(tuple(lesions), f"{start}, {places}", f"{start}, {sides}")


def cells_of(scene: Scene) -> dict[tuple[str, str], list[Lesion]]:
    """Lesions by cell."""
    out: dict[tuple[str, str], list[Lesion]] = {}
    for lesion in scene.lesions:
        out.setdefault(lesion[:2], []).append(lesion)
    return out


def add(scene: Scene, rng: np.random.Generator) -> Scene | None:
    """Add a lesion to a cell that has one."""
    single = [lesions[0] for lesions in cells_of(scene).values() if len(lesions) == 1]
    if not single:
        return None
    row, side, place, radius = single[int(rng.integers(len(single)))]
    return replace(scene, lesions=(*scene.lesions, (row, side, 1 - place, radius)))


def remove(scene: Scene, rng: np.random.Generator) -> Scene | None:
    """Remove a lesion from a cell that has two."""
    double = [cell for cell, lesions in cells_of(scene).items() if len(lesions) == 2 and cell not in scene.bridges]
    if not double:
        return None
    gone = cells_of(scene)[double[int(rng.integers(len(double)))]][int(rng.integers(2))]
    return replace(scene, lesions=tuple(x for x in scene.lesions if x != gone))


def merge(scene: Scene, rng: np.random.Generator) -> Scene | None:
    """Merge the two lesions of a cell."""
    double = [cell for cell, lesions in cells_of(scene).items() if len(lesions) == 2 and cell not in scene.bridges]
    if not double:
        return None
    return replace(scene, bridges=(*scene.bridges, double[int(rng.integers(len(double)))]))


def move(scene: Scene, rng: np.random.Generator) -> Scene | None:
    """Move all lesions of a cell to an empty row of the same side."""
    occupied = cells_of(scene)
    moves = [
        (cell, row) for cell in occupied for row in ROWS if (row, cell[1]) not in occupied and cell not in scene.bridges
    ]
    if not moves:
        return None
    (row, side), target = moves[int(rng.integers(len(moves)))]
    moved = tuple((target, *x[1:]) if x[:2] == (row, side) else x for x in scene.lesions)
    return replace(scene, lesions=moved)


def mirror(scene: Scene, rng: np.random.Generator) -> Scene | None:
    """Swap left and right; None if both sides have lesions, because then no side is wrong."""
    return None if len({side for _, side, *_ in scene.lesions}) == 2 else replace(scene, mirrored=not scene.mirrored)


def spill(scene: Scene, rng: np.random.Generator) -> Scene | None:
    """Move a lesion to the same row of the other side; None if both sides have lesions."""
    if len({side for _, side, *_ in scene.lesions}) == 2:
        return None
    row, side, place, radius = scene.lesions[int(rng.integers(len(scene.lesions)))]
    moved = (row, SIDES[1 - SIDES.index(side)], place, radius)
    return replace(scene, lesions=tuple(moved if x == (row, side, place, radius) else x for x in scene.lesions))


def speck(scene: Scene, rng: np.random.Generator) -> Scene | None:
    """Add five single pixels in the corners and on the midline, away from lesions."""
    free = [(2, 2), (2, SIZE - 3), (SIZE - 3, 2), (SIZE - 3, SIZE - 3), (SIZE // 2, SIZE // 2), (2, SIZE // 2)]
    return replace(scene, specks=tuple(free[i] for i in rng.choice(len(free), 5, replace=False)))


Fault = Callable[[Scene, np.random.Generator], Scene | None]
# fault -> (its function, the prompt that is checked, the axes whose answer must change)
FAULTS: dict[str, tuple[Fault, str, frozenset[str]]] = {
    "lesion added": (add, "prompt", frozenset({"count"})),
    "lesion removed": (remove, "prompt", frozenset({"count"})),
    "lesions merged": (merge, "prompt", frozenset({"count"})),
    "zone moved": (move, "prompt", frozenset({"position"})),
    "mirrored, sides stated": (mirror, "sides_only", frozenset({"laterality"})),
    "lesion to the other side, sides stated": (spill, "sides_only", frozenset({"laterality"})),
    "specks": (speck, "prompt", frozenset()),
}
