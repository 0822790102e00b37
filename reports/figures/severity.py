"""Dice against the severity of noise that keeps the prompt's meaning: a panel per dataset, a line per method."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from reports.document import Figure
from reports.figures.style import figure, looks, wrapped
from reports.run import SEVERITIES, Run

PATH = "figures/severity.png"
ACROSS = 3  # panels side by side
TITLE = 36  # characters of a dataset's name on one line
NAME = 22  # characters of a title on one line of the legend
BANDS = 8  # methods; the intervals of more hide each other


def draw(run: Run) -> Figure | None:
    """Write figures/severity.png; None where the run has no noise that keeps the meaning."""
    curves = {d: c for d in run.datasets if (c := curve(run, d)) is not None}
    if not curves:
        return None
    across = min(len(curves), ACROSS)
    down = -(-len(curves) // across)
    style = looks(run.methods)
    named = max(len(line) for m in run.methods for line in wrapped(m.title, NAME, 2).splitlines())
    beside = 0.7 + 0.08 * named  # inches for the legend
    width, height = 3.4 * across + beside, max(3.1 * down + 0.5, 0.4 + 0.2 * len(run.methods))
    with figure(run.folder / PATH, width, height) as drawn:
        axes = drawn.subplots(down, across, squeeze=False).ravel()
        for ax, (dataset, table) in zip(axes, curves.items(), strict=False):
            _panel(ax, run, dataset, table, style)
        for ax in axes[len(curves) :]:
            ax.set_axis_off()
        handles = {text: h for ax in axes for h, text in zip(*ax.get_legend_handles_labels(), strict=True)}
        drawn.legend(handles.values(), handles.keys(), loc="center left", bbox_to_anchor=(1 - beside / width, 0.5))
        drawn.tight_layout(rect=(0, 0, 1 - beside / width, 1))
    return Figure(PATH, "Dice against severity of noise, one line per method", _caption(run, list(curves)))


def curve(run: Run, dataset: str) -> pd.DataFrame | None:
    """Dice of every method at severity 0 (clean prompt) to the highest, in percent.

    Returns:
        method, severity, value, lo, hi (the ends of the drop's interval, taken from the clean value), means over
        `families`; None where there is nothing to draw.
    """
    if run.stress is None or run.robustness is None:
        return None
    noisy = _kept(run.robustness, dataset)
    noisy = noisy[noisy["summary"].isin(SEVERITIES) & noisy["value"].notna()]
    if noisy.empty:
        return None
    clean = _kept(run.stress, dataset).groupby("method")["clean"].mean()
    before = noisy["method"].map(clean)
    severity = noisy["summary"].map({name: at for at, name in enumerate(SEVERITIES, start=1)})
    drops = {"value": before - noisy["value"], "lo": before - noisy["hi"], "hi": before - noisy["lo"]}
    start = clean.loc[noisy["method"].unique()].rename("value").reset_index()
    start = start.assign(severity=0, lo=start["value"], hi=start["value"])
    return pd.concat([start, pd.DataFrame({"method": noisy["method"], "severity": severity, **drops})])


def has_bands(run: Run) -> bool:
    """Whether intervals are drawn: with many methods they would cover each other and the lines."""
    return len(run.methods) <= BANDS


def families(robustness: pd.DataFrame, dataset: str) -> tuple[list[str], list[str]]:
    """(drawn, left out): those with several severities, and the others, which are run once and have no curve."""
    rows = _kept(robustness, dataset)
    drawn = " ".join(rows.loc[rows["summary"].isin(SEVERITIES), "families"].unique()).split()
    every = rows.loc[rows["summary"] == "family", "families"].unique()
    return list(dict.fromkeys(drawn)), [f for f in every if f not in drawn]


def _kept(table: pd.DataFrame, dataset: str) -> pd.DataFrame:
    return table[(table["dataset"] == dataset) & (table["metric"] == "dice") & (table["kind"] == "kept")]


def _panel(ax: Any, run: Run, dataset: str, table: pd.DataFrame, style: dict[str, Any]) -> None:
    for method in sorted(run.methods, key=lambda m: m.uses_text):
        line = table[table["method"] == method.name].sort_values("severity")
        if line.empty:
            continue
        look = style[method.name]
        if has_bands(run):
            ax.fill_between(line["severity"], line["lo"], line["hi"], color=look.color, alpha=0.15, linewidth=0)
        marker = look.marker if method.uses_text else ""
        label = wrapped(method.title, NAME, 2)
        drawn = {"color": look.color, "marker": marker, "markersize": 4, "linewidth": 1.6, "label": label}
        ax.plot(line["severity"], line["value"], look.line, **drawn)
    ax.set_title(wrapped(dataset, TITLE, 2))
    ax.set_xlabel("Severity of noise (0: clean prompt)")
    ax.set_ylabel("Dice (%)")
    ax.set_xticks(np.arange(0, table["severity"].max() + 1))
    ax.grid(axis="y")


def _caption(run: Run, datasets: list[str]) -> str:
    assert run.robustness is not None
    intervals = (
        "bands: 95 % interval of the drop from the clean prompt (one bootstrap for all severities)"
        if has_bands(run)
        else f"more than {BANDS} methods, so their intervals are in tables/robustness.csv only"
    )
    parts = [
        f"Dice against the severity of noise that keeps the prompt's meaning; {intervals}. Grey and dashed: text-free."
    ]
    for dataset in datasets:
        drawn, out = families(run.robustness, dataset)
        sentence = f"{dataset}: mean of {', '.join(drawn)}"
        parts.append(f"{sentence}; run at one severity and left out: {', '.join(out)}." if out else f"{sentence}.")
    return " ".join(parts)
