"""Everything that a report says of one dataset: datasets share no numbers, so each can be worked on by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from c2seg_bench.results import schema
from c2seg_bench.results.adherence import adherence
from c2seg_bench.results.axes import axes
from c2seg_bench.results.blind import blind_predictors
from c2seg_bench.results.explorer.pairs import Grid, grids
from c2seg_bench.results.main import main
from c2seg_bench.results.methods import readers
from c2seg_bench.results.provenance import dataset_record
from c2seg_bench.results.referring import coverage, referring
from c2seg_bench.results.robustness import references, robustness
from c2seg_bench.results.run import Run
from c2seg_bench.results.stress import stress

OF_DATASETS = (
    schema.MAIN,
    schema.AXES_TABLE,
    schema.STRESS,
    schema.ROBUSTNESS,
    schema.ADHERENCE,
    schema.REFERRING,
    schema.REFERRING_COVERAGE,
)


@dataclass(frozen=True)
class DatasetTables:
    """What one dataset adds to the tables of a run.

    Args:
        rows: file of a table in `OF_DATASETS` -> its rows of this dataset.
        record: of the dataset in run.json.
        grid: scores that the explorer chooses cases by.
    """

    dataset: str
    rows: dict[str, list[dict[str, Any]]]
    record: dict[str, Any]
    grid: Grid


def dataset_tables(overview: Run, dataset: str) -> DatasetTables:
    """The tables of one dataset of a run, `Run.overview`; only its scores are read."""
    run = overview.with_scores(dataset)
    blind = {dataset: blind_predictors(run, dataset)}
    noisy = bool(run.suite.stress.families)
    rows = {
        schema.MAIN.file: main(run, blind),
        schema.AXES_TABLE.file: axes(run, blind),
        schema.STRESS.file: stress(run) if noisy else [],
        schema.ROBUSTNESS.file: _robustness(run) if noisy else [],
        schema.ADHERENCE.file: adherence(run) if noisy else [],
        schema.REFERRING.file: referring(run),
        schema.REFERRING_COVERAGE.file: coverage(run),
    }
    [grid] = grids(run)
    return DatasetTables(dataset, rows, dataset_record(run, dataset), grid)


def _robustness(run: Run) -> list[dict[str, Any]]:
    """Of the run's datasets; a collapsed method is no reference and takes no part in ranks."""
    scores = {dataset: run.grid(dataset) for dataset in run.datasets}
    unranked = {dataset: run.unranked(dataset) for dataset in run.datasets}
    reference = references(run.suite, readers(run))
    return robustness(scores, reference, run.suite.name, run.suite.score.bootstrap, run.noise_metrics, unranked)
