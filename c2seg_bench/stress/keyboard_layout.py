"""Neighbouring keys on a QWERTY keyboard."""

from __future__ import annotations

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _touching_keys() -> dict[str, str]:
    """Letter -> letters whose keys touch its key; each row is shifted by about half a key."""
    places = {c: (r, k + 0.5 * r) for r, row in enumerate(ROWS) for k, c in enumerate(row)}
    return {
        a: "".join(
            b for b, (r, x) in places.items() if b != a and abs(r - places[a][0]) <= 1 and abs(x - places[a][1]) <= 1
        )
        for a in places
    }


NEIGHBOURS = _touching_keys()
