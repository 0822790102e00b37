"""c2seg-bench report"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from concurrent.futures import Executor

FORMATS = ("latex", "markdown", "csv")
MANY = 20_000_000  # bytes of scores that are worth the start of other processes, about two seconds of work
MOST = 8  # processes


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the files written as one JSON object.")] = False,
    table: Annotated[
        str | None,
        typer.Option(
            help="Print one table and write nothing else: main (datasets side by side), paper (the paper's tables and "
            "ours), consistency, axes, noise, drops, prompts, adherence, "
            "or referring (prompts with a known answer), of which part, nothing, mirrored and coverage are one each."
        ),
    ] = None,
    format: Annotated[str, typer.Option(help="Of the printed table: latex, markdown or csv.")] = "markdown",
    methods: Annotated[str | None, typer.Option(help="Methods of the table, such as unet,c2seg; default: all.")] = None,
    datasets: Annotated[str | None, typer.Option(help="Datasets of the table, in the run's order.")] = None,
    columns: Annotated[str | None, typer.Option(help="Columns in the order wanted, such as dice,iou.")] = None,
    spread: Annotated[
        str | None,
        typer.Option(
            help="Beside each value: interval (95 %, the default), seeds (± standard deviation between trainings) or "
            "none."
        ),
    ] = None,
    caption_notes: Annotated[
        bool, typer.Option("--caption-notes/--no-caption-notes", help="With or without the notes below the table.")
    ] = True,
    out: Annotated[Path | None, typer.Option(help="Write the table to this file instead.")] = None,
) -> None:
    """Write tables, figures and pages again from what a run left; or print one table.

    Where DIR has scores.parquet, DIR/tables is made of it first; else DIR/tables is taken as it is. Scores that do not
    belong to the suite in DIR, which an interrupted run may leave, are named and left out. With --table, DIR/tables is
    only read.

    Example: c2seg-bench report results/quick

    Example: c2seg-bench report results/quick --table main --format latex --methods lvit,c2seg --columns dice,iou
    """
    from c2seg_bench.errors import InputError

    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the folder of a run")
    chosen = {"methods": methods, "datasets": datasets, "columns": columns, "spread": spread, "out": out}
    if table is not None:
        if as_json:
            raise InputError("--json with --table: take --format csv, or leave --table out")
        text = _one_table(folder, table, format, caption_notes, {k: v for k, v in chosen.items() if k != "out"})
        _print(text, out)
        return
    if given := [f"--{option}" for option, value in chosen.items() if value is not None]:
        raise InputError(f"{' and '.join(given)} without --table: name one, such as --table main")
    written = _build(folder)
    if as_json:
        import json

        print(json.dumps({"files": [str(p) for p in written]}))
    else:
        print(folder / "report.html")


def _build(folder: Path) -> list[Path]:
    """The whole report; the files written."""
    import sys

    from c2seg_bench.files import only_one
    from c2seg_bench.rundir import RunDir

    with only_one(folder):
        if not RunDir(folder).scores.exists():
            from reports import build

            return build(folder)
        with _pool(RunDir(folder).scores.stat().st_size) as pool:
            # the processes of the pool make their imports, which takes longer, at the same time
            from c2seg_bench.results.write import start_tables
            from reports import build

            written = start_tables(folder, pool)
            for line in written.left_out:
                print(line, file=sys.stderr)
            return build(folder, pool, [written.explorer])


def _pool(size: int) -> Executor:
    """What makes the parts of a report: processes where the scores are many, else this process.

    Args:
        size: of scores.parquet in bytes.
    """
    import os
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context
    from multiprocessing.forkserver import ensure_running

    from c2seg_bench.cli.light import import_spacy_without_torch
    from c2seg_bench.results.at_once import AtOnce

    cores = os.cpu_count() or 1
    if size < MANY or cores == 1:
        import_spacy_without_torch()
        return AtOnce()
    context = get_context("forkserver")
    context.set_forkserver_preload(["c2seg_bench.cli.report_worker"])
    ensure_running()  # its imports are made while this process makes its own
    return ProcessPoolExecutor(min(cores, MOST), context)


def _one_table(folder: Path, table: str, format: str, notes: bool, chosen: dict[str, Any]) -> str:
    from c2seg_bench.errors import InputError
    from reports import csvtable, latex, markdown
    from reports.read import read_run
    from reports.tables.select import names_in, select

    if format not in FORMATS:
        raise InputError(f"--format {format}: unknown; take {', '.join(FORMATS)}")
    names = {option: names_in(chosen[option]) for option in ("methods", "datasets", "columns")}
    made = select(read_run(folder), table, spread=chosen["spread"] or "interval", **names)
    if format == "csv":
        return csvtable.render(made)
    if format == "latex":
        return "\n".join(latex.table(t, notes) for t in made)
    return "\n".join(markdown.section(t, notes) + "\n" for t in made)


def _print(text: str, out: Path | None) -> None:
    if out is None:
        print(text, end="")
        return
    from c2seg_bench.files import atomic

    with atomic(out) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    print(out)
