"""Outside text on the terminal: names, prompts and messages can neither move the cursor nor hide what is printed."""

from __future__ import annotations

from c2seg_bench.bounds import MESSAGE_LENGTH

UNKNOWN = 0xFFFD
BIDI = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # they reorder what follows
SYMBOLS = {
    **{code: 0x2400 + code for code in range(0x20)},  # ESC is shown as its symbol, and so on
    0x7F: 0x2421,
    **dict.fromkeys((*range(0x80, 0xA0), *BIDI, 0x2028, 0x2029, *range(0xD800, 0xE000)), UNKNOWN),
}
SYMBOLS_BUT_LINES = {code: symbol for code, symbol in SYMBOLS.items() if chr(code) not in "\n\t"}


def visible(text: str) -> str:
    """The text with a symbol for each control character; as long as before, so that spans stay where they are."""
    return text.translate(SYMBOLS)


def print_visible(line: str) -> None:
    """Print a line with what is outside text in it made visible."""
    print(visible(line))


def one_line(message: str) -> str:
    """A message as one line of at most `MESSAGE_LENGTH` visible characters."""
    line = visible(" ".join(message[: 8 * MESSAGE_LENGTH].split()))
    return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 4] + " ..."
