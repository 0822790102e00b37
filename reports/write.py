"""A run folder's tidy tables -> report.md, report.html, tables.tex and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from pathlib import Path
from typing import Any

from reports import latex, markdown, page, tables
from reports.document import Figure, assemble
from reports.figures import consistency, panel, referring, severity
from reports.figures.glyphs import warn_of_missing
from reports.figures.style import vector
from reports.files import write_text
from reports.read import read_run
from reports.run import Run


def build(folder: str | Path, pool: Executor | None = None, before_page: Iterable[Future[Any]] = ()) -> list[Path]:
    """Write the report of a run. The same tables give the same bytes.

    Args:
        pool: processes that draw the figures; by default they are drawn in this one.
        before_page: waited for before the page is made, such as what writes tables/explorer.json.
        folder: has tables/{methods,metrics,main}.csv, tables/run.json and possibly tables/{axes,stress,robustness,
            adherence,referring,referring_coverage}.csv and tables/{panel,referring}.npz; what is not there is left out
            of the report, which says so.

    Returns:
        The files written: report.md, report.html, tables.tex, figures/*.png and the same as PDF. Figures of an earlier
        report that this one does not have are removed.

    Raises:
        InputError: a table is absent or malformed; names the file, row and column.
    """
    run = read_run(Path(folder))
    jobs: list[Callable[[], Figure | None]] = [partial(severity.draw, run), partial(consistency.draw, run)]
    jobs += [*panel.jobs(run), *referring.jobs(run)]
    warn_of_missing(_texts_of_figures(run))
    drawing = [] if pool is None else [pool.submit(job) for job in jobs]
    made = tables.Tables(run)  # and all else that needs no figure, while others draw them
    text_by_key = {table.key: latex.table(table) for table in (*made.results, *made.of_a_paper)}
    printed = _latex(run, made, text_by_key)
    drawn = [job() for job in jobs] if pool is None else [future.result() for future in drawing]
    figures = [figure for figure in drawn if figure is not None]
    _remove_stale(run.folder / "figures", {Path(f.path).stem for f in figures})
    document = assemble(run, made, figures)
    for future in before_page:
        future.result()
    return [
        write_text(run.folder / "report.md", markdown.render(document)),
        write_text(run.folder / "report.html", page.render(document, run.folder, run, text_by_key)),
        write_text(run.folder / "tables.tex", printed),
        *(file for f in figures for file in (run.folder / f.path, vector(run.folder / f.path))),
    ]


def _texts_of_figures(run: Run) -> Iterator[str]:
    """The texts from outside that figures print."""
    yield from run.datasets
    yield from (method.title for method in run.methods)
    for shown in (run.panel, run.referring.parts if run.referring else None):
        if shown is not None:
            yield from shown.names
            yield from shown.prompts


def _latex(run: Run, made: tables.Tables, text_by_key: dict[str, str]) -> str:
    """tables.tex: the tables of a paper, and below them the methods' deviations."""
    titles = {m.name: m.title for m in run.methods}
    notes = [(f"{number} {titles[name]}", words) for name, (number, words) in tables.footnotes(run).items()]
    return latex.render([text_by_key[table.key] for table in made.of_a_paper], notes)


def _remove_stale(folder: Path, kept: set[str]) -> None:
    for pattern in ("severity", "consistency", "panel*", "referring*"):
        for path in (*folder.glob(f"{pattern}.png"), *folder.glob(f"{pattern}.pdf")):
            if path.stem not in kept:
                path.unlink()
