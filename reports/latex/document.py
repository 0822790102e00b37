"""All tables of a report as one complete two-column document."""

from __future__ import annotations

from collections.abc import Sequence

from reports.latex.characters import UNICHAR, breakable, unichar_definition

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


def render(tables: Sequence[str], notes: Sequence[tuple[str, str]]) -> str:
    """The document with all `tables`, texts of `environment.table`, then `notes` (lead, text) on the methods."""
    floats = sum(text.count(r"\label{tab:") for text in tables)
    parts = [f"{PREAMBLE}\\extrafloats{{{floats}}}\n\\begin{{document}}\n", *tables]
    if notes:
        items = "\n".join(f"\\item[{{{breakable(lead)}}}] {breakable(text)}" for lead, text in notes)
        parts.append(f"\\clearpage\n\\section*{{Methods}}\n\\begin{{description}}\n{items}\n\\end{{description}}\n")
    return "\n".join([*parts, "\\end{document}\n"])
