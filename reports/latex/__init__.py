"""Tables as LaTeX: booktabs tables that fit one or both columns of a two-column paper, with notes below them."""

from reports.latex.characters import escape
from reports.latex.document import render
from reports.latex.environment import cell, table

__all__ = ["cell", "escape", "render", "table"]
