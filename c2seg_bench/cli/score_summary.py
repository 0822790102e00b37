"""The output of `c2seg-bench score`: tables on the terminal, or a row for a paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

LEGEND = (
    "Strict: share of masks that agree with everything their prompt states on the axis. Score: the same, graded. "
    "Chance: against the prompts of other images. Ceiling: score of the experts' masks. Corrected: 0 at chance, 1 as "
    "the experts' masks."
)
DEFAULT_FRAME = (
    "The frame thirds is the default; one that was fitted to images of this kind judges places better (--frame)."
)
DISTANCES = {  # by the policy for empty masks
    "diagonal": "If one mask is empty, a distance is the image's diagonal; if both are, it is 0 (--empty).",
    "skip": "Distances are means over the images in which neither mask is empty (--empty).",
    "nan": "A mean distance is missing if any mask is empty (--empty).",
}


def show(summary: dict[str, Any], out: Path, metrics: Sequence[str], chosen_frame: bool = True) -> None:
    """The summary as tables on the terminal, in the units of the report.

    Args:
        chosen_frame: whether the frame was chosen by the user; otherwise the output says how to choose one.
    """
    from c2seg_bench.terminal.console import PlainConsole

    console = PlainConsole()
    console.print(title_of(summary))
    console.print(mask_table(summary, metrics))
    if summary["pooled"]:
        console.print("Pooled: all images scored as one.")
    if note := empty_masks(summary):
        console.print(note)
    if "consistency" in summary:
        console.print(consistency_table(summary["consistency"]))
        if summary["consistency"]["axes"]["all"]["n"]:
            console.print(LEGEND if chosen_frame else f"{LEGEND} {DEFAULT_FRAME}")
    if warning := few_drawn(summary):
        console.print(warning)
    console.print(f"One row per image: {out}", soft_wrap=True)


def mask_table(summary: dict[str, Any], metrics: Sequence[str]) -> Any:
    """One line per metric of masks: mean, interval, and the value of all images as one."""
    from rich.table import Table

    from metrics.catalogue import mask_metrics

    table = Table("", "mean", "95 % interval", "pooled")
    for metric in mask_metrics(metrics):
        unit = summary["unit"] if metric.unit == "px" else metric.unit
        low, high = summary["interval"].get(metric.name, (None, None))
        mean, low, high = (number(value, 2, metric.scale) for value in (summary[metric.name], low, high))
        pooled = number(summary["pooled"][metric.name], 2, metric.scale) if metric.name in summary["pooled"] else ""
        table.add_row(f"{metric.title}, {unit}" if unit else metric.title, mean, f"{low} to {high}", pooled)
    return table


def empty_masks(summary: dict[str, Any]) -> str:
    """How many masks are empty and what that does to distances; "" if none is."""
    images = {"the prediction is": "only_pred_empty", "the target is": "only_target_empty", "both are": "both_empty"}
    counts = [f"{which} empty in {summary[key]}" for which, key in images.items() if summary[key]]
    return f"Of {summary['n']} images, {', '.join(counts)}. {DISTANCES[summary['empty']]}" if counts else ""


def few_drawn(summary: dict[str, Any]) -> str:
    """A warning about the intervals of a small sample; "" where it is large enough."""
    from reports.tables.captions import FEW

    drawn, unit = (summary["n"], "images") if summary["subjects"] is None else (summary["subjects"], "subjects")
    if drawn >= FEW:
        return ""
    return (
        f"Only {drawn} {unit}: intervals are rough below {FEW}. They can be too narrow if a few images decide, and "
        "reach beyond values that are possible."
    )


def title_of(summary: dict[str, Any]) -> str:
    """The number of images, and whether intervals draw images or subjects."""
    drawn = "drawn by image" if summary["subjects"] is None else f"drawn by subject ({summary['subjects']})"
    return f"{summary['n']} images, per-image means; intervals {drawn}"


def consistency_table(consistency: dict[str, Any]) -> Any:
    """One line per axis that some prompt states, and one for all; narrow enough for a terminal of 80 columns."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    columns = ("coverage", "strict", "score", "chance", "ceiling")
    title = f"Do the masks follow the prompts? Ontology {consistency['ontology']}, frame {consistency['frame']}"
    table = Table("axis", *columns, "corrected, 95 % interval", title=escape(title), box=SIMPLE_HEAD)
    table.pad_edge, table.collapse_padding = False, True
    for axis, values in consistency["axes"].items():
        if not values["n"] and axis != "all":
            continue
        corrected = with_interval(values.get("corrected"), values.get("corrected_interval"), 2)
        table.add_row(axis, *(number(values.get(c), 3) for c in columns), corrected)
    return table


def as_markdown(summary: dict[str, Any], name: str, metrics: Sequence[str]) -> str:
    """The summary as a Markdown table of one row, called `name`."""
    from reports.markdown import escape

    headings, values = zip(*row_of(summary, metrics), strict=True)
    lines = [["", *map(escape, headings)], ["---"] * (len(headings) + 1), [escape(name), *values]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_latex(summary: dict[str, Any], name: str, metrics: Sequence[str]) -> str:
    """The summary as a row of a LaTeX table, called `name`, below a comment that names its columns."""
    from reports.latex import escape

    headings, values = zip(*row_of(summary, metrics), strict=True)
    return "\n".join((f"% {' & '.join(('', *headings)).strip()}", f"{escape(name)} & {' & '.join(values)} \\\\"))


def row_of(summary: dict[str, Any], metrics: Sequence[str]) -> list[tuple[str, str]]:
    """(heading, value with its 95 % interval) of each metric, as papers print them, and of corrected consistency."""
    from metrics.catalogue import mask_metrics

    cells = []
    for metric in mask_metrics(metrics):
        unit = summary["unit"] if metric.unit == "px" else metric.unit
        digits = 1 if metric.unit == "%" else 2
        interval = summary["interval"].get(metric.name)
        title = f"{metric.title} ({unit})" if unit else metric.title
        cells.append((title, with_interval(summary[metric.name], interval, digits, metric.scale)))
    axes = summary.get("consistency", {}).get("axes", {})
    for axis in ("all", *(name for name in axes if name != "all")):
        if "corrected" in axes.get(axis, {}):
            title = "Consistency, corrected" if axis == "all" else axis.capitalize()
            cells.append((title, with_interval(axes[axis]["corrected"], axes[axis]["corrected_interval"], 2)))
    return cells


def with_interval(value: float | None, interval: Sequence[float] | None, digits: int, scale: float = 1.0) -> str:
    """ "83.2 [80.1, 86.0]"; a dash where there is no value."""
    if value is None:
        return "-"
    ends = "" if interval is None or None in interval else f" [{', '.join(number(v, digits, scale) for v in interval)}]"
    return number(value, digits, scale) + ends


def number(value: float | None, digits: int, scale: float = 1.0) -> str:
    """The value times `scale` with so many digits; a dash where there is none."""
    return "-" if value is None else f"{scale * value:.{digits}f}"
