"""What a report is made of: the tables of a run in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

AXES = ("count", "laterality", "position", "size", "all")
KINDS = ("kept", "missing", "changed")
SEVERITIES = tuple(f"severity_{s}" for s in range(1, 6))
SUMMARIES = ("drop", "relative_drop", "mce", "relative_mce", "area", "stability", "worst", "family", *SEVERITIES)
CONSTANT = ("empty", "full", "mean mask")
BLIND = (*CONSTANT, "prompt only")  # they never look at the image
TRUTH = "ground truth"


@dataclass(frozen=True)
class Method:
    """One row of methods.csv; params_m in millions, minutes of training (mean over seeds)."""

    name: str
    title: str
    uses_text: bool
    published: str
    params_m: float
    thop_m: float
    minutes: float
    epochs: float
    deviations: str
    weights: str


@dataclass(frozen=True)
class Metric:
    """One row of metrics.csv; better: `up` or `down`; printed: whether the main table has a column for it."""

    name: str
    title: str
    unit: str
    better: str
    printed: bool
    fills_empty: bool
    meaning: str


@dataclass
class Panel:
    """K test images: images (K, S, S, 3) uint8, truth and each method's mask (K, S, S) 0/1."""

    images: np.ndarray
    truth: np.ndarray
    prompts: list[str]
    names: list[str]
    dataset: list[str]
    masks: dict[str, np.ndarray]


@dataclass
class Parts:
    """K test images: images (K, S, S, 3) uint8; the experts' whole mask, the part and each method's, (K, S, S) bool."""

    images: np.ndarray
    whole: np.ndarray
    parts: np.ndarray
    prompts: list[str]
    names: list[str]
    dataset: list[str]
    masks: dict[str, np.ndarray]


@dataclass
class Referring:
    """Args: values: referring.csv; coverage: referring_coverage.csv; parts: None if no image has a part."""

    values: pd.DataFrame
    coverage: pd.DataFrame
    parts: Parts | None

    def restricted(self, names: Collection[str], datasets: Collection[str]) -> Referring | None:
        """With these methods, references and datasets only; None where nothing is left."""
        values = self.values[self.values["method"].isin(names) & self.values["dataset"].isin(datasets)]
        coverage = self.coverage[self.coverage["dataset"].isin(datasets)]
        return Referring(values, coverage, None) if len(values) else None


@dataclass
class Run:
    """Everything a report is made of. What is below `main` is None where the run has none."""

    folder: Path
    about: dict[str, Any]
    methods: list[Method]
    metrics: list[Metric]
    main: pd.DataFrame
    axes: pd.DataFrame | None = None
    stress: pd.DataFrame | None = None
    robustness: pd.DataFrame | None = None
    adherence: pd.DataFrame | None = None
    panel: Panel | None = None
    referring: Referring | None = None
    published: dict[str, pd.DataFrame] = field(default_factory=dict)  # of the datasets that are the paper's

    @property
    def datasets(self) -> list[str]:
        """Those with a result, in run.json's order."""
        scored = set(self.main["dataset"])
        return [d for d in self.about["datasets"] if d in scored]

    def unranked(self, dataset: str) -> set[str]:
        """Methods that collapsed: most of their trainings give empty masks only, or the same mask for every image."""
        return {m for m, entry in self.collapsed(dataset).items() if entry.get("unranked")}

    def collapsed(self, dataset: str) -> dict[str, dict[str, Any]]:
        """method -> its seeds that collapsed (`empty`, `constant`), how many it has, whether it is `unranked`."""
        return self.about["datasets"][dataset].get("collapsed") or {}

    def restricted(self, methods: Sequence[str], datasets: Sequence[str]) -> Run:
        """The run as if it had these methods and datasets only, in its own order; none are all, the experts stay."""
        names = {*methods, TRUTH} if methods else {*(m.name for m in self.methods), TRUTH, *BLIND}
        wanted = [d for d in self.about["datasets"] if d in (datasets or self.about["datasets"])]
        kept = [m for m in self.methods if m.name in names]
        about = {**self.about, "datasets": {d: self.about["datasets"][d] for d in wanted}}

        tables: dict[str, Any] = {}
        for entry in fields(self):
            if isinstance(table := getattr(self, entry.name), pd.DataFrame):
                rows = table[table["method"].isin(names) & table["dataset"].isin(wanted)]
                tables[entry.name] = rows if len(rows) or entry.name == "main" else None
        tables["referring"] = self.referring.restricted(names, wanted) if self.referring else None
        published = {d: table for d, table in self.published.items() if d in wanted}
        return replace(self, about=about, methods=kept, published=published, **tables)

    def metrics_of(self, table: pd.DataFrame) -> list[Metric]:
        """The metrics with a row in `table`, in the order of metrics.csv."""
        names = set(table["metric"])
        return [m for m in self.metrics if m.name in names]

    def of(self, table: pd.DataFrame, dataset: str) -> list[Method]:
        """The methods with a row of `dataset` in `table`: text-free first, each in the file's order."""
        names = set(table.loc[table["dataset"] == dataset, "method"])
        return sorted((m for m in self.methods if m.name in names), key=lambda m: m.uses_text)
