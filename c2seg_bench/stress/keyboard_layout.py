"""Neighbouring keys on a QWERTY keyboard."""

from __future__ import annotations

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _touching_keys() -> dict[str, str]:
    """Letter -> letters whose keys touch its key; each row is shifted by about half a key."""
    keys = {letter: (y, x + 0.5 * y) for y, row in enumerate(ROWS) for x, letter in enumerate(row)}
    return {
        letter: "".join(
            other
            for other, (other_y, other_x) in keys.items()
            if other != letter and abs(other_y - y) <= 1 and abs(other_x - x) <= 1
        )
        for letter, (y, x) in keys.items()
    }


NEIGHBOURS = _touching_keys()
