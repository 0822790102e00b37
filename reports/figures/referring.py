"""A few test images whose prompt names a part: image, experts' whole mask, the part, and every method's mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from reports.document import Figure
from reports.figures.panel import Part, dice, parts_of
from reports.figures.tiles import TRUTH, Tile, TileRow, draw_tiles
from reports.run import Method, Parts, Run

CAPTION = (
    "Prompts that name a part of the lesions: test images of {datasets}, first seed, chosen without looking at the "
    "result. Filled, blue: the experts' whole mask and the part that the prompt names; orange: a method's "
    "mask, the part outlined in blue; in the corner its Dice with the part in percent."
)


def jobs(run: Run) -> list[Callable[[], Figure]]:
    """Each writes one of figures/referring.png, referring-2.png, ...; none if no image has such a prompt."""
    parts = run.referring.parts if run.referring else None
    if parts is None or not len(parts.images):
        return []
    caption = CAPTION.format(datasets=" and ".join(dict.fromkeys(parts.dataset)))
    shown = parts_of(run.methods, parts.masks, "figures/referring", caption)
    return [partial(draw, run.folder, parts, part) for part in shown]


def draw(folder: Path, parts: Parts, shown: Part) -> Figure:
    """Write one part of the figure into a run's folder."""
    rows = [
        TileRow(parts.names[k], parts.prompts[k], _tiles(parts, k, shown.methods)) for k in range(len(parts.images))
    ]
    draw_tiles(folder / shown.path, ["Image", "Experts", "Part", *(m.title for m in shown.methods)], rows)
    alt = f"Test images with the part that a prompt names and the masks of {shown.titles}"
    return Figure(shown.path, alt, shown.caption)


def _tiles(parts: Parts, k: int, methods: Sequence[Method]) -> list[Tile]:
    """The image, the experts' whole mask, the part, and each method's mask with its Dice with the part."""
    image, part = parts.images[k], parts.parts[k]
    given = [Tile(image), *(Tile(image, mask, color=TRUTH) for mask in (parts.whole[k], part))]
    masks = [parts.masks[method.name][k] for method in methods]
    return [*given, *(Tile(image, mask, part, score=dice(mask, part)) for mask in masks)]
