"""One kind of table by name, of some methods, datasets and columns only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from reports.errors import InputError
from reports.published import NUMBERS
from reports.run import BLIND, Run
from reports.tables.consistency import agreement, axes
from reports.tables.main import PARAMS, TEXT, main
from reports.tables.model import Table, with_columns, with_rows
from reports.tables.paper import paper
from reports.tables.referring import coverage, mirrored, nothing, parts, referring
from reports.tables.reliance import adherence, prompts
from reports.tables.robustness import robustness
from reports.tables.robustness_summary import robustness_summary
from reports.tables.values import SPREADS, Spread

WITH_SPREAD: dict[str, Callable[[Run, Spread], list[Table]]] = {"main": main, "paper": paper}
TABLES: dict[str, Callable[[Run], list[Table]]] = {
    "consistency": agreement,
    "axes": axes,
    "noise": robustness_summary,
    "drops": robustness,
    "prompts": prompts,
    "adherence": adherence,
    "referring": referring,
    "part": parts,
    "nothing": nothing,
    "mirrored": mirrored,
    "coverage": coverage,
}
NAMES = (*WITH_SPREAD, *TABLES)


def select(
    run: Run,
    table: str,
    methods: Sequence[str] = (),
    datasets: Sequence[str] = (),
    columns: Sequence[str] = (),
    spread: str = "interval",
) -> list[Table]:
    """The tables of one kind, with their columns in the order given; best and second are those of what is shown.

    Args:
        table: one of NAMES.
        methods, datasets: names; none for all. Predictors that never look are methods too.
        columns: their names (`Column.name`), such as a metric's; none for all.
        spread: one of SPREADS; only `main` and `paper` know other than the interval.

    Raises:
        InputError: an unknown name, or the run has no such table; the message lists what there is.
    """
    _known("--table", [table], NAMES)
    _known("--spread", [spread], SPREADS)
    _known("--methods", methods, [*(m.name for m in run.methods), *BLIND])
    _known("--datasets", datasets, run.datasets)
    if spread == "seeds" and table not in WITH_SPREAD:
        raise InputError(f"--spread seeds: only for the tables {' and '.join(WITH_SPREAD)}; leave it out for {table}")
    part = run.restricted(methods, datasets)
    if table in WITH_SPREAD:
        part = _with_metrics(part, columns)
        made = WITH_SPREAD[table](part, next(s for s in SPREADS if s == spread))
    else:
        made = TABLES[table](part)
    if not made:
        raise InputError(f"--table {table}: {run.folder} {_lacks(run, table, bool(methods or datasets))}")
    _known("--columns", columns, list(dict.fromkeys(c.name for t in made for c in t.columns)))
    made = [_of_columns(t, columns) for t in made] if columns else made
    return [_without_spread(t) for t in made] if spread == "none" else made


def _with_metrics(run: Run, columns: Sequence[str]) -> Run:
    """The run with a column for every metric that is named, printed elsewhere or not, and for no other."""
    known = [m.name for m in run.metrics]
    if not columns:
        return run
    _known("--columns", columns, [PARAMS.name, TEXT.name, *known])
    return replace(run, metrics=[replace(m, printed=m.name in columns) for m in run.metrics])


def names_in(text: str | None) -> list[str]:
    """The names of a list with commas, each once; none for None."""
    return list(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))


def _lacks(run: Run, table: str, chosen: bool) -> str:
    """Why a table is not there, for an error."""
    if table == "paper" and not run.published:
        return f"has no dataset of the paper ({', '.join(NUMBERS)}); take --table main"
    return "has none of these methods and datasets; choose others" if chosen else "has no scores for it"


def _known(option: str, names: Iterable[str], known: Sequence[str]) -> None:
    if unknown := [name for name in names if name not in known]:
        raise InputError(f"{option}: unknown {', '.join(unknown)}; there are {', '.join(known)}")


def _of_columns(table: Table, names: Sequence[str]) -> Table:
    """The columns of these names: in their order, within each group of columns."""
    groups = list(dict.fromkeys(c.group for c in table.columns))
    order = [j for g in groups for name in names
             for j, c in enumerate(table.columns) if c.name == name and c.group == g]  # fmt: skip
    return with_columns(table, order)


def _without_spread(table: Table) -> Table:
    return with_rows(
        table, lambda row: replace(row, cells=tuple(replace(c, lo=None, hi=None, sd=None) for c in row.cells))
    )
