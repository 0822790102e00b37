"""A few test images whose prompt names a part: image, experts' whole mask, the part, and every method's mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from reports.document import Figure
from reports.figures.panel import LINE, MASK, SIDE, TITLE, TRUTH, WORDS, Part, corner, dice, overlay, parts_of
from reports.figures.style import figure, shortened, wrapped
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
    methods = shown.methods
    count, across = len(parts.images), 3 + len(methods)
    lines = max(1, *(len(wrapped(m.title, *TITLE).splitlines()) for m in methods)) if methods else 1
    width, height = WORDS + SIDE * across, 0.12 + LINE * lines + SIDE * count
    with figure(folder / shown.path, width, height) as drawn:
        for row in range(count):
            bottom = (count - 1 - row) * SIDE
            top = (bottom + SIDE - 0.06) / height
            drawn.text(0.06 / width, top, shortened(parts.names[row], 26), va="top", fontsize=6.5, color="#777777")
            prompt = wrapped(parts.prompts[row], 24, 7)
            drawn.text(0.06 / width, top - 0.17 / height, prompt, va="top", fontsize=7.5, linespacing=1.25)
            for column, (title, mask, color) in enumerate(_columns(parts, row, methods)):
                x, y, side = WORDS + column * SIDE + 0.02, bottom + 0.02, SIDE - 0.04
                ax = drawn.add_axes((x / width, y / height, side / width, side / height))
                outline = mask if color == TRUTH and mask is not None else parts.parts[row]
                overlay(ax, parts.images[row], mask, outline, color)
                if row == 0:
                    ax.set_title(wrapped(title, *TITLE), fontsize=8.5, loc="center", pad=4)
                if mask is not None and color == MASK:
                    corner(ax, f"{100 * dice(mask, parts.parts[row]):.0f}")
    alt = f"Test images with the part that a prompt names and the masks of {shown.titles}"
    return Figure(shown.path, alt, shown.caption)


def _columns(parts: Parts, row: int, methods: Sequence[Method]) -> list[tuple[str, np.ndarray | None, str]]:
    """(title, mask, colour) from left to right."""
    given = [("Image", None, TRUTH), ("Experts", parts.whole[row], TRUTH), ("Part", parts.parts[row], TRUTH)]
    return [*given, *((m.title, parts.masks[m.name][row], MASK) for m in methods)]
