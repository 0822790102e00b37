"""Finds the phrases that a family can reword or drop, and chooses a share of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from random import Random

from c2seg_bench.stress.severity import phrases_to_edit

# after these words a place is complete; after others ("upper and", "uooper") it may be the end of a longer place
NOUNS = ("lung", "lungs", "lobe", "zone", "area", "areas", "region", "regions", "infection")
PREPOSITIONS = ("of", "in", "at", "with", "w/", "involving", "affecting", "involvement")
BEFORE_A_PLACE = frozenset((*NOUNS, *PREPOSITIONS, "lul", "lll", "rul", "rll", "lmz", "rmz"))
CONJUNCTIONS = frozenset(["and", "or", "the", "&", "/", "+"])
TOKEN = re.compile(r"[^\s,/&+]+/?|[&/+]")


def phrase_pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Matches any of the phrases, but not within a longer place: "upper left lung zone" is skipped."""
    return re.compile(rf"\b(?ai:{'|'.join(map(re.escape, phrases))})\b(?!\s+(?i:zone|field|base|apex|lobe))")


def stands_alone(match: re.Match[str]) -> bool:
    """Whether a phrase can be reworded by itself: "middle left lung" cannot in "upper and middle left lung"."""
    phrase = match.group().lower()
    if not phrase.endswith("lung"):
        return True
    before = TOKEN.findall(match.string[max(0, match.start() - 40) : match.start()].lower())
    while before and before[-1] in CONJUNCTIONS:
        before.pop()
    if not before or before[-1] in BEFORE_A_PLACE:
        return True
    return phrase in ("left lung", "right lung") and before[-1] in ("all", "entire", "whole")


def random_share(matches: list[re.Match[str]], severity: int, random: Random) -> set[int]:
    """Indices of the matches to edit; a higher severity edits the same ones and more."""
    order = sorted(range(len(matches)), key=lambda _: random.random())
    return set(order[: phrases_to_edit(len(matches), severity)])
