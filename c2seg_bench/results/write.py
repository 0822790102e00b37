"""Every tidy table of a run, made of its scores and written beside them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from c2seg_bench.files import atomic, write_json
from c2seg_bench.results import schema
from c2seg_bench.results.adherence import adherence
from c2seg_bench.results.axes import axes
from c2seg_bench.results.blind import blind_predictors
from c2seg_bench.results.explorer import write_explorer
from c2seg_bench.results.main import main
from c2seg_bench.results.methods import methods
from c2seg_bench.results.metrics import metrics
from c2seg_bench.results.panel import write_panel
from c2seg_bench.results.provenance import provenance
from c2seg_bench.results.referring import coverage, referring
from c2seg_bench.results.referring_panel import write_referring_panel
from c2seg_bench.results.robustness import references, robustness
from c2seg_bench.results.run import Run
from c2seg_bench.results.stress import stress


def write_tables(out: Path) -> list[str]:
    """Write OUT/tables (CSV files, run.json, panel.npz, explorer.json) from OUT/scores.parquet.

    Returns:
        A line for each cell that is left out, because its scores do not belong to the suite in OUT/suite.json.

    Raises:
        InputError: OUT is not the folder of a finished run.
    """
    run = Run.open(out)
    of_methods = methods(run)
    write_table(out, schema.METRICS, metrics(run))
    write_table(out, schema.METHODS, of_methods)
    blind = {dataset: blind_predictors(run, dataset) for dataset in run.datasets}
    write_table(out, schema.MAIN, main(run, blind))
    write_table(out, schema.AXES_TABLE, axes(run, blind))
    noisy = bool(run.suite.stress.families)
    readers = {row["method"] for row in of_methods if row["uses_text"]}
    write_table(out, schema.STRESS, stress(run) if noisy else [])
    write_table(out, schema.ROBUSTNESS, _robustness(run, readers) if noisy else [])
    write_table(out, schema.ADHERENCE, adherence(run) if noisy else [])
    write_table(out, schema.REFERRING, referring(run))
    write_table(out, schema.REFERRING_COVERAGE, coverage(run))
    write_json(run.files.about, provenance(run))
    write_panel(run.files.panel, run)
    write_referring_panel(run)
    write_explorer(run.files.explorer, run)
    return run.left_out


def write_table(out: Path, table: schema.Table, rows: Sequence[dict[str, Any]]) -> None:
    """One CSV with the columns of its schema; without rows there is no file, and an earlier one is removed."""
    path = out / table.file
    if not rows:
        path.unlink(missing_ok=True)
        return
    if unknown := {name for row in rows for name in row} - set(table.names):
        raise ValueError(f"{table.file}: columns that its schema does not have: {', '.join(sorted(unknown))}")
    with atomic(path) as temporary:
        pd.DataFrame(rows, columns=table.names).to_csv(temporary, index=False, float_format="%.6g")


def _robustness(run: Run, readers: set[str]) -> list[dict[str, Any]]:
    named = references(run.suite, readers)
    unranked = {dataset: run.unranked(dataset) for dataset in run.datasets}
    return robustness(
        {d: run.grid(d) for d in run.datasets},
        named,
        run.suite.name,
        run.suite.score.bootstrap,
        run.noise_metrics,
        unranked,
    )
