"""Natural errors are those of the real prompts: as frequent, at the same letters, and never undone."""

import collections
import csv
import re
from pathlib import Path
from random import Random

import pytest

from c2seg_bench.stress import FAMILIES
from c2seg_bench.stress.families import natural
from c2seg_bench.stress.families.natural import INVERSES, OBSERVED, one_error
from c2seg_bench.stress.keyboard_layout import NEIGHBOURS
from metrics.consistency import parse

CHEST = "Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung."
REAL = Path(__file__).parents[4] / "shared" / "realdata" / "qata" / "texts.csv"
PLACES = ("first", "inner", "last")
# kind -> how often people made it at the first, an inner and the last letter
LETTERS = {
    "letter left out": (6, 8, 6),
    "letter too many": (1, 3, 9),
    "letter doubled": (4, 7, 1),
    "neighbouring key": (0, 1, 4),
    "next letter for this": (0, 3, 0),
    "letters swapped": (0, 1, 0),
}


def place(i, word):
    return PLACES[0] if i == 0 else PLACES[2] if i == len(word) - 1 else PLACES[1]


def misspelling(noisy, right):
    """(kind, place) of an error of one letter; ("other", "") for any other."""
    if len(noisy) == len(right) - 1:
        at = [i for i in range(len(right)) if right[:i] + right[i + 1 :] == noisy]
        # in "al" for "all" either l may be missing: counted as inner
        return ("letter left out", place(at[0], right)) if at else ("other", "")
    if len(noisy) == len(right) + 1:
        at = [i for i in range(len(noisy)) if noisy[:i] + noisy[i + 1 :] == right]
        if len(at) > 1:
            return "letter doubled", place(at[-1] - 1, right)
        return ("letter too many", place(at[0], noisy)) if at else ("other", "")
    at = [i for i, (a, b) in enumerate(zip(noisy, right, strict=False)) if a != b]
    if len(noisy) == len(right) and len(at) == 1:
        i = at[0]
        kind = "neighbouring key" if noisy[i] in NEIGHBOURS[right[i]] else "next letter for this"
        known = kind == "neighbouring key" or noisy[i] == right[i + 1 : i + 2]
        return (kind, place(i, right)) if known else ("other", "")
    swapped = len(at) == 2 and noisy[at[0]] == right[at[1]] and noisy[at[1]] == right[at[0]]
    return ("letters swapped", place(at[0], right)) if swapped else ("other", "")


def test_natural_errors_are_drawn_as_often_as_they_were_observed():
    drawn = collections.Counter(one_error(CHEST, Random(i))[0] for i in range(4000))
    total = sum(n for n, _ in OBSERVED.values())
    for kind, (count, _) in OBSERVED.items():
        assert drawn[kind] / 4000 == pytest.approx(count / total, abs=0.03), kind


@pytest.mark.parametrize("kind", ["letter left out", "letter too many"])
def test_errors_are_made_at_the_letters_where_they_were_observed(kind):
    right, change = "upside", OBSERVED[kind][1]  # no letter twice in a row
    errors = [misspelling(change(right, Random(i)), right) for i in range(3000)]
    drawn = collections.Counter(where for error, where in errors if error == kind)
    shares = [drawn[where] / sum(drawn.values()) for where in PLACES]
    assert shares == pytest.approx([n / sum(LETTERS[kind]) for n in LETTERS[kind]], abs=0.05)


def test_no_kind_is_drawn_twice_nor_one_that_undoes_another():
    assert {kind for group in INVERSES for kind in group} == set(LETTERS)
    clean = "middle lower left lung"
    for seed in range(300):
        noisy = FAMILIES["natural"].perturb(" ".join([clean] * 20), 5, Random(seed))
        assert noisy.count("  ") <= 1 and noisy.count(" l ") <= 1 and noisy != clean


def test_a_long_prompt_has_no_more_errors_than_there_are_kinds(monkeypatch):
    """Otherwise ten thousand words would take 2,500 errors, each of which searches the whole text."""
    kinds = []

    def counted(*args):
        kind, noisy = one_error(*args)
        kinds.append(kind)
        return kind, noisy

    monkeypatch.setattr(natural, "one_error", counted)
    FAMILIES["natural"].perturb("upper left lung, " * 3334, 5, Random(0))
    assert 5 <= len(kinds) <= len(OBSERVED) and len(set(kinds)) == len(kinds)


@pytest.mark.skipif(not REAL.is_file(), reason="../shared/realdata is not beside this checkout")
def test_natural_errors_are_those_of_the_real_prompts():
    """The kinds that a pattern finds occur in the real prompts as often as the family assumes."""
    with open(REAL, encoding="utf-8-sig", newline="") as f:
        texts = [row["text"] for row in csv.DictReader(f)]
    patterns = {
        "noun left out": r"\b(left|right) and\b",
        "comma without its space": r",(?=\S)",
        "singular or plural": r"\bone (infected areas|regions)\b|\b(two|three) infected area\b|\bregion\b",
        "two spaces": r"\S  +\S",
        "higher for upper": r"\bhigher\b",
        "word twice": r"\b(\w+) \1\b",
        "space before a comma": r"\s,",
        "stray letter": r"\s[b-z]\s",
    }
    for kind, pattern in patterns.items():
        assert sum(bool(re.search(pattern, t)) for t in texts) == OBSERVED[kind][0], kind
    corrections = [pair for t in texts for pair in parse(t).corrections]
    assert sum(" " in b for _, b in corrections) == OBSERVED["words run together"][0]
    counted = collections.Counter(misspelling(a.lower(), b) for a, b in corrections if " " not in b)
    assert counted.pop(("other", "")) == 2  # "uooer", "thrr": two errors in a word
    for kind, places in LETTERS.items():
        assert tuple(counted[kind, where] for where in PLACES) == places, (kind, counted)
        assert OBSERVED[kind][0] == sum(places)
