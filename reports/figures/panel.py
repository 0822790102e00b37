"""A few test images with the prompt, the experts' mask and every method's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from reports.document import Figure
from reports.figures.tiles import TRUTH, Tile, TileRow, draw_tiles
from reports.run import Method, Panel, Run

WIDTH = 6  # methods in one file, so that its text can be read on a page; more continue in panel-2.png
CAPTION = (
    "Test images of {datasets}, first seed, chosen without looking at the result. Filled, orange: the mask; blue "
    "outline: the experts' mask; in the corner the Dice of this image in percent."
)


def jobs(run: Run) -> list[Callable[[], Figure]]:
    """Each writes one of figures/panel.png, panel-2.png, ...; none if panel.npz has no image."""
    if run.panel is None or not len(run.panel.images):
        return []
    caption = CAPTION.format(datasets=" and ".join(dict.fromkeys(run.panel.dataset)))
    parts = parts_of(run.methods, run.panel.masks, "figures/panel", caption)
    return [partial(draw, run.folder, run.panel, part) for part in parts]


@dataclass(frozen=True)
class Part:
    """The methods in one of several files, its path, and its caption."""

    methods: Sequence[Method]
    path: str
    caption: str

    @property
    def titles(self) -> str:
        return ", ".join(method.title for method in self.methods)


def parts_of(methods: Sequence[Method], masks: Collection[str], stem: str, caption: str) -> list[Part]:
    """The methods with masks in parts of WIDTH, text-free ones first: STEM.png, STEM-2.png, ...; at least one part."""
    shown = [m for m in sorted(methods, key=lambda m: m.uses_text) if m.name in masks]
    chunks = [shown[i : i + WIDTH] for i in range(0, max(len(shown), 1), WIDTH)]
    parts = []
    for number, chunk in enumerate(chunks, start=1):
        path = f"{stem}.png" if number == 1 else f"{stem}-{number}.png"
        part_label = f" Part {number} of {len(chunks)}." if len(chunks) > 1 else ""
        parts.append(Part(chunk, path, caption + part_label))
    return parts


def draw(folder: Path, panel: Panel, part: Part) -> Figure:
    """Write one part of the panel into a run's folder."""
    rows = [TileRow(panel.names[k], panel.prompts[k], _tiles(panel, k, part.methods)) for k in range(len(panel.images))]
    draw_tiles(folder / part.path, ["Image", "Experts", *(m.title for m in part.methods)], rows)
    return Figure(part.path, f"Test images with the experts' mask and those of {part.titles}", part.caption)


def _tiles(panel: Panel, k: int, methods: Sequence[Method]) -> list[Tile]:
    """The image, the experts' mask, and each method's mask with its Dice."""
    image, truth = panel.images[k], panel.truth[k]
    masks = [panel.masks[method.name][k] for method in methods]
    of_methods = [Tile(image, mask, truth, score=dice(mask, truth)) for mask in masks]
    return [Tile(image), Tile(image, truth, color=TRUTH), *of_methods]


def dice(mask: np.ndarray, truth: np.ndarray) -> float:
    """Dice of two masks (S, S) bool; 1 for two empty ones."""
    total = int(mask.sum()) + int(truth.sum())
    return 2 * int((mask & truth).sum()) / total if total else 1.0
