"""What `c2seg-bench score` prints: means with intervals, and whether the masks follow the words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any


def show(summary: dict[str, Any], out: Path, metrics: Sequence[str]) -> None:
    """The summary as tables on the terminal."""
    from rich.console import Console
    from rich.table import Table

    from metrics.catalogue import mask_metrics

    console = Console()
    unit = {"px": "pixels"}.get(summary["unit"], summary["unit"])
    table = Table("", "mean", "95 % interval", "pooled", title=title_of(summary))
    for metric in mask_metrics(metrics):
        digits = 2 if metric.unit == "px" else 4
        low, high = (number(v, digits) for v in summary["interval"].get(metric.name, (None, None)))
        pooled = number(summary["pooled"][metric.name], digits) if metric.name in summary["pooled"] else ""
        title = f"{metric.title}, {unit}" if metric.unit == "px" else metric.title
        table.add_row(title, number(summary[metric.name], digits), f"{low} to {high}", pooled)
    console.print(table)
    console.print(
        f"Empty masks, policy {summary['empty']}: {summary['only_pred_empty']} where only the prediction is empty, "
        f"{summary['only_target_empty']} only the target, {summary['both_empty']} both."
    )
    if "consistency" in summary:
        console.print(consistency_table(summary["consistency"]))
    console.print(f"One row per image: {out}", soft_wrap=True)


def title_of(summary: dict[str, Any]) -> str:
    """How many images the means are over, and what the intervals draw."""
    drawn = "drawn by image" if summary["subjects"] is None else f"drawn by subject ({summary['subjects']})"
    return f"{summary['n']} images, per-image means; intervals {drawn}"


def consistency_table(consistency: dict[str, Any]) -> Any:
    """One line per axis of the prompts."""
    from rich.table import Table

    columns = ("coverage", "strict", "score", "chance", "ceiling", "corrected")
    title = f"Do the masks follow the words? Ontology {consistency['ontology']}, frame {consistency['frame']}"
    table = Table("axis", *columns, title=title)
    for axis, values in consistency["axes"].items():
        table.add_row(axis, *(number(values.get(c), 3) for c in columns))
    return table


def number(value: float | None, digits: int) -> str:
    """The value with so many digits; a dash where there is none."""
    return "-" if value is None else f"{value:.{digits}f}"
