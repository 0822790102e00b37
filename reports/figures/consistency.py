"""Chance-corrected consistency, axis by axis: a dot with its interval for every method."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from reports.document import Figure
from reports.figures.style import FAINT, INK, figure, looks, wrapped
from reports.run import AXES, BLIND, TRUTH, Run
from reports.tables.consistency import TITLES

PATH = "figures/consistency.png"
ORDER = ("all", *AXES[:-1])
LETTERS = 3.2  # of a dataset's name, beside the height of one row
FLOOR, CEILING = -0.5, 1.25  # beyond, intervals are cut: a rare axis must not squeeze the others


def draw(run: Run) -> Figure | None:
    """Write figures/consistency.png; None where the run has no axes.csv."""
    if run.axes is None:
        return None
    datasets = [d for d in run.datasets if (run.axes["dataset"] == d).any()]
    if not datasets:
        return None
    shown, undefined = _axes(run.axes)
    if not shown:
        return None
    rows = {d: _rows(run, d) for d in datasets}
    heights = [max(len(r), 2) for r in rows.values()]
    with figure(run.folder / PATH, 2.2 + 2.0 * len(shown), 0.31 * sum(heights) + 0.95 * len(datasets) + 0.2) as drawn:
        ratios = {"height_ratios": heights}
        grid = drawn.subplots(len(datasets), len(shown), squeeze=False, sharex=True, gridspec_kw=ratios)
        for line, dataset in zip(grid, datasets, strict=True):
            table = run.axes[run.axes["dataset"] == dataset].set_index(["method", "axis"])
            for ax, axis in zip(line, shown, strict=True):
                _panel(ax, run, table, rows[dataset], axis)
                ax.set_title(TITLES[axis] + _coverage(table, axis), fontsize=9)
            line[0].set_yticks(range(len(rows[dataset])), [wrapped(title, 24, 2) for _, title in rows[dataset]])
            line[0].tick_params(axis="y", length=0)
            line[0].set_ylabel(wrapped(dataset, int(len(rows[dataset]) * LETTERS), 2), fontweight="bold")
        low, high = _limits(run.axes)
        grid[0][0].set_xlim(low, high)
        for ax in grid[-1]:
            ax.set_xlabel("Corrected (0: chance, 1: experts)", fontsize=8)
        drawn.tight_layout()
    caption = (
        "Chance-corrected consistency with 95 % intervals; dashed lines: 0, at chance, and 1, as "
        "the experts' masks. In brackets: share of prompts that state the axis. Grey and filled: text-free; hollow: "
        "predictors that never look at the image; a triangle at the edge: the value lies beyond it."
    )
    if undefined:
        names = ", ".join(TITLES[axis] for axis in undefined)
        caption += f" Not drawn: {names}. No method has a value there: the experts' masks do no better than chance."
    return Figure(PATH, "Chance-corrected consistency per axis and method, with intervals", caption)


def _axes(table: pd.DataFrame) -> tuple[list[str], list[str]]:
    """The axes on which some method or reference has a value, and those that would be drawn empty."""
    own = table[table["method"] != TRUTH]
    known = set(own.loc[own["corrected"].notna(), "axis"])
    stated = [axis for axis in ORDER if axis in set(table["axis"])]
    return [axis for axis in stated if axis in known], [axis for axis in stated if axis not in known]


def _rows(run: Run, dataset: str) -> list[tuple[str, str]]:
    """(method, label) from top to bottom."""
    assert run.axes is not None
    names = set(run.axes.loc[run.axes["dataset"] == dataset, "method"])
    blind = [(name, name.capitalize()) for name in BLIND if name in names]
    return [(m.name, m.title) for m in run.of(run.axes, dataset)] + blind


def _coverage(table: pd.DataFrame, axis: str) -> str:
    rows = table[table.index.get_level_values("axis") == axis]
    return f" ({100 * rows['coverage'].iloc[0]:.0f} %)" if len(rows) else ""


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    low = min(-0.1, table[["corrected", "lo"]].min().min() - 0.05)
    high = max(1.1, table[["corrected", "hi"]].max().max() + 0.05)
    return max(low, FLOOR), min(high, CEILING)


def _panel(ax: Any, run: Run, table: pd.DataFrame, rows: list[tuple[str, str]], axis: str) -> None:
    for x in (0, 1):
        ax.axvline(x, color=INK, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    # a collection for all intervals, and one per shape of dots: a line of its own for each took ten times as long
    ax.hlines(range(len(rows)), 0, 1, transform=ax.get_yaxis_transform(), color=FAINT, linewidth=0.6, zorder=0.5)
    values, lows, highs = (
        table[column].xs(axis, level="axis").reindex([name for name, _ in rows]).to_numpy(float)
        for column in ("corrected", "lo", "hi")
    )
    known = np.flatnonzero(np.isfinite(values))
    colors, markers = _colors_and_markers(run, rows)
    ax.hlines(known, lows[known], highs[known], color=[colors[y] for y in known], linewidth=1.6, zorder=2)
    left, right = values <= FLOOR, values >= CEILING
    shapes = np.where(left, "<", np.where(right, ">", markers))
    places = np.where(left, FLOOR + 0.03, np.where(right, CEILING - 0.03, values))
    for shape in sorted(set(shapes[known])):
        own = known[shapes[known] == shape]
        edges = [colors[y] for y in own]
        fills = [colors[y] if rows[y][0] not in BLIND else "white" for y in own]
        ax.scatter(places[own], own, s=25, marker=shape, c=fills, edgecolors=edges, linewidths=1.0, zorder=3)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)


def _colors_and_markers(run: Run, rows: list[tuple[str, str]]) -> tuple[list[str], list[str]]:
    """Of each row; the predictors that never look have the ink's and a circle."""
    style = looks(run.methods)
    own = [style.get(name) for name, _ in rows]
    return [look.color if look else INK for look in own], [look.marker if look else "o" for look in own]
