"""What the page's charts draw, as plain records; the browser draws it, in the reader's colours and width."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from reports.figures.severity import curve
from reports.figures.style import looks
from reports.findings import METRICS
from reports.run import AXES, BLIND, TRUTH, Run
from reports.tables.adherence import FAMILIES, families_in_order
from reports.tables.consistency import TITLES

PART = "Dice with the named part"
KINDS = {
    "kept": "Meaning kept: the mask should stay",
    "missing": "Findings missing: a method should fall back on the image",
    "changed": "Meaning changed: a drop shows that the words are followed",
}

Record = dict[str, Any]


def charts(run: Run) -> Record:
    """Methods with their looks, and the data of each chart by dataset; a chart without data is an empty list."""
    return {
        "methods": _methods(run),
        "places": [_places(run, dataset) for dataset in run.datasets],
        "axes": _of_datasets(run, _axes),
        "severity": _of_datasets(run, _severity),
        "adherence": _of_datasets(run, _adherence),
    }


def _of_datasets(run: Run, chart: Callable[[Run, str], Record | None]) -> list[Record]:
    """The chart of each dataset that has one."""
    return [record for dataset in run.datasets if (record := chart(run, dataset)) is not None]


def _methods(run: Run) -> list[Record]:
    """Text-free ones first; `tone` is the number of a colour of the stylesheet, `marker` a letter of Matplotlib's."""
    style, tones, records = looks(run.methods), {True: 0, False: 0}, []
    for method in sorted(run.methods, key=lambda m: m.uses_text):
        tone = tones[method.uses_text]
        tones[method.uses_text] += 1
        records.append({
            "name": method.name, "title": method.title, "text": method.uses_text, "tone": tone,
            "marker": style[method.name].marker,
            "collapsed": [dataset for dataset in run.datasets if method.name in run.collapsed(dataset)],
        })  # fmt: skip
    return records


def _places(run: Run, dataset: str) -> Record:
    """Value, interval and possible ranks of each method, by metric; first how it segments the part that is named."""
    panels = [] if run.referring is None else [_parts(run, dataset, run.referring.values)]
    for metric in (m for m in run.metrics if m.name in METRICS):
        rows = run.main[(run.main["dataset"] == dataset) & (run.main["metric"] == metric.name)].set_index("method")
        shown = [
            {
                "method": m.name,
                **_interval(rows.loc[m.name]),
                "ranks": [_number(rows.loc[m.name].get(end)) for end in ("rank_lo", "rank_hi")],
            }
            for m in run.methods
            if m.name in rows.index
        ]
        panels.append({"title": METRICS[metric.name], "digits": 1 if metric.unit else 2, "better": metric.better,
                       "guide": None, "rows": shown})  # fmt: skip
    drawn, undefined = _defined(panels)
    return {"dataset": dataset, "metrics": drawn, "undefined": undefined}


def _parts(run: Run, dataset: str, values: pd.DataFrame) -> Record:
    """Dice with the part of the lesions that a prompt names, beside that of the experts' whole mask."""
    dice = values[(values["dataset"] == dataset) & (values["kind"] == "part") & (values["measure"] == "dice")]
    rows = dice.set_index("method")
    shown = [
        {"method": m.name, **_interval(rows.loc[m.name]), "ranks": [None, None]}
        for m in run.methods
        if m.name in rows.index
    ]
    guide = {"value": float(rows.loc[TRUTH, "value"]), "title": "whole mask"} if TRUTH in rows.index else None
    return {"title": f"{PART} (%)", "digits": 1, "better": "up", "guide": guide, "rows": shown}


def _axes(run: Run, dataset: str) -> Record | None:
    """Corrected consistency by axis, of methods and of predictors that never look."""
    if run.axes is None:
        return None
    rows = run.axes[run.axes["dataset"] == dataset]
    if rows.empty:
        return None
    names = [m.name for m in run.of(run.axes, dataset)] + [b for b in BLIND if b in set(rows["method"])]
    panels = []
    for axis in ("all", *AXES[:-1]):
        own = rows[rows["axis"] == axis].set_index("method")
        if own.empty:
            continue
        shown = [
            {"method": name, "value": float(row["corrected"]), "lo": float(row["lo"]), "hi": float(row["hi"])}
            for name in names
            if name in own.index
            for row in [own.loc[name]]
        ]
        panels.append({"title": TITLES[axis], "coverage": float(own["coverage"].iloc[0]), "rows": shown})
    drawn, undefined = _defined(panels)
    return {"dataset": dataset, "panels": drawn, "undefined": undefined}


def _defined(panels: list[Record], key: str = "value") -> tuple[list[Record], list[str]]:
    """The panels in which some row has a value, and the titles of those that would be empty."""
    empty = [panel["title"] for panel in panels if panel["rows"] and all(row[key] != row[key] for row in panel["rows"])]
    return [panel for panel in panels if panel["rows"] and panel["title"] not in empty], empty


def _severity(run: Run, dataset: str) -> Record | None:
    """Dice against severity: a panel for each family of noise, and one for the mean of those that keep the meaning."""
    if run.stress is None:
        return None
    rows = run.stress[(run.stress["dataset"] == dataset) & (run.stress["metric"] == "dice")]
    kinds: list[Record] = []
    undefined: list[str] = []
    for kind, title in KINDS.items():
        of_kind = rows[rows["kind"] == kind]
        known = of_kind[of_kind["value"].notna()]
        undefined += [name for name in dict.fromkeys(of_kind["family"]) if name not in set(known["family"])]
        panels = _families(known)
        mean = curve(run, dataset) if kind == "kept" and len(panels) > 1 else None
        if mean is not None:
            panels.insert(0, {"title": "Mean of graded families", "curves": _mean(mean)})
        if panels:
            kinds.append({"title": title, "panels": panels})
    return {"dataset": dataset, "kinds": kinds, "undefined": undefined} if kinds or undefined else None


def _families(rows: pd.DataFrame) -> list[Record]:
    """A panel for each family: each method's points (severity, value, lo, hi), severity 0 being the clean prompt.

    The interval is that of the drop.
    """
    panels: dict[str, dict[str, list[list[float]]]] = {}
    columns = (rows[name] for name in ("family", "method", "severity", "value", "clean", "lo", "hi"))
    for family, method, severity, value, clean, low, high in zip(*columns, strict=True):
        points = panels.setdefault(family, {}).setdefault(method, [[0, clean, clean, clean]])
        points.append([int(severity), value, clean - high, clean - low])
    return [
        {"title": family, "curves": [{"method": m, "points": sorted(points)} for m, points in of_family.items()]}
        for family, of_family in panels.items()
    ]


def _mean(table: pd.DataFrame) -> list[Record]:
    return [
        {
            "method": method,
            "points": own.sort_values("severity")[["severity", "value", "lo", "hi"]].to_numpy(float).tolist(),
        }
        for method, own in table.groupby("method", sort=False)
    ]


def _adherence(run: Run, dataset: str) -> Record | None:
    """Share of masks that follow each family of edited prompts, and that agreed with it before the edit."""
    if run.adherence is None:
        return None
    rows = run.adherence[run.adherence["dataset"] == dataset]
    if rows.empty:
        return None
    families = []
    for name in families_in_order(rows):
        own = rows[rows["family"] == name].set_index("method")
        shown = [
            {
                "method": m.name,
                "followed": float(own.loc[m.name, "followed"]),
                **{end: float(own.loc[m.name, end]) for end in ("lo", "hi", "before", "empty")},
            }
            for m in run.of(run.adherence, dataset)
            if m.name in own.index
        ]
        families.append({
            "title": FAMILIES.get(name, name), "axis": str(own["axis"].iloc[0]), "n": _number(own["n"].iloc[0]),
            "ceiling": float(own["ceiling"].iloc[0]), "rows": shown,
        })  # fmt: skip
    drawn, undefined = _defined(families, "followed")
    return {"dataset": dataset, "families": drawn, "undefined": undefined}


def _interval(row: pd.Series) -> Record:
    return {end: float(row[end]) for end in ("value", "lo", "hi")}


def _number(value: Any) -> float | None:
    """A number of a column that may be absent, or text; None where there is none."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if number == number else None
