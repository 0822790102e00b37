"""A table of numbers as Markdown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Headings = dict[str, str | None]  # column -> its heading


def markdown_table(frame: pd.DataFrame, headings: Headings) -> str:
    """The columns of `headings` in its order; None as a heading is the column's name with a capital."""
    titles = [title or name.capitalize() for name, title in headings.items()]
    lines = ["| " + " | ".join(titles) + " |", "|" + " --- |" * len(titles)]
    for row in frame[list(headings)].itertuples(index=False):  # not iterrows, which turns whole numbers into floats
        lines.append("| " + " | ".join(cell(value) for value in row) + " |")
    return "\n".join(lines)


def cell(value: Any) -> str:
    """A float with three decimals, a dash for nan, anything else as text that cannot break the table."""
    if isinstance(value, float | np.floating):
        return "–" if np.isnan(value) else f"{round(float(value), 3) + 0.0:.3f}"  # no -0.000
    return str(value).replace("|", "\\|").replace("\n", " ")
