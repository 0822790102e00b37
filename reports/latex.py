r"""The tables as a complete LaTeX document with booktabs; plain ASCII, so that any engine typesets it.

Every value with an interval is `\ci{value}{lo}{hi}`: redefine it to print the interval differently or not at all.
"""

from __future__ import annotations

import re
import unicodedata

from reports.tables.model import Cell, Row, Table

PREAMBLE = r"""% Written by `c2seg-bench report`. Complete; or take single tables and \ci, \fit into a paper.
\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[a4paper,landscape,margin=15mm]{geometry}
\usepackage{amssymb}
\usepackage{booktabs}
\usepackage{graphicx}
\newcommand{\ci}[3]{\begin{tabular}[t]{@{}c@{}}#1\\[-2pt]{\tiny[#2,\,#3]}\end{tabular}}
\newcommand{\fit}[1]{\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{#1}}
\setlength{\tabcolsep}{4pt}
\begin{document}
"""
SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}",
    "[": "{[}", "]": "{]}", "*": "{*}",  # the first cell of a row would be the option of the \\ before it
    "≥": r"$\geq$", "≤": r"$\leq$", "±": r"$\pm$", "×": r"$\times$", "·": r"$\cdot$", "−": r"$-$",
    "→": r"$\rightarrow$", "←": r"$\leftarrow$", "↑": r"$\uparrow$", "↓": r"$\downarrow$", "∞": r"$\infty$",
    "–": r"\textendash{}", "—": r"\textemdash{}", "…": r"\dots{}", "‘": r"\textquoteleft{}", "’": r"\textquoteright{}",
    "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}", "µ": r"$\mu$", "μ": r"$\mu$", "°": r"$^{\circ}$",
    "²": r"$^{2}$", "³": r"$^{3}$", "ß": r"\ss{}", "ø": r"\o{}", "Ø": r"\O{}", "æ": r"\ae{}", "Æ": r"\AE{}",
    "œ": r"\oe{}", "Œ": r"\OE{}", "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "\u00a0": "~",
}  # fmt: skip
DOUBLED = re.compile(r"(?<=[-',])(?=[-',])")  # between two of them, which would become one character
ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u030a": "r", "\u030c": "v",
           "\u0327": "c", "\u0328": "k", "\u0306": "u", "\u0304": "=", "\u0307": ".", "\u030b": "H"}  # fmt: skip


def escape(text: str) -> str:
    """Plain text so that LaTeX prints just that, in ASCII; a character without a name here is printed as [U+1F600]."""
    return DOUBLED.sub("{}", "".join(SPECIAL.get(c) or _other(c) for c in unicodedata.normalize("NFC", text)))


def _other(char: str) -> str:
    if " " <= char <= "~":
        return char
    if char.isspace() or unicodedata.category(char) == "Cc":
        return " "
    parts = unicodedata.normalize("NFD", char)
    if len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in ACCENTS:
        return f"\\{ACCENTS[parts[1]]}{{{parts[0]}}}"
    return f"{{[}}U+{ord(char):04X}{{]}}"


def render(tables: list[Table], notes: list[tuple[str, str]]) -> str:
    """The document with all `tables`, then `notes` (lead, words) on the methods."""
    parts = [PREAMBLE, *(f"{table(t)}\\clearpage  % LaTeX can defer only a few floats\n" for t in tables)]
    if notes:
        items = "\n".join(f"\\item[{{{escape(lead)}}}] {escape(words)}" for lead, words in notes)
        parts.append(f"\\section*{{Methods}}\n\\begin{{description}}\n{items}\n\\end{{description}}\n")
    return "\n".join([*parts, "\\end{document}\n"])


def table(model: Table) -> str:
    """One table environment."""
    width = len(model.columns) + 1
    lines = [_line([escape(model.corner), *(escape(c.heading) for c in model.columns)])]
    for heading, rows in model.groups:
        lines.append(r"\midrule")
        if heading:
            lines.append(f"\\multicolumn{{{width}}}{{l}}{{\\textit{{{escape(heading)}}}}} \\\\")
        for i, row in enumerate(rows):
            if row.kind == "summary" and i and rows[i - 1].kind != "summary":
                lines.append(f"\\cmidrule{{1-{width}}}")
            lines.append(_line([_label(row), *(cell(c, row.kind) for c in row.cells)]))
    body = "\n".join(lines)
    return (
        f"\\begin{{table}}[p]\n\\centering\n\\caption[{{{escape(model.title)}}}]{{\\textbf{{{escape(model.title)}.}} "
        f"{escape(model.caption)}}}\n\\label{{tab:{model.key}}}\n\\fit{{%\n\\begin{{tabular}}{{l{'c' * (width - 1)}}}\n"
        f"\\toprule\n{body}\n\\bottomrule\n\\end{{tabular}}}}\n\\end{{table}}\n"
    )


def _line(cells: list[str]) -> str:
    return f"{' & '.join(cells)} \\\\"


def _label(row: Row) -> str:
    note = f"\\textsuperscript{{{escape(row.note)}}}" if row.note else ""
    return (f"\\textit{{{escape(row.label)}}}" if row.kind == "published" else escape(row.label)) + note


def cell(model: Cell, kind: str = "method") -> str:
    """Best bold, second underlined, published italic, interval as the arguments of a ci."""
    shown = escape(model.shown)
    if model.rank == 1:
        shown = f"\\textbf{{{shown}}}"
    elif model.rank == 2:
        shown = f"\\underline{{{shown}}}"
    elif kind == "published" and model.value is not None:
        shown = f"\\textit{{{shown}}}"
    if model.mark:
        shown += f"\\textsuperscript{{{escape(model.mark)}}}"
    ends = model.interval
    return f"\\ci{{{shown}}}{{{escape(ends[0])}}}{{{escape(ends[1])}}}" if ends else shown
