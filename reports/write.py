"""A run folder's tidy tables -> report.md, report.html, tables.tex and figures."""

from __future__ import annotations

from pathlib import Path

from reports import latex, markdown, page, tables
from reports.document import assemble
from reports.figures import consistency, panel, referring, severity
from reports.figures.style import vector
from reports.files import write_text
from reports.read import read_run


def build(folder: str | Path) -> list[Path]:
    """Write the report of a run. The same tables give the same bytes.

    Args:
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
    figures = [
        f for f in (severity.draw(run), consistency.draw(run), *panel.draw(run), *referring.draw(run)) if f is not None
    ]
    _remove_stale(run.folder / "figures", {Path(f.path).stem for f in figures})
    document = assemble(run, figures)
    noise = [*tables.robustness_summary(run), *tables.robustness(run)]
    printed = [*tables.main(run), *tables.paper(run), *tables.consistency(run), *noise]
    printed += [*tables.reliance(run), *tables.referring(run)]
    titles = {m.name: m.title for m in run.methods}
    notes = [(f"{number} {titles[name]}", words) for name, (number, words) in tables.footnotes(run).items()]
    return [
        write_text(run.folder / "report.md", markdown.render(document)),
        write_text(run.folder / "report.html", page.render(document, run.folder, run)),
        write_text(run.folder / "tables.tex", latex.render(printed, notes)),
        *(file for f in figures for file in (run.folder / f.path, vector(run.folder / f.path))),
    ]


def _remove_stale(folder: Path, kept: set[str]) -> None:
    for pattern in ("severity", "consistency", "panel*", "referring*"):
        for path in (*folder.glob(f"{pattern}.png"), *folder.glob(f"{pattern}.pdf")):
            if path.stem not in kept:
                path.unlink()
