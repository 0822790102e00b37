"""Every tidy table of a run, made of its scores and written beside them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from c2seg_bench.files import atomic, write_json
from c2seg_bench.results import schema
from c2seg_bench.results.at_once import AtOnce
from c2seg_bench.results.dataset import OF_DATASETS, dataset_tables
from c2seg_bench.results.explorer import write_explorer
from c2seg_bench.results.methods import methods
from c2seg_bench.results.metrics import metrics
from c2seg_bench.results.panel import write_panel
from c2seg_bench.results.provenance import provenance
from c2seg_bench.results.referring_panel import write_referring_panel
from c2seg_bench.results.run import Run


@dataclass(frozen=True)
class Written:
    """What `start_tables` has done and what it has started.

    Args:
        left_out: a line for each cell whose scores do not belong to the suite.
        explorer: done when explorer.json is written.
    """

    left_out: list[str]
    explorer: Future[None]


def write_tables(out: Path) -> list[str]:
    """Write OUT/tables (CSV files, run.json, panel.npz, explorer.json) from OUT/scores.parquet.

    Returns:
        A line for each cell that is left out, because its scores do not belong to the suite in OUT/suite.json.

    Raises:
        InputError: OUT is not the folder of a finished run.
    """
    written = start_tables(out, AtOnce())
    written.explorer.result()
    return written.left_out


def start_tables(out: Path, pool: Executor) -> Written:
    """As `write_tables`, with a task in `pool` for each dataset, and without waiting for explorer.json."""
    run = Run.overview(out)
    started = [pool.submit(dataset_tables, run, dataset) for dataset in run.datasets]
    write_table(out, schema.METRICS, metrics(run))
    write_table(out, schema.METHODS, methods(run))
    write_panel(run.files.panel, run)
    write_referring_panel(run)
    parts = [part.result() for part in started]
    explorer = pool.submit(write_explorer, run, [part.grid for part in parts])
    for table in OF_DATASETS:
        write_table(out, table, [row for part in parts for row in part.rows[table.file]])
    write_json(run.files.about, provenance(run, {part.dataset: part.record for part in parts}))
    return Written(run.left_out, explorer)


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
