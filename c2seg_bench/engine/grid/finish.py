"""After the cells: gather their scores, write the tidy tables and the report."""

from __future__ import annotations

import pandas as pd
from pydantic import ValidationError
from rich.console import Console

import reports
from c2seg_bench.engine.cell.outside_cell import outside_request
from c2seg_bench.engine.cell.steps import CellOpener
from c2seg_bench.engine.request.request import is_current, request_of
from c2seg_bench.errors import WRONG_INPUT, InputError
from c2seg_bench.files import atomic, read_object, read_rows, write_json
from c2seg_bench.results.stored_scores import ROWS_IN_GROUP
from c2seg_bench.results.write import write_tables
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import AnyCell, Cell, OutsideEntry, Suite, cells


class RunFailed(Exception):
    """Some cells failed; what the others computed is kept."""


def finish(suite: Suite, run: RunDir, console: Console) -> None:
    """Gather the scores of the cells that are done, write the tidy tables and the report."""
    current, stale = sort_cells(suite, run)
    for cell in stale:
        console.print(f"{cell.title}: done under other settings, left out", highlight=False)
    if not current:
        raise RunFailed("no cell is done, so there is no report; what is done is kept, run the same command again")
    scores = pd.concat([read_rows(cell.files.scores) for cell in current], ignore_index=True)
    write_json(run.suite, suite.model_dump(), checksum=True)
    with atomic(run.scores, checksum=True) as temporary:
        scores.to_parquet(temporary, index=False, row_group_size=ROWS_IN_GROUP)
    for line in write_tables(run.out):
        console.print(line, markup=False, highlight=False)
    reports.build(run.out)


def sort_cells(suite: Suite, run: RunDir) -> tuple[list[AnyCell], list[AnyCell]]:
    """The finished cells whose scores answer this suite, and those that were finished under other settings."""
    open_cell = CellOpener()

    def current(cell: AnyCell) -> bool:
        try:
            if isinstance(cell, Cell):
                return is_current(cell, request_of(cell, *open_cell(cell)))
            return is_current(cell, outside_request(cell))
        except (*WRONG_INPUT, FileNotFoundError):  # its prompts are no longer those of the data
            return False

    finished = [c for c in cells(suite, run.out) if c.files.record.exists() and c.files.scores.exists()]
    kept = {c.folder for c in sorted(finished, key=CellOpener.order) if current(c)}
    return [c for c in finished if c.folder in kept], [c for c in finished if c.folder not in kept]


def with_added(suite: Suite, run: RunDir) -> Suite:
    """The suite with the models that `evaluate` added to its run, but for those whose label it has itself.

    Raises:
        InputError: the suite that the run stored is damaged.
    """
    entries = (read_object(run.suite) or {}).get("methods")
    labels = [method.label for method in suite.methods]
    try:
        added = [
            OutsideEntry(**entry)
            for entry in (entries if isinstance(entries, list) else [])
            if isinstance(entry, dict) and entry.get("added") and entry.get("label") not in labels
        ]
    except (TypeError, ValidationError):
        raise InputError(f"{run.suite}: a model that was added to the run cannot be read; delete the file") from None
    return suite.model_copy(update={"methods": [*suite.methods, *added]})
