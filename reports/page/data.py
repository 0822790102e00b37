"""JSON inside the page: what the charts and the explorer draw, written so that no text can end its element."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

ESCAPED = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
TABLE = str.maketrans(ESCAPED)


def embedded(value: Any) -> Markup:
    """JSON for a `<script type="application/json">`; not a number is null.

    Source of the escapes: the HTML Standard, "Restrictions for contents of script elements".
    """
    return escaped(json.dumps(_known(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def escaped(text: str) -> Markup:
    """JSON text in which every character that HTML could read as markup is a \\u escape."""
    return Markup(text.translate(TABLE))


def _known(value: Any) -> Any:
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, dict):
        return {str(key): _known(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_known(item) for item in value]
    return value
