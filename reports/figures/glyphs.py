"""Characters that figures can draw: those of DejaVu Sans and other installed fonts, and escapes of the rest."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

FIRST = "DejaVu Sans"  # comes with Matplotlib
OTHERS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Droid Sans Fallback", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei", "Arial Unicode MS",
    "Noto Emoji", "Symbola", "Segoe UI Symbol", "Apple Symbols", "Unifont",
)  # fmt: skip
INVISIBLE = ("Cc", "Cf", "Cs", "Mn")  # joiners, variation selectors and the like: nothing is lost without a glyph
NAMED = 6  # characters that a message names


@cache
def families() -> list[str]:
    """Names of the installed fonts that figures draw with, in the order in which they are tried for a character."""
    from matplotlib import font_manager

    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return [FIRST, *(name for name in OTHERS if name in installed)]


@cache
def _fonts() -> list[Any]:
    from matplotlib import font_manager, ft2font

    return [ft2font.FT2Font(font_manager.findfont(name)) for name in families()]


def has_glyph(character: str) -> bool:
    return any(font.get_char_index(ord(character)) for font in _fonts())


def printable(text: str) -> str:
    """One line of what the fonts can draw; other characters as their code points, as in `[U+6F22 U+5B57]`."""
    line = " ".join(text.split())
    marked = "".join(c if has_glyph(c) else _escape(c) for c in line)
    return re.sub(r"(?<=[0-9A-F])\]\[(?=U\+)", " ", marked)


def _escape(character: str) -> str:
    return "" if unicodedata.category(character) in INVISIBLE else f"[U+{ord(character):04X}]"


def warn_of_missing(texts: Iterable[str]) -> None:
    """One line on stderr that names the characters in `texts` that no installed font can draw, if there are any."""
    missing = [c for c in dict.fromkeys("".join(texts)) if not c.isspace() and not has_glyph(c) and _escape(c)]
    if not missing:
        return
    named = ", ".join(f"{c} (U+{ord(c):04X})" for c in missing[:NAMED]) + (", ..." if len(missing) > NAMED else "")
    print(
        f"figures: no installed font has {named}; shown as code points. For the characters themselves install a font "
        f"that has them, such as Noto Sans CJK or Noto Emoji, and make the report again",
        file=sys.stderr,
    )
