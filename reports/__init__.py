"""Result tables in; Markdown, LaTeX, HTML and figures out. Knows no torch, no metric and no method.

`reports.build(folder)` reads folder/tables (columns: docs/schema.md) and writes report.md, report.html,
tables.tex and figures/*.png and *.pdf there.
"""

from typing import Any

__all__ = ["build"]


def __getattr__(name: str) -> Any:
    if name == "build":  # matplotlib and pandas are loaded only when something is built
        from reports.write import build

        return build
    raise AttributeError(f"module 'reports' has no attribute {name!r}")
