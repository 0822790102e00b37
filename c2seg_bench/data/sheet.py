"""Contact sheets: pictures with the outline of their masks and their prompts beneath."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path

import numpy as np

from c2seg_bench.files import atomic
from c2seg_bench.printing import visible

INCHES = 2.2  # side of one picture
OUTLINE = "#39ff14"
LONGEST = 36  # characters of a title
MOST_OF_A_PROMPT = 600  # characters


def write_sheet(
    path: Path,
    images: list[np.ndarray],
    masks: list[np.ndarray],
    titles: list[str],
    prompts: list[str],
    columns: int = 4,
) -> None:
    """A PNG.

    Args:
        path: of the file.
        images: (H, W, 3) uint8 each.
        masks: (H, W), 0 or 1; their outline is drawn.
        titles, prompts: a line above and wrapped lines beneath each picture.
        columns: pictures side by side.
    """
    from matplotlib.figure import Figure  # without pyplot: no window, no state

    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(columns * INCHES, rows * (INCHES + 0.5)), dpi=110, layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.set_axis_off()
    for axis, image, mask, title, prompt in zip(axes, images, masks, titles, prompts, strict=False):
        axis.imshow(image)
        if mask.any() and not mask.all():
            axis.contour(mask, levels=[0.5], colors=OUTLINE, linewidths=1)
        axis.set_title(
            visible(title if len(title) <= LONGEST else title[: LONGEST - 3] + "..."), fontsize=6, parse_math=False
        )
        axis.text(
            0.5,
            -0.03,
            textwrap.fill(visible(textwrap.shorten(prompt, MOST_OF_A_PROMPT)), 44),
            transform=axis.transAxes,
            fontsize=6,
            ha="center",
            va="top",
            parse_math=False,
        )
    with atomic(path) as temporary, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(temporary)
