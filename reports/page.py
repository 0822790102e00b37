"""The report as one HTML page that needs nothing else: figures are inside, escaping is jinja2's."""

from __future__ import annotations

import base64
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from reports.document import Bullets, Document, Figure
from reports.tables.model import Table


def render(document: Document, folder: Path) -> str:
    """The whole page; figures are read from `folder`."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("reports").joinpath("page.html.j2").read_text(encoding="utf-8"))
    sections = [(heading, [{"kind": _kind(b), "it": b} for b in blocks]) for heading, blocks in document.sections]
    return template.render(title=document.title, sections=sections, embed=lambda path: _embed(folder / path))


def _kind(block: object) -> str:
    return {Table: "table", Bullets: "bullets", Figure: "figure"}.get(type(block), "text")  # type: ignore[call-overload]


def _embed(path: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
