"""A few test images with the prompt, the experts' mask and every method's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from reports.document import Figure
from reports.figures.style import figure, shortened, wrapped
from reports.run import Method, Panel, Run

WIDTH = 8  # methods in one file; more continue in panel-2.png
TITLE = (18, 3)  # characters on a line, lines
EXPERTS = "Experts"
MASK, TRUTH = "#E69F00", "#56B4E9"
SIDE, WORDS, LINE = 1.45, 1.6, 0.15  # inches: an image, the prompt's column, a line of a title
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
        which = f" Part {number} of {len(chunks)}." if len(chunks) > 1 else ""
        parts.append(Part(chunk, path, caption + which))
    return parts


def draw(folder: Path, panel: Panel, part: Part) -> Figure:
    """Write one part of the panel into a run's folder."""
    methods = part.methods
    count, across = len(panel.images), 2 + len(methods)
    lines = max([1, *(len(wrapped(m.title, *TITLE).splitlines()) for m in methods)])
    width, height = WORDS + SIDE * across, 0.12 + LINE * lines + SIDE * count
    with figure(folder / part.path, width, height) as drawn:
        for row in range(count):
            bottom = (count - 1 - row) * SIDE
            top = (bottom + SIDE - 0.06) / height
            drawn.text(0.06 / width, top, shortened(panel.names[row], 26), va="top", fontsize=6.5, color="#777777")
            prompt = wrapped(panel.prompts[row], 24, 7) or "(no prompt)"
            drawn.text(0.06 / width, top - 0.17 / height, prompt, va="top", fontsize=7.5, linespacing=1.25)
            for column, (title, mask, score) in enumerate(_columns(panel, row, methods)):
                x, y, side = WORDS + column * SIDE + 0.02, bottom + 0.02, SIDE - 0.04
                ax = drawn.add_axes((x / width, y / height, side / width, side / height))
                overlay(ax, panel.images[row], mask, panel.truth[row], TRUTH if title == EXPERTS else MASK)
                if row == 0:
                    ax.set_title(wrapped(title, *TITLE), fontsize=8.5, loc="center", pad=4)
                if score is not None:
                    corner(ax, f"{100 * score:.0f}")
    return Figure(part.path, f"Test images with the experts' mask and those of {part.titles}", part.caption)


def _columns(panel: Panel, row: int, methods: Sequence[Method]) -> list[tuple[str, np.ndarray | None, float | None]]:
    """(title, mask, Dice) from left to right."""
    truth = panel.truth[row]
    masks = [(m.title, panel.masks[m.name][row]) for m in methods]
    return [("Image", None, None), (EXPERTS, truth, None), *((t, mask, dice(mask, truth)) for t, mask in masks)]


def overlay(ax: Any, image: np.ndarray, mask: np.ndarray | None, truth: np.ndarray, color: str) -> None:
    """Draw an image (H, W, 3) uint8, with a mask (H, W) filled in `color`, and the outline of another, `truth`."""
    from matplotlib.colors import to_rgb

    shown = image / 255.0
    if mask is not None:
        shown = np.where(mask[..., None], 0.6 * shown + 0.4 * np.array(to_rgb(color)), shown)
    ax.imshow(shown, interpolation="nearest")
    if mask is not None:
        _outline(ax, truth, TRUTH, 1.0)
        if mask is not truth:
            _outline(ax, mask, color, 0.9)
    ax.set_xlim(-0.5, image.shape[1] - 0.5)  # a contour at the edge would widen them
    ax.set_ylim(image.shape[0] - 0.5, -0.5)
    ax.set_axis_off()


def _outline(ax: Any, mask: np.ndarray, color: str, width: float) -> None:
    """The border of a mask; padded, so that one at the image's edge is closed."""
    if not mask.any():
        return
    y, x = (np.arange(-1, n + 1) for n in mask.shape)
    ax.contour(x, y, np.pad(mask.astype(float), 1), levels=[0.5], colors=[color], linewidths=width)


def corner(ax: Any, text: str) -> None:
    box = {"facecolor": "black", "alpha": 0.6, "edgecolor": "none", "pad": 1.5}
    ax.text(0.04, 0.96, text, transform=ax.transAxes, va="top", color="white", fontsize=8, fontweight="bold", bbox=box)


def dice(mask: np.ndarray, truth: np.ndarray) -> float:
    """Dice of two masks (S, S) bool; 1 for two empty ones."""
    total = int(mask.sum()) + int(truth.sum())
    return 2 * int((mask & truth).sum()) / total if total else 1.0
