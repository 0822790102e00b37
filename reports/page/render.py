"""The whole page: a document's blocks, charts and the explorer in one HTML file. Escaping is jinja2's."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from reports import csvtable, latex
from reports.document import Block, Bullets, Document, Figure
from reports.page.assets import policy, script, stylesheet
from reports.page.cases import Explorer, read_cases
from reports.page.charts import charts
from reports.page.data import embedded, escaped
from reports.run import Run
from reports.tables.model import Table

CHART_BY_SECTION = {"Result": "places", "Consistency": "axes", "Noisy prompts": "severity",
                    "Reading the text": "adherence"}  # fmt: skip
DRAWN_AS_CHARTS = ("figures/severity.png", "figures/consistency.png")
TERM = re.compile(r"(?:^|(?<=[.;] ))([^.:;()\[\]]{1,45}:)(?= )")
CASES = "Single cases"
CASES_BEFORE = ("Figures", "Methods")  # the first of these sections that the document has


def render(
    document: Document, folder: Path, run: Run | None = None, latex_by_key: Mapping[str, str] | None = None
) -> str:
    """The page of a document.

    Args:
        folder: with the figures of the document.
        run: adds charts and, where its folder has explorer.json, single cases.
        latex_by_key: key of a table -> the table as LaTeX, where it was made before.

    Raises:
        InputError: explorer.json is malformed.
    """
    explorer = None if run is None else _cases(run)
    drawn: dict[str, Any] = {"methods": []} if run is None else charts(run)
    style, code = stylesheet(), script()
    environment = Environment(
        loader=PackageLoader("reports.page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["runs"] = _runs
    environment.filters["with_bold_terms"] = with_bold_terms
    environment.filters["without"] = _without
    datasets = [] if run is None else run.datasets
    return environment.get_template("page.html.j2").render(
        title=document.title,
        about=[] if run is None else _about(run),
        sections=list(_sections(document, drawn, explorer)),
        prefix=f"{datasets[0]}: " if len(datasets) == 1 else "",
        style=style,
        code=code,
        policy=policy(style, code),
        embed=lambda path: _embed(folder / path),
        charts_json=embedded(drawn),
        copies_json=embedded(_copies(document, latex_by_key or {})),
        explorer=explorer,
        explorer_json=escaped(explorer.model_dump_json()) if explorer else "",
    )


def _cases(run: Run) -> Explorer | None:
    return read_cases(run.folder / "tables" / "explorer.json", run.datasets, [m.name for m in run.methods])


def _sections(document: Document, drawn: dict[str, Any], explorer: Explorer | None) -> Iterator[dict[str, Any]]:
    """Each section with its anchor, its chart if it has one, and its blocks."""
    headings = [heading for heading, _ in document.sections]
    before = next((h for h in CASES_BEFORE if h in headings), None) if explorer else None
    anchors = Anchors(table.key for table in _tables(document))
    for heading, blocks in document.sections:
        if heading == before:
            yield {"heading": CASES, "anchor": anchors.new(CASES), "chart": "", "blocks": [], "cases": True}
        shown = [block for block in blocks if not (isinstance(block, Figure) and block.path in DRAWN_AS_CHARTS)]
        chart = CHART_BY_SECTION.get(heading, "")
        if shown:
            yield {
                "heading": heading,
                "anchor": anchors.new(heading),
                "chart": chart if drawn.get(chart) else "",
                "blocks": [{"kind": _kind(b), "it": b} for b in shown],
                "cases": False,
            }


class Anchors:
    """Names for links within the page, each once; `taken` are those of other elements."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def new(self, text: str) -> str:
        """Letters and digits of the text, with a number where that is taken."""
        plain = "-".join(re.findall(r"[a-z0-9]+", text.lower())) or "section"
        name, number = plain, 1
        while name in self._taken:
            number += 1
            name = f"{plain}-{number}"
        self._taken.add(name)
        return name


def _about(run: Run) -> list[tuple[str, str]]:
    """What stands under the title: (what, value)."""
    about = run.about
    images = {d: about["datasets"][d].get("test_images") for d in run.datasets}
    facts = [
        ("Data", ", ".join(d if n is None else f"{d} ({n} test images)" for d, n in images.items())),
        ("Methods", str(len(run.methods))),
        ("Seeds", str(len(about["seeds"]))),
        ("Date", str(about.get("date") or "")),
    ]
    return [(what, value) for what, value in facts if value]


def _copies(document: Document, latex_by_key: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Table's key -> the table as CSV and as LaTeX, to copy."""
    return {
        table.key: {"csv": csvtable.render([table]), "latex": latex_by_key.get(table.key) or latex.table(table)}
        for table in _tables(document)
    }


def _runs(items: Iterable[Any], attribute: str) -> list[tuple[Any, list[Any]]]:
    """Neighbours with the same attribute together, as (its value, they)."""
    return [(value, list(same)) for value, same in groupby(items, lambda item: getattr(item, attribute))]


def _without(title: str, prefix: str) -> str:
    """A title for the contents, without the name of the only dataset."""
    rest = title.removeprefix(prefix)
    return rest[:1].upper() + rest[1:] if prefix and rest != title else title


def with_bold_terms(caption: str) -> Markup:
    """The caption as HTML, with the terms that it explains bold: what stands before a colon at a sentence's start."""
    parts, at = [], 0
    for term in TERM.finditer(caption):
        parts += [escape(caption[at : term.start(1)]), Markup("<dfn>{}</dfn>").format(term[1])]
        at = term.end(1)
    return Markup("").join([*parts, escape(caption[at:])])


def _tables(document: Document) -> list[Table]:
    return [block for _, blocks in document.sections for block in blocks if isinstance(block, Table)]


def _kind(block: Block) -> str:
    return {Table: "table", Bullets: "bullets", Figure: "figure"}.get(type(block), "text")


def _embed(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
