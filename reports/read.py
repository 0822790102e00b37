"""A run folder's tidy tables, read and checked (columns: docs/schema.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from reports import published
from reports.csvfile import choices, flag, read_csv, within
from reports.errors import InputError
from reports.read_panel import read_panel
from reports.read_referring import read_referring
from reports.run import AXES, BLIND, KINDS, SUMMARIES, TRUTH, Method, Metric, Run

ROUNDING = 1e-6  # what float_format may have done to a share


def read_run(folder: Path) -> Run:
    """Read folder/tables. Raises InputError with file, row and column for what is absent or malformed."""
    tables = folder / "tables"
    if not tables.is_dir():
        raise InputError(f"{folder}: no folder `tables` in it; give the folder of a finished run")
    about = _about(tables / "run.json")
    methods = _methods(tables / "methods.csv")
    run = Run(folder, about, methods, _metrics(tables / "metrics.csv"), _main(tables / "main.csv"))
    if (tables / "axes.csv").exists():
        run.axes = _axes(tables / "axes.csv")
    if (tables / "stress.csv").exists():
        run.stress = _stress(tables / "stress.csv")
    if (tables / "robustness.csv").exists():
        run.robustness = _robustness(tables / "robustness.csv", [m.name for m in methods])
    if (tables / "adherence.csv").exists():
        run.adherence = _adherence(tables / "adherence.csv")
    _check_names(run, tables)
    if (tables / "panel.npz").exists():
        run.panel = read_panel(tables / "panel.npz", [m.name for m in methods])
    run.referring = read_referring(tables, list(about["datasets"]), [m.name for m in methods])
    for dataset in run.datasets:
        key = about["datasets"][dataset].get("published")
        if key:
            run.published[dataset] = published.load(key)
    return run


def _check_names(run: Run, folder: Path) -> None:
    """Every dataset, method and metric that a table names is one of run.json, methods.csv or metrics.csv."""
    names, metrics = [m.name for m in run.methods], [m.name for m in run.metrics]
    beside = {"main": BLIND, "axes": (TRUTH, *BLIND)}
    for file in ("main", "axes", "stress", "robustness", "adherence"):
        table, path = getattr(run, file), folder / f"{file}.csv"
        if table is not None:
            choices(path, table, "dataset", list(run.about["datasets"]))
            choices(path, table, "method", [*names, *beside.get(file, ())])
            if "metric" in table:
                choices(path, table, "metric", metrics)


def _about(path: Path) -> dict[str, Any]:
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; give the folder of a finished run") from None
    except ValueError as e:
        raise InputError(f"{path}: not JSON ({e}); run the summary again") from None
    needed = {"suite": str, "datasets": dict, "aggregation": str, "threshold": int | float, "empty": str, "seeds": list}
    for key, kind in needed.items():
        if not isinstance(about, dict) or key not in about:
            raise InputError(f"{path}: {key!r} is missing; run the summary again")
        if not isinstance(about[key], kind):
            raise InputError(f"{path}: {key!r} is {about[key]!r}; give {getattr(kind, '__name__', 'a number')}")
    for name, entry in about["datasets"].items():
        if not isinstance(entry, dict):
            raise InputError(f"{path}: datasets: {name!r} is {entry!r}; give an object")
    return about


def _methods(path: Path) -> list[Method]:
    numbers = ("params_m", "thop_m", "minutes", "epochs")
    table = read_csv(
        path, ("method", "title", "uses_text", "published"), numbers, ("method",), ("deviations", "weights")
    )
    return [
        Method(r.method, r.title or r.method, flag(path, i, "uses_text", r.uses_text), r.published, r.params_m,
               r.thop_m, r.minutes, r.epochs, r.deviations.strip(), r.weights.strip())
        for i, r in enumerate(table.itertuples(), start=2)
    ]  # fmt: skip


def _metrics(path: Path) -> list[Metric]:
    table = read_csv(path, ("metric", "title", "unit", "better", "printed", "fills_empty", "meaning"), (), ("metric",))
    choices(path, table, "better", ("up", "down"))
    return [
        Metric(r.metric, r.title or r.metric, r.unit, r.better, flag(path, i, "printed", r.printed),
               flag(path, i, "fills_empty", r.fills_empty), r.meaning)
        for i, r in enumerate(table.itertuples(), start=2)
    ]  # fmt: skip


def _main(path: Path) -> pd.DataFrame:
    keys = ("dataset", "method", "metric")
    numbers = ("value", "lo", "hi", "n", "seeds", "subjects", "seed_sd", "undefined")
    return read_csv(path, keys, numbers, keys, maybe=("group",))


def _axes(path: Path) -> pd.DataFrame:
    keys, shares = ("dataset", "method", "axis"), ("coverage", "strict", "graded", "chance", "ceiling")
    table = read_csv(path, keys, (*shares, "corrected", "lo", "hi", "undefined", "same_reading"), keys)
    choices(path, table, "axis", AXES)
    for column in shares:
        within(path, table, column, -ROUNDING, 1 + ROUNDING, "a share")
    return table


def _stress(path: Path) -> pd.DataFrame:
    keys = ("dataset", "method", "family", "severity", "metric")
    numbers = ("severity", "clean", "value", "drop", "lo", "hi", "stability", "changed")
    text = ("dataset", "method", "kind", "family", "metric")
    table = read_csv(path, text, numbers, keys)
    choices(path, table, "kind", KINDS)
    within(path, table, "severity", 0, 5, "a severity")
    return table


def _robustness(path: Path, methods: list[str]) -> pd.DataFrame:
    keys = ("dataset", "method", "kind", "summary", "metric", "families")
    table = read_csv(path, (*keys, "reference"), ("value", "lo", "hi", "undefined"), keys, maybe=("group",))
    choices(path, table, "kind", KINDS)
    choices(path, table, "summary", SUMMARIES)
    choices(path, table, "reference", ["", *methods])
    return table


def _adherence(path: Path) -> pd.DataFrame:
    keys = ("dataset", "method", "family")
    shares = ("followed", "before", "empty", "ceiling", "graded", "graded_before", "moved")
    table = read_csv(path, (*keys, "axis"), ("n", *shares, "lo", "hi"), keys)
    for column in shares:
        within(path, table, column, -ROUNDING, 1 + ROUNDING, "a share")
    return table
