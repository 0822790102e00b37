"""The report as GitHub-flavoured Markdown."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

from reports.document import Block, Bullets, Document, Figure, Text
from reports.tables.model import Cell, Row, Table

ENTITIES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "|": "&#124;",
    "$": "<span>$</span>",
}  # $: GitHub would set mathematics
MARKS = "\\`*_[]~"
BREAKS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")
TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # would show the text around them in another order


def escape(text: str) -> str:
    """Plain text so that Markdown shows just that: no markup, no HTML, no cell's end, no link, on one line."""
    line = TURNS.sub("\N{REPLACEMENT CHARACTER}", BREAKS.sub(" ", text))
    safe = "".join(ENTITIES.get(c) or (f"\\{c}" if c in MARKS else c) for c in line)
    # what GitHub links by itself, and what would be a heading, a list or a rule at a line's start
    safe = re.sub(r"(?i)(www)\.", r"\1&#46;", safe.replace("://", "&#58;//").replace("@", "&#64;"))
    return re.sub(r"^(\s*)([#+=-]|\d+(?=[.)](?:\s|$)))", lambda m: f"{m[1]}{_entities(m[2])}", safe)


def _entities(text: str) -> str:
    return "".join(f"&#{ord(c)};" for c in text)


def render(document: Document) -> str:
    """The whole report; ends with a newline."""
    parts = [f"# {escape(document.title)}"]
    for heading, blocks in document.sections:
        parts.append(f"## {escape(heading)}")
        parts += [_block(b) for b in blocks]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Table):
        return section(block)
    if isinstance(block, Bullets):
        return "\n".join(f"- **{escape(lead)}** {escape(text)}" for lead, text in block.items)
    if isinstance(block, Figure):
        return f"![{escape(block.alt)}]({quote(block.path)})\n\n{escape(block.caption)}"
    assert isinstance(block, Text)
    return escape(block.text)


def section(model: Table, notes: bool = True) -> str:
    """A table under its title, with its caption below."""
    parts = [f"### {escape(model.title)}", table(model), *([escape(model.caption)] if notes and model.caption else [])]
    return "\n\n".join(parts)


def table(model: Table) -> str:
    """One table; intervals stand small under their value, which keeps it narrow."""
    groups = {c.group for c in model.columns} - {""}
    in_title = len(groups) == 1 and groups.pop() in model.title  # such as the only dataset
    columns = [replace(c, group="") for c in model.columns] if in_title else model.columns
    lines = [_line([escape(model.corner), *(escape(c.heading) for c in columns)])]
    lines.append(_line([":--", *("--:" for _ in model.columns)]))
    for heading, rows in model.groups:
        if heading:
            lines.append(_line([f"**{escape(heading)}**", *("" for _ in model.columns)]))
        lines += [_line([_label(row), *(cell(c, row.kind) for c in row.cells)]) for row in rows]
    return "\n".join(lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _label(row: Row) -> str:
    note = f"<sup>{escape(row.note)}</sup>" if row.note else ""
    return {"published": f"*{escape(row.label)}*", "summary": f"**{escape(row.label)}**"}.get(
        row.kind, escape(row.label)
    ) + note


def cell(model: Cell, kind: str = "method") -> str:
    """Best bold, second underlined (`ins`, since GitHub drops `u`), published italic, ± after and interval below."""
    shown = escape(model.shown)
    if model.rank == 1:
        shown = f"**{shown}**"
    elif model.rank == 2:
        shown = f"<ins>{shown}</ins>"
    elif kind == "published" and model.value is not None:
        shown = f"*{shown}*"
    if model.mark:
        shown += f"<sup>{escape(model.mark)}</sup>"
    if model.spread:
        shown += f" ± {model.spread}"
    ends = model.interval
    return f"{shown}<br><sub>[{ends[0]}, {ends[1]}]</sub>" if ends else shown
