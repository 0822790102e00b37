"""A run folder read once: the suite, the scores of every image, and the experts' masks that they are compared with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.masks.packed import load_masks
from c2seg_bench.errors import InputError
from c2seg_bench.referring.score import COLUMNS as REFERRING_COLUMNS
from c2seg_bench.results.belonging import CellName, foreign_cells, lines_of, without_cells
from c2seg_bench.results.check_scores import ALWAYS, check_columns, check_images, check_names
from c2seg_bench.results.collapsed import Collapse, collapses
from c2seg_bench.results.grid import Grid
from c2seg_bench.results.stored_scores import TEXTS, split_referring, stored_names, stored_rows
from c2seg_bench.results.truth import Truth
from c2seg_bench.rundir import CLEAN, Condition, RunDir
from c2seg_bench.suite import Suite, stored_suite
from metrics.catalogue import DEFAULT, METRICS, Metric, mask_metrics
from metrics.summary import fill_empty, metrics_in

# read under every condition; the others are read under clean prompts alone, which have a fortieth of the rows
JUDGED_BY = (
    *(name for name in TEXTS if name != "request"), "seed", "dice", "score", "consistent", "stability", "empty",
    "edited_ok", "edited_score", "before_ok", "before_score",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What a run left.

    Args:
        files: where they lie.
        suite: as it was run.
        scores: the rows of scores.parquet whose correct mask is the expert's, with the columns that noisy and edited
            prompts are judged by; texts are categories.
        clean_scores: those under the prompts as they were written, with all columns.
        referring: the rows of prompts with a correct mask of their own.
        labels: methods with scores, in the suite's order.
        datasets: those with scores, in the suite's order.
        truth: the experts' masks of each dataset.
        foreign: cells whose scores do not belong to the suite and are left out, and why.
    """

    files: RunDir
    suite: Suite
    scores: pd.DataFrame
    labels: list[str]
    datasets: list[str]
    truth: dict[str, Truth]
    foreign: dict[CellName, str] = field(default_factory=dict)
    clean_scores: pd.DataFrame = field(default_factory=pd.DataFrame)
    referring: pd.DataFrame = field(default_factory=pd.DataFrame)

    @classmethod
    def overview(cls, out: Path) -> Run:
        """Which cells of a run have scores: `scores` and `referring` have the distinct `NAMES` alone, `truth` is empty.

        Raises:
            InputError: not the folder of a finished run, or no scores are of its suite.
        """
        files = RunDir(out)
        suite = stored_suite(files.suite)
        if suite is None or not files.scores.exists():
            raise InputError(f"{out}: no suite.json and scores.parquet; give the folder of a finished run")
        check_columns(files.scores, [*ALWAYS, *(metric.column for metric in mask_metrics(suite.score.metrics))])
        every = stored_names(files.scores)
        check_names(files.scores, every)
        foreign = foreign_cells(every, suite, files)
        names = without_cells(every, foreign)
        if names.empty:
            why = next(iter(lines_of(foreign)), "there are none; run the suite again")
            raise InputError(f"{out}: none of its scores are of its suite ({why})")
        scores, referring = split_referring(names)
        if len(referring):
            check_columns(files.scores, REFERRING_COLUMNS)
        scored = {name: set(scores[name].unique()) for name in ("method", "dataset")}
        labels = [m.label for m in suite.methods if m.label in scored["method"]]
        datasets = [d for d in suite.datasets if d in scored["dataset"]]
        return cls(files, suite, scores, labels, datasets, {}, foreign, referring=referring)

    @classmethod
    def open(cls, out: Path) -> Run:
        """Read a run's folder. Raises as `overview`."""
        return cls.overview(out).with_scores()

    def with_scores(self, dataset: str | None = None) -> Run:
        """An overview with the scores and the experts' masks of one dataset, by default of all."""
        conditions = {*self.scores["condition"].unique(), *self.referring.get("condition", ())}
        whole = [c for c in conditions if c == str(CLEAN) or Condition.parse(c).is_referring]
        clean, referring = split_referring(self._read(dataset, conditions=whole))
        scores, _ = split_referring(self._read(dataset, columns=[*JUDGED_BY, *self._added_columns]))
        run = replace(
            self,
            scores=scores,
            clean_scores=clean,
            referring=referring.astype({name: str for name in TEXTS if name in referring}),
            datasets=self.datasets if dataset is None else [dataset],
        ).with_truth()
        for name, truth in run.truth.items():
            stored = clean.loc[clean["dataset"] == name, "image"].astype(object).unique()
            check_images(self.files.scores, name, [str(image) for image in stored], truth.names)
        return run

    def _read(self, dataset: str | None, **which: Collection[str]) -> pd.DataFrame:
        """Rows of scores.parquet, `stored_rows`, with what the suite's policy puts where a mask is empty."""
        rows = without_cells(stored_rows(self.files.scores, dataset, **which), self.foreign)
        undefined = any(metric.empty for metric in metrics_in(rows))
        return fill_empty(rows, self.suite.score.empty) if undefined else rows

    @property
    def _added_columns(self) -> list[str]:
        """The columns of the metrics that the suite adds to the tables of noise, and those that their policy reads."""
        added = [metric for metric in self.noise_metrics if metric.column not in JUDGED_BY]
        of_policy = ["pred_empty", "target_empty", "height", "width", "depth"]
        return [metric.column for metric in added] + (of_policy if any(metric.empty for metric in added) else [])

    def with_truth(self) -> Run:
        """The same with the experts' masks of its datasets."""
        return replace(
            self, truth={name: Truth.of_dataset(self.suite, name, self.cache(name)) for name in self.datasets}
        )

    @property
    def left_out(self) -> list[str]:
        """A line for each cell whose scores do not belong to the suite."""
        return lines_of(self.foreign)

    def cache(self, dataset: str) -> Cache:
        return Cache.open(self.files.data(dataset))

    def clean(self, dataset: str, method: str) -> pd.DataFrame:
        """The rows of one method under the prompts as they were written."""
        return self._clean_rows.get((dataset, method), self.clean_scores.iloc[:0])

    def subjects(self, dataset: str, images: list[str]) -> np.ndarray | None:
        """As `subjects_of`, of the images of one dataset."""
        return self.grid(dataset).subjects(images)

    def grid(self, dataset: str) -> Grid:
        """The scores of one dataset by method, seed, condition and image."""
        return self._grids[dataset]

    def collapses(self, dataset: str) -> dict[str, Collapse]:
        """method -> its trainings that collapsed; methods without one are left out."""
        return self._collapses[dataset]

    def unranked(self, dataset: str) -> set[str]:
        """Methods whose trainings collapsed, so that they take no part in letters and ranks."""
        return {method for method, collapse in self.collapses(dataset).items() if collapse.unranked}

    @cached_property
    def _collapses(self) -> dict[str, dict[str, Collapse]]:
        return {dataset: self._collapses_of(dataset) for dataset in self.datasets}

    def _collapses_of(self, dataset: str) -> dict[str, Collapse]:
        def load(method: str, seed: int) -> np.ndarray:
            return load_masks(self.files.cell(dataset, method, seed).predictions(CLEAN))[1]

        return collapses(self._clean_grids[dataset], self.truth[dataset].masks, load)

    @cached_property
    def _grids(self) -> dict[str, Grid]:
        return Grid.by_dataset(self.scores)

    @cached_property
    def _clean_grids(self) -> dict[str, Grid]:
        return Grid.by_dataset(self.clean_scores)

    @cached_property
    def _clean_rows(self) -> dict[tuple[str, str], pd.DataFrame]:
        groups = self.clean_scores.groupby(["dataset", "method"], sort=False, observed=True)
        return {(str(d), str(m)): rows for (d, m), rows in groups}

    @cached_property
    def trainings(self) -> list[tuple[str, str, int]]:
        """(dataset, method, seed) with scores, in the order of their first rows."""
        rows = self.scores[["dataset", "method", "seed"]].drop_duplicates()
        return [(str(d), str(m), int(s)) for d, m, s in rows.itertuples(index=False)]

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What the main table lists: the suite's metrics of masks, then those that read the prompt."""
        return (*mask_metrics(self.suite.score.metrics), *(m for m in METRICS.values() if m.reads_prompt))

    @property
    def noise_metrics(self) -> tuple[Metric, ...]:
        """What the tables of noisy prompts list: Dice, consistency, and what the suite adds to the default metrics."""
        added = [m for m in mask_metrics(self.suite.score.metrics) if m.name not in DEFAULT]
        return (METRICS["dice"], METRICS["consistency"], *added)
