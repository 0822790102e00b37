"""Severity, 1 to 5: how much a family of noise edits."""

from __future__ import annotations

# share of the words that are edited; 1 is a careful typist (about one report in ten has an error), 5 is stress
SHARES = {1: 0.05, 2: 0.10, 3: 0.15, 4: 0.20, 5: 0.25}


def words_to_edit(text: str, severity: int) -> int:
    """The number of words of a prompt to edit: the severity's share, at least one."""
    return max(1, round(SHARES[severity] * len(text.split())))


def phrases_to_edit(phrases: int, severity: int) -> int:
    """The number of phrases to edit: four times the severity's share, so all of them at 5, and at least one."""
    return min(phrases, max(1, round(4 * SHARES[severity] * phrases)))
