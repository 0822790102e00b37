"""Per-image scores -> the tidy tables that `reports` reads (columns: docs/architecture.md)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.data.cache import Cache
from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic, read_json, write_json
from c2seg_bench.noise_tables import adherence, stress
from c2seg_bench.provenance import about, methods
from c2seg_bench.robustness import references, robustness
from c2seg_bench.rundir import CLEAN, RunDir
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.seeding import seed
from c2seg_bench.suite import Suite
from metrics.consistency import constant_masks
from metrics.stats import bootstrap_corrected, bootstrap_mean, rank_intervals, tie_groups
from metrics.table import fill_empty

AXES = ("count", "laterality", "position", "size")
PERCENT = ("dice", "iou", "consistent", "consistency")
LOWER = ("hd95", "assd")  # is better
SOURCES = {  # metric -> column of the scores
    "dice": "dice", "iou": "iou", "hd95": "hd95", "assd": "assd", "consistent": "consistent", "consistency": "score",
}  # fmt: skip
MAYBE = ("stress", "robustness", "adherence")  # tables of suites with noise


def summarise_run(out: Path) -> None:
    """Write OUT/tables/*.csv, run.json and the panel from OUT/scores.parquet."""
    Summary(out).write()


@dataclass
class Truth:
    """The experts' masks of a test split under their own prompts: the ceiling."""

    names: list[str]
    prompts: list[str]
    masks: np.ndarray
    rows: pd.DataFrame
    judge: Judge
    cache_rows: np.ndarray


class Summary:
    """One run folder, read once, and the tables made of it."""

    def __init__(self, out: Path):
        self.out = out
        saved = read_json(RunDir(out).suite)
        if saved is None or not RunDir(out).scores.exists():
            raise InputError(f"{out}: no suite.json and scores.parquet; give the folder of a finished run")
        self.suite = Suite(**saved)
        self.scores = pd.read_parquet(RunDir(out).scores)
        self.labels = [m.label for m in self.suite.methods if m.label in set(self.scores["method"])]
        self.datasets = [d for d in self.suite.datasets if d in set(self.scores["dataset"])]
        self.truth = {d: self._truth(d) for d in self.datasets}

    def write(self) -> None:
        tables = {"methods": methods(self), "main": self.main(), "axes": self.axes()}
        if self.suite.stress.families:
            tables["stress"] = stress(self)
            draws, readers = self.suite.score.bootstrap, {m["method"] for m in tables["methods"] if m["uses_text"]}
            tables["robustness"] = robustness(self.scores, references(self.suite, readers), self.suite.name, draws)
            if edited := adherence(self):
                tables["adherence"] = edited
        (self.out / "tables").mkdir(exist_ok=True)
        for name in MAYBE:
            if name not in tables:  # what an earlier suite left
                (self.out / "tables" / f"{name}.csv").unlink(missing_ok=True)
        for name, rows in tables.items():
            with atomic(self.out / "tables" / f"{name}.csv") as temporary:
                pd.DataFrame(rows).to_csv(temporary, index=False, float_format="%.6g")
        write_json(self.out / "tables" / "run.json", about(self))
        from c2seg_bench.panel import write_panel

        write_panel(self.out / "tables" / "panel.npz", self)

    def _truth(self, dataset: str) -> Truth:
        cache = Cache.open(RunDir(self.out).data(dataset))
        judge, rows = Judge.of_dataset(self.suite.datasets[dataset], cache), cache.rows("test")
        masks, prompts = cache.masks[rows].astype(bool), list(cache.index["prompt"].iloc[rows])
        names = list(cache.index["name"].iloc[rows])
        verdicts = judge.evaluate(masks, prompts, rows).rows
        return Truth(names, prompts, masks, verdicts, judge, rows)

    def clean(self, dataset: str, method: str) -> pd.DataFrame:
        table = self.scores
        return table[(table["dataset"] == dataset) & (table["method"] == method) & (table["condition"] == str(CLEAN))]

    def wide(self, table: pd.DataFrame, column: str, images: list[str]) -> np.ndarray:
        """(seeds, images) of one column."""
        return table.pivot(index="seed", columns="image", values=column)[images].to_numpy(float)

    def interval(self, values: np.ndarray, *names: str) -> tuple[float, float, float]:
        return bootstrap_mean(values, seed(self.suite.name, "bootstrap", *names) % 2**32, n=self.suite.score.bootstrap)

    def main(self) -> list[dict[str, Any]]:
        """Every metric of every method, and which methods the paired bootstrap cannot tell apart."""
        rows = []
        for dataset in self.datasets:
            names = self.truth[dataset].names
            tables = {m: fill_empty(self.clean(dataset, m), self.suite.score.empty) for m in self.labels}
            for metric, column in SOURCES.items():
                values = {m: self._known(self.wide(table, column, names), metric) for m, table in tables.items()}
                order = self._order(values, dataset, metric)
                unit = 100.0 if metric in PERCENT else 1.0
                for method, found in values.items():
                    mean, low, high = (unit * v for v in self.interval(found, dataset, metric))
                    n = int(np.isfinite(found).any(axis=0).sum())
                    about = {"dataset": dataset, "method": method, "metric": metric, "seeds": len(found)}
                    rows.append({**about, "value": mean, "lo": low, "hi": high, "n": n, **order.get(method, {})})
            for method, table in tables.items():
                mean, low, high = self.corrected(dataset, table, "score", "chance")
                about = {"dataset": dataset, "method": method, "metric": "corrected", "seeds": table["seed"].nunique()}
                rows.append({**about, "value": mean, "lo": low, "hi": high, "n": len(names)})
        return sorted(rows, key=lambda row: (self.datasets.index(row["dataset"]), self.labels.index(row["method"])))

    def _known(self, values: np.ndarray, metric: str) -> np.ndarray:
        """Distances are left out of a mean where that is the suite's policy; under policy nan one spoils it."""
        if self.suite.score.empty == "nan" and metric in LOWER and np.isnan(values).any():
            return np.full_like(values, np.nan)
        return values

    def _order(self, values: dict[str, np.ndarray], dataset: str, metric: str) -> dict[str, dict[str, Any]]:
        """method -> letter of its tie group, and the ranks that it takes in 95 % of the draws; none for one alone."""
        values = {m: v for m, v in values.items() if np.isfinite(v).any()}
        there = [np.isfinite(v).any(axis=0) for v in values.values()]
        if len(values) < 2 or not np.logical_and.reduce(there).any():
            return {}
        how: dict[str, Any] = {
            "seed": seed(self.suite.name, "bootstrap", dataset, metric) % 2**32,
            "higher_is_better": metric not in LOWER,
            "n": self.suite.score.bootstrap,
        }
        letters, ranks = tie_groups(values, **how), rank_intervals(values, **how)
        return {m: {"group": letters[m], "rank_lo": ranks[m][0], "rank_hi": ranks[m][1]} for m in values}

    def corrected(self, dataset: str, table: pd.DataFrame, score: str, chance: str) -> tuple[float, float, float]:
        truth = self.truth[dataset]
        return bootstrap_corrected(
            self.wide(table, score, truth.names),
            self.wide(table, chance, truth.names),
            truth.rows[score].to_numpy(float),
            seed(self.suite.name, "bootstrap", dataset, score) % 2**32,
            n=self.suite.score.bootstrap,
        )

    def axes(self) -> list[dict[str, Any]]:
        """Every axis of every method, of the experts, and of predictors that never look."""
        rows = []
        for dataset in self.datasets:
            truth = self.truth[dataset]
            subjects = {label: self.clean(dataset, label) for label in self.labels}
            subjects["ground truth"] = truth.rows.assign(seed=0, image=truth.names)
            train = Cache.open(RunDir(self.out).data(dataset))
            for name, mask in constant_masks(train.masks[train.rows("train")]).items():
                same = np.broadcast_to(mask, truth.masks.shape)
                found = truth.judge.rows(same, truth.prompts, truth.cache_rows)
                subjects[name] = found.assign(seed=0, image=truth.names)
            for name, table in subjects.items():
                rows += [self._axis(dataset, name, table, axis) for axis in (*AXES, "all")]
        return [r for r in rows if r["coverage"] > 0]

    def _axis(self, dataset: str, name: str, table: pd.DataFrame, axis: str) -> dict[str, Any]:
        score, chance, strict = (
            ("score", "chance", "consistent") if axis == "all" else (f"{axis}_score", f"{axis}_chance", f"{axis}_ok")
        )
        truth = self.truth[dataset]
        stated = truth.rows[score].notna()
        corrected = self.corrected(dataset, table, score, chance) if stated.any() else (np.nan,) * 3
        # over the images whose prompt states the axis, as in `corrected`
        mean = {
            c: float(table[table["image"].isin(np.array(truth.names)[stated])][c].mean())
            for c in (score, chance, strict)
        }
        return {
            "dataset": dataset,
            "method": name,
            "axis": axis,
            "coverage": float(stated.mean()),
            "strict": mean[strict],
            "graded": mean[score],
            "chance": mean[chance],
            "ceiling": float(truth.rows[score].mean()),
            **dict(zip(("corrected", "lo", "hi"), corrected, strict=True)),
        }
