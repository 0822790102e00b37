"""Control characters made visible, so that a name, prompt or message can neither move the cursor nor hide output."""

from __future__ import annotations

import sys

MESSAGE_LENGTH = 2_000  # characters of one line on the terminal
UNKNOWN = 0xFFFD
BIDI = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # they reorder the text that follows
SYMBOLS = {
    **{code: 0x2400 + code for code in range(0x20)},  # each control character has a picture: ␛ for ESC
    0x7F: 0x2421,
    **dict.fromkeys((*range(0x80, 0xA0), *BIDI, 0x2028, 0x2029, *range(0xD800, 0xE000)), UNKNOWN),
}
SYMBOLS_BUT_LINES = {code: symbol for code, symbol in SYMBOLS.items() if chr(code) not in "\n\t"}


def visible(text: str) -> str:
    """The text with each control character replaced by a symbol; positions and length stay the same."""
    return text.translate(SYMBOLS)


def print_visible(line: str) -> None:
    """Print a line with its control characters made visible, and escaped what the output's encoding lacks."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(visible(line).encode(encoding, "backslashreplace").decode(encoding))


def one_line(message: str) -> str:
    """The message on one line, with control characters made visible, cut to `MESSAGE_LENGTH` characters."""
    line = visible(" ".join(message[: 8 * MESSAGE_LENGTH].split()))
    return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 4] + " ..."
