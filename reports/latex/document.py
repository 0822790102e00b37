"""All tables of a report as one complete two-column document."""

from __future__ import annotations

from reports.latex.characters import UNICHAR, breakable, unichar_definition
from reports.latex.environment import table
from reports.tables.model import Table

PREAMBLE = rf"""% Written by `c2seg-bench report`. Complete; or take single tables into a two-column paper that
% loads booktabs and threeparttable. XeLaTeX and LuaLaTeX also print Chinese and emoji, pdfLaTeX their code points.
\documentclass[10pt,twocolumn]{{article}}
\usepackage{{iftex}}
\ifpdftex
\usepackage[T1]{{fontenc}}
\IfFileExists{{lmodern.sty}}{{\usepackage{{lmodern}}}}{{}}
{UNICHAR}
\else
\usepackage{{fontspec}}
{unichar_definition()}
\fi
\usepackage{{booktabs}}
\usepackage{{threeparttable}}
\emergencystretch=2em
"""


def render(tables: list[Table], notes: list[tuple[str, str]]) -> str:
    """The document with all `tables`, then `notes` (lead, text) on the methods."""
    shown = [table(model) for model in tables]
    floats = sum(part.count(r"\label{tab:") for part in shown)
    parts = [f"{PREAMBLE}\\extrafloats{{{floats}}}\n\\begin{{document}}\n", *shown]
    if notes:
        items = "\n".join(f"\\item[{{{breakable(lead)}}}] {breakable(text)}" for lead, text in notes)
        parts.append(f"\\section*{{Methods}}\n\\begin{{description}}\n{items}\n\\end{{description}}\n")
    return "\n".join([*parts, "\\end{document}\n"])
