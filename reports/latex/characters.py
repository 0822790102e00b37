r"""Plain text as LaTeX, in ASCII, so that any engine typesets it.

A character that LaTeX has no command for becomes `\unichar{1F600}`. XeLaTeX and LuaLaTeX print it from the first
installed font that has it; pdfLaTeX, which has no such fonts, prints [U+1F600] instead.
"""

from __future__ import annotations

import re
import unicodedata

SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}",
    "[": "{[}", "]": "{]}", "*": "{*}",  # the first cell of a row would be the option of the \\ before it
    "†": r"\textdagger{}",
    "≥": r"$\geq$", "≤": r"$\leq$", "±": r"$\pm$", "×": r"$\times$", "·": r"$\cdot$", "−": r"$-$",
    "→": r"$\rightarrow$", "←": r"$\leftarrow$", "↑": r"$\uparrow$", "↓": r"$\downarrow$", "∞": r"$\infty$",
    "–": r"\textendash{}", "—": r"\textemdash{}", "…": r"\dots{}", "‘": r"\textquoteleft{}", "’": r"\textquoteright{}",
    "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}", "µ": r"$\mu$", "μ": r"$\mu$", "°": r"$^{\circ}$",
    "²": r"$^{2}$", "³": r"$^{3}$", "ß": r"\ss{}", "ø": r"\o{}", "Ø": r"\O{}", "æ": r"\ae{}", "Æ": r"\AE{}",
    "œ": r"\oe{}", "Œ": r"\OE{}", "ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "\u00a0": "~",
}  # fmt: skip
LIGATURE = re.compile(r"(?<=[-',])(?=[-',])")  # between two characters that would become one
ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u030a": "r", "\u030c": "v",
           "\u0327": "c", "\u0328": "k", "\u0306": "u", "\u0304": "=", "\u0307": ".", "\u030b": "H"}  # fmt: skip
LONG_WORD = 20  # characters; a longer word may be broken, so that it does not stick out of a note
UNICHAR = r"\providecommand{\unichar}[1]{{[}U+#1{]}}"  # where the preamble of `document` is not there
FONTS = ("Noto Sans CJK SC", "Droid Sans Fallback", "WenQuanYi Micro Hei", "DejaVu Sans", "Noto Emoji", "Symbola")


def escape(text: str) -> str:
    r"""Plain text so that LaTeX prints just that, in ASCII; what has no command is \unichar{code point}."""
    return LIGATURE.sub("{}", "".join(SPECIAL.get(c) or _other(c) for c in unicodedata.normalize("NFC", text)))


def breakable(text: str) -> str:
    """As `escape`, for running text: long words, such as addresses, may be broken at any eighth character."""
    words = []
    for word in text.split(" "):
        if len(word) <= LONG_WORD:
            words.append(escape(word))
        else:
            words.append(r"\allowbreak{}".join(escape(word[i : i + 8]) for i in range(0, len(word), 8)))
    return LIGATURE.sub("{}", " ".join(words))


def _other(char: str) -> str:
    if " " <= char <= "~":
        return char
    if char.isspace() or unicodedata.category(char) == "Cc":
        return " "
    base = accented(char)
    return f"\\{ACCENTS[base[1]]}{{{base[0]}}}" if base else f"\\unichar{{{ord(char):04X}}}"


def accented(char: str) -> tuple[str, str] | None:
    """(letter, combining accent) of a letter that an accent command prints, else None."""
    parts = unicodedata.normalize("NFD", char)
    if len(parts) == 2 and parts[0].isascii() and parts[0].isalpha() and parts[1] in ACCENTS:
        return parts[0], parts[1]
    return None


ALL = "[BoldFont=*,ItalicFont=*,BoldItalicFont=*]"  # these fonts have one shape


def unichar_definition() -> str:
    r"""The preamble's \unichar, which tries the current font and then FONTS; the code point where none has it."""
    names = [f"\\unifont{chr(ord('A') + i)}" for i in range(len(FONTS))]
    lines = [r"\newcommand{\unicharin}[3]{{#1\iffontchar\font" '"#2 \\char"#2 \\else #3\\fi}}']
    for name, font in zip(names, FONTS, strict=True):
        lines.append(f"\\IfFontExistsTF{{{font}}}{{\\newfontfamily{name}{{{font}}}{ALL}}}{{\\let{name}\\relax}}")
    body = r"{\normalfont{[}U+#1{]}}"
    for name in reversed(["", *names]):
        body = f"\\unicharin{{{name}}}{{#1}}{{{body}}}"
    lines.append(f"\\newcommand{{\\unichar}}[1]{{{body}}}")
    return "\n".join(lines)
