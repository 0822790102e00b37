"""How wide text is in Computer Modern, the font of a plain article, so that a table can be planned to fit."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from reports.latex.characters import SPECIAL, accented

SYMBOL = 0.78  # em: a plus-minus sign, an arrow
# the small sizes of the family are drawn wider than its 10 points
STRETCH = {8: 1.0625, 7: 1.14}
BOLD = 1.16


def width(text: str, size: int = 8, bold: bool = False) -> float:
    """Points of one line of `text` at `size` (7 or 8 points)."""
    return sum(map(_advance, text)) * size * STRETCH[size] * (BOLD if bold else 1.0)


def wrap(text: str, limit: float, size: int = 8) -> list[str]:
    """Lines of whole words, each at most `limit` points where its words are; a longer word is cut. [""] for no text."""
    lines = [""]
    for word in text.split():
        for piece in _cut(word, limit, size):
            joined = f"{lines[-1]} {piece}" if lines[-1] else piece
            if width(joined, size) <= limit or not lines[-1]:
                lines[-1] = joined
            else:
                lines.append(piece)
    return lines


def _cut(word: str, limit: float, size: int) -> list[str]:
    pieces = [""]
    for char in word:
        if pieces[-1] and width(pieces[-1] + char, size) > limit:
            pieces.append("")
        pieces[-1] += char
    return pieces


@cache
def _advance(char: str) -> float:
    """Width of one character in em."""
    base = accented(char)
    if base:
        return _advance(base[0])
    if " " <= char <= "~":
        glyph = _font().get_char_index(ord(char))
        return _font().load_glyph(glyph).linearHoriAdvance / 65536 / 10 if glyph else SYMBOL
    return SYMBOL if char in SPECIAL else sum(map(_advance, f"[U+{ord(char):04X}]"))


@cache
def _font() -> Any:
    import matplotlib
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "cmr10.ttf"))
    font.set_size(10, 72)
    return font
