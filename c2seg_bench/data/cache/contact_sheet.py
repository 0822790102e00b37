"""Contact sheets: images with the outline of their masks and their prompts beneath."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from c2seg_bench.files import atomic
from c2seg_bench.terminal.visible import visible

INCHES = 2.2  # side of one image
OUTLINE = "#39ff14"
PREDICTED = "#ff3df2"
LONGEST = 44  # characters of a title
MOST_OF_A_PROMPT = 600  # characters
MOST_LINES = 16  # beneath an image
LINE = 0.11  # inches of height


def write_sheet(
    path: Path,
    images: list[np.ndarray],
    masks: list[np.ndarray],
    titles: list[str],
    prompts: list[str],
    columns: int = 4,
    predictions: list[np.ndarray] | None = None,
) -> None:
    """A PNG.

    Args:
        path: of the file.
        images: (H, W, 3) uint8 each.
        masks: (H, W), 0 or 1; their outline is drawn.
        titles, prompts: a line above and wrapped lines beneath each image.
        columns: images side by side.
        predictions: (H, W), 0 or 1; outlined in another colour, which a line at the foot names.
    """
    from matplotlib.figure import Figure  # without pyplot: no window, no state

    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    captions = [_wrapped(prompt) for prompt in prompts]
    most_lines = max(2, *(caption.count("\n") + 1 for caption in captions))
    size = (columns * INCHES, rows * (INCHES + LINE * (most_lines + 2)))  # a line above, a line between rows
    figure = Figure(figsize=size, dpi=110, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.set_axis_off()
    for i, (axis, image, title, caption) in enumerate(zip(axes, images, titles, captions, strict=False)):
        axis.imshow(image)
        _outline(axis, masks[i], OUTLINE)
        if predictions is not None:
            _outline(axis, predictions[i], PREDICTED)
        axis.set_title(visible(_shortened(title)), fontsize=6, parse_math=False)  # $5 is no formula
        style = {"fontsize": 6, "ha": "center", "va": "top", "parse_math": False}
        axis.text(0.5, -0.03, caption, transform=axis.transAxes, **style)
    if predictions is not None:
        figure.supxlabel("green: the experts' mask; magenta: the prediction", fontsize=7)
    with atomic(path) as temporary, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(temporary)


def _outline(axis: Any, mask: np.ndarray, colour: str) -> None:
    if mask.any() and not mask.all():
        axis.contour(mask, levels=[0.5], colors=colour, linewidths=1)


def _shortened(title: str) -> str:
    """Cut in the middle: the start names the image, the end tells it from its neighbours or is its Dice."""
    half = (LONGEST - 3) // 2
    return title if len(title) <= LONGEST else f"{title[:half]}...{title[-half:]}"


def _wrapped(prompt: str) -> str:
    lines = [textwrap.fill(visible(line), 44) for line in prompt[:MOST_OF_A_PROMPT].splitlines()]
    return "\n".join("\n".join(lines).split("\n")[:MOST_LINES])
