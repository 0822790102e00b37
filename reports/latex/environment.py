r"""One table as a `table` or `table*` with booktabs' rules and its notes below it (threeparttable).

A row takes a second line for its intervals, so that no macro is needed and the table stays narrow.
"""

from __future__ import annotations

from itertools import groupby

from reports.latex.characters import UNICHAR, breakable, escape
from reports.latex.layout import Part, heading_lines, label_lines, parts_of, text_lines
from reports.latex.width import wrap
from reports.tables.model import Cell, Row, Table


def table(model: Table, notes: bool = True) -> str:
    r"""The table, in several environments where it is too wide or too long for one.

    It needs \usepackage{booktabs,threeparttable}; `notes` are left out below all parts but the last.
    """
    parts = parts_of(model)
    text = "\n".join(_environment(part, notes and part is parts[-1]) for part in parts)
    return f"{UNICHAR}\n{text}" if "\\unichar" in text else text


def _environment(part: Part, notes: bool) -> str:
    model, name = part.table, "table*" if part.wide else "table"
    lines = [
        f"\\begin{{{name}}}[t]",
        r"\centering",
        r"\begin{threeparttable}",
        f"\\caption{{{' '.join(filter(None, (_sentence(model.title), escape(model.short))))}}}",
        f"\\label{{tab:{model.key}}}",
        r"\footnotesize",
        r"\setlength{\tabcolsep}{3pt}",
        f"\\begin{{tabular*}}{{\\linewidth}}{{@{{\\extracolsep{{\\fill}}}}l{'c' * len(model.columns)}@{{}}}}",
        r"\toprule",
        *_head(part),
        *_body(part),
        r"\bottomrule",
        r"\end{tabular*}",
    ]
    if notes and model.caption:
        lines.append(f"\\begin{{tablenotes}}[flushleft]\\scriptsize\n\\item {breakable(model.caption)}")
        lines.append(r"\end{tablenotes}")
    return "\n".join([*lines, r"\end{threeparttable}", f"\\end{{{name}}}", ""])


def _sentence(title: str) -> str:
    return f"\\textbf{{{escape(title)}{'' if title.endswith('?') else '.'}}}"


def _head(part: Part) -> list[str]:
    """Groups of columns with a rule under each, then the headings, whose last lines are level."""
    model = part.table
    columns = [[model.corner], *(heading_lines(model, j) for j in range(len(model.columns)))]
    headings = _lines([_bottom(column, max(map(len, columns))) for column in columns], escaped=False)
    return [*_groups(part), *headings] if any(c.group for c in model.columns) else headings


def _groups(part: Part) -> list[str]:
    """The headings of the groups of columns, each cut to the width of its columns."""
    spans, rules, at = [], [], 0
    for group, same in groupby(c.group for c in part.table.columns):
        count = len(list(same))
        spans.append((count, wrap(group, sum(part.columns[at : at + count]))))
        if group:
            rules.append(f"\\cmidrule(lr){{{at + 2}-{at + count + 1}}}")
        at += count
    height = max(len(lines) for _, lines in spans)
    padded = [(count, _bottom(lines, height)) for count, lines in spans]
    lines = [
        _line(["", *(f"\\multicolumn{{{n}}}{{c}}{{{escape(lines[k])}}}" for n, lines in padded)], k < height - 1)
        for k in range(height)
    ]
    return [*lines, "".join(rules)]


def _bottom(lines: list[str], height: int) -> list[str]:
    return [""] * (height - len(lines)) + lines


def _body(part: Part) -> list[str]:
    model, lines = part.table, []
    count = len(model.columns) + 1
    for heading, rows in model.groups:
        lines.append(r"\midrule")
        for line in wrap(heading, part.label + sum(part.columns)) if heading else []:
            lines.append(f"\\multicolumn{{{count}}}{{@{{}}l}}{{\\textit{{{escape(line)}}}}} \\\\")
        for i, row in enumerate(rows):
            if row.kind == "summary" and i and rows[i - 1].kind != "summary":
                lines.append(f"\\cmidrule{{1-{count}}}")
            elif i and any(c.interval for c in row.cells):
                lines.append(r"\addlinespace[2pt]")
            lines += _lines([_label(row), *(_cell_lines(c, row.kind) for c in row.cells)])
    return lines


def _lines(columns: list[list[str]], escaped: bool = True) -> list[str]:
    """Lines of the tabular from the lines of each of its cells."""
    height = max(map(len, columns))
    padded = [[*column, *[""] * (height - len(column))] for column in columns]
    lines = [[text if escaped else escape(text) for text in line] for line in zip(*padded, strict=True)]
    return [_line(line, i < height - 1) for i, line in enumerate(lines)]


def _line(cells: list[str], continued: bool = False) -> str:
    end = r"\\[-1pt]" if continued else r"\\"
    return f"{' & '.join(cells)} {end}"


def _label(row: Row) -> list[str]:
    lines = [escape(line) for line in label_lines(row.label)]
    if row.kind == "published":
        lines = [f"\\textit{{{line}}}" for line in lines]
    if row.note:
        lines[-1] += f"\\textsuperscript{{{escape(row.note)}}}"
    return lines


def cell(model: Cell, kind: str = "method") -> str:
    """The value: best bold, second underlined, published italic; raised letters; ± and the seeds' deviation."""
    return _cell_lines(model, kind)[0]


def _cell_lines(model: Cell, kind: str) -> list[str]:
    lines = [escape(line) for line in text_lines(model)]
    if model.rank == 1:
        lines[0] = f"\\textbf{{{lines[0]}}}"
    elif model.rank == 2:
        lines[0] = f"\\underline{{{lines[0]}}}"
    elif kind == "published" and model.value is not None:
        lines[0] = f"\\textit{{{lines[0]}}}"
    if model.spread:
        lines[0] += f"{{\\scriptsize\\,$\\pm$\\,{escape(model.spread)}}}"
    if model.mark:
        lines[0] += f"\\textsuperscript{{{escape(model.mark)}}}"
    if model.interval:
        lines.append(f"{{\\scriptsize {escape(f'[{model.interval[0]}, {model.interval[1]}]')}}}")
    return lines
