"""The console for tables, progress bars and summaries, which may have names from outside."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from c2seg_bench.terminal.visible import SYMBOLS_BUT_LINES


class PlainConsole(Console):
    """A console that shows a symbol for each control character of a string."""

    def render_str(self, text: str, **options: Any) -> Any:
        return super().render_str(text.translate(SYMBOLS_BUT_LINES), **options)
