"""Rows of images side by side, each row beside its prompt, with masks filled and outlined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.figures.style import figure, shortened, wrapped

TITLE = (15, 3)  # characters on a line, lines
MASK, TRUTH = "#E69F00", "#56B4E9"
PITCH, PROMPT, LINE, GAP = 1.45, 1.9, 0.18, 0.02  # inches: from tile to tile, the prompt's column, a line of a title
FILLED = 0.4  # share of the colour in a pixel of a mask
OUTLINE, HALO = 1.0, 2.4  # points: a border, and the dark line below it, without which orange is lost on red tissue


@dataclass(frozen=True)
class Tile:
    """One image of a row.

    Args:
        image: (H, W, 3) uint8.
        mask: (H, W) bool, filled and outlined in `color`; None: the image alone.
        outline: (H, W) bool, another mask, of which the border is drawn in blue.
        score: share printed in the corner, in percent.
    """

    image: NDArray[np.uint8]
    mask: NDArray[np.bool_] | None = None
    outline: NDArray[np.bool_] | None = None
    color: str = MASK
    score: float | None = None


@dataclass(frozen=True)
class TileRow:
    """The image's name, the prompt, and the tiles from left to right."""

    name: str
    prompt: str
    tiles: Sequence[Tile]


def draw_tiles(path: Path, titles: Sequence[str], rows: Sequence[TileRow]) -> None:
    """Write the figure as PNG to `path` and as PDF beside it.

    All tiles share axes that span the figure, in inches: axes of their own took most of the time of a report.

    Args:
        titles: over the columns of tiles; each row has a tile for each.
    """
    titles = [wrapped(title, *TITLE) for title in titles]
    lines = max(1, *(len(title.splitlines()) for title in titles))
    width, height = PROMPT + PITCH * len(titles), 0.12 + LINE * lines + PITCH * len(rows)
    with figure(path, width, height) as drawn:
        ax = drawn.add_axes((0, 0, 1, 1))
        ax.set_axis_off()
        for column, title in enumerate(titles):
            middle = PROMPT + (column + 0.5) * PITCH
            ax.text(middle, PITCH * len(rows) + 0.035, title, ha="center", fontsize=10.5, fontweight="bold")
        outlines: list[tuple[NDArray[np.float64], str]] = []
        for number, row in enumerate(rows):
            bottom = (len(rows) - 1 - number) * PITCH + GAP
            _prompt(ax, row, bottom + PITCH - 2 * GAP)
            for column, tile in enumerate(row.tiles):
                outlines += _tile(ax, tile, PROMPT + column * PITCH + GAP, bottom)
        _lines(ax, outlines)
        ax.set(xlim=(0, width), ylim=(0, height), aspect="auto")


def _prompt(ax: Any, row: TileRow, top: float) -> None:
    ax.text(0.06, top - 0.02, shortened(row.name, 25), va="top", fontsize=8, color="#666666")
    text = wrapped(row.prompt, 23, 6) or "(no prompt)"
    ax.text(0.06, top - 0.22, text, va="top", fontsize=9.5, linespacing=1.25)


def _tile(ax: Any, tile: Tile, left: float, bottom: float) -> Iterator[tuple[NDArray[np.float64], str]]:
    """Draw all of a tile but its outlines: (M, 2) points in inches and the colour of each."""
    from matplotlib.colors import to_rgb

    shown = tile.image / 255.0
    left, right, bottom, top = extent = _extent(tile.image, left, bottom)
    if tile.mask is not None:
        filled = (1 - FILLED) * shown + FILLED * np.array(to_rgb(tile.color))
        shown = np.where(tile.mask[..., None], filled, shown)
    ax.imshow(shown, interpolation="nearest", extent=extent)
    if tile.score is not None:
        _corner(ax, f"{100 * tile.score:.0f}", left + 0.06, top - 0.06)
    for mask, color in ((tile.outline, TRUTH), (tile.mask, tile.color)):
        for border in () if mask is None else borders(mask):
            yield (left, top) + border * (right - left, bottom - top), color


def _extent(image: NDArray[np.uint8], left: float, bottom: float) -> tuple[float, float, float, float]:
    """left, right, bottom, top in inches of an image (H, W, 3), in the middle of the square tile at (left, bottom)."""
    side, (height, width) = PITCH - 2 * GAP, image.shape[:2]
    wide, high = (side * length / max(height, width) for length in (width, height))
    left, bottom = left + (side - wide) / 2, bottom + (side - high) / 2
    return left, left + wide, bottom, bottom + high


def _corner(ax: Any, text: str, x: float, y: float) -> None:
    box = {"facecolor": "black", "alpha": 0.6, "edgecolor": "none", "pad": 1.5}
    ax.text(x, y, text, va="top", color="white", fontsize=9.5, fontweight="bold", bbox=box)


def _lines(ax: Any, outlines: Sequence[tuple[NDArray[np.float64], str]]) -> None:
    from matplotlib.collections import LineCollection

    points, colors = [border for border, _ in outlines], [color for _, color in outlines]
    halo = LineCollection(points, colors="black", alpha=0.45, linewidths=HALO, zorder=1.9)
    ax.add_collection(halo, autolim=False)
    ax.add_collection(LineCollection(points, colors=colors, linewidths=OUTLINE, zorder=2), autolim=False)


def borders(mask: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """The closed borders of a mask (H, W), each (M, 2): x and y as shares of the image's width and height."""
    from contourpy import contour_generator

    y, x = ((np.arange(-1, n + 1) + 0.5) / n for n in mask.shape)
    padded = np.pad(mask.astype(float), 1)  # a border along the image's edge is closed too
    return [np.asarray(line) for line in contour_generator(x, y, padded).lines(0.5)]
