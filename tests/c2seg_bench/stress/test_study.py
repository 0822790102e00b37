"""Families that claim to keep the meaning read the same; natural errors are as frequent as in the real prompts."""

import collections
import csv
import re
from pathlib import Path
from random import Random

import pytest

from c2seg_bench.stress import FAMILIES
from c2seg_bench.stress.apply import levenshtein
from c2seg_bench.stress.natural import OBSERVED, one_error
from c2seg_bench.stress.study import measure, page
from metrics.consistency import parse

PROMPTS = [
    "Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung.",
    "Unilateral pulmonary infection, one infected area, middle lower left lung",
    "Bilateral pulmonary infection involving two regions with involvement of all left lung and the lower right lung",
]
REAL = Path(__file__).parents[4] / "shared" / "realdata" / "qata" / "texts.csv"


@pytest.mark.parametrize(
    "name", ["abbreviations", "case", "clinical", "context", "punctuation", "reorder", "telegraphic"]
)
def test_another_wording_reads_the_same(name):
    for prompt in PROMPTS:
        for severity in FAMILIES[name].sweep(range(1, 6)):
            for seed in range(20):
                noisy = FAMILIES[name].perturb(prompt, severity, Random(seed))
                assert parse(noisy).reading == parse(prompt).reading, noisy


@pytest.mark.parametrize("name, axis", [("swap_side", "regions"), ("move_zone", "regions"), ("change_count", "count")])
def test_an_edited_meaning_reads_otherwise_on_its_axis(name, axis):
    for prompt in PROMPTS[:2]:
        noisy = FAMILIES[name].perturb(prompt, 1, Random(3))
        clean, edited = parse(prompt), parse(noisy)
        assert getattr(clean, axis) != getattr(edited, axis)
        assert all(getattr(clean, a) == getattr(edited, a) for a in {"count", "regions"} - {axis})


def test_denied_and_contradicted_prompts_are_read_as_such():
    for prompt in PROMPTS:
        assert parse(FAMILIES["deny"].perturb(prompt, 1, Random(0))).absent
        assert parse(FAMILIES["contradiction"].perturb(prompt, 1, Random(0))).conflicts


def test_measure_is_by_hand_for_a_family():
    rows = {(r["family"], r["severity"]): r for r in measure(PROMPTS, "chest")}
    empty = rows["empty", 1]
    assert empty["distance"] == sum(map(len, PROMPTS)) / 3 and empty["changed"] == 1 and empty["same"] == 0
    assert ("empty", 2) not in rows and ("swap", 5) in rows


def test_the_page_has_a_line_for_every_family():
    text = page(PROMPTS, "chest", "here")
    assert all(f"| `{name}`: " in text for name in FAMILIES)


def test_natural_errors_are_drawn_as_often_as_they_were_observed():
    drawn = collections.Counter(one_error(PROMPTS[0].replace("upper", "upper"), Random(i))[0] for i in range(4000))
    total = sum(n for n, _ in OBSERVED.values())
    for kind, (count, _) in OBSERVED.items():
        assert drawn[kind] / 4000 == pytest.approx(count / total, abs=0.03), kind


@pytest.mark.skipif(not REAL.is_file(), reason="../shared/realdata is not beside this checkout")
def test_natural_errors_are_those_of_the_real_prompts():
    """The kinds that a pattern can find, counted in the real prompts, are the counts the family draws by."""
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
    }
    for kind, pattern in patterns.items():
        assert sum(bool(re.search(pattern, t)) for t in texts) == OBSERVED[kind][0], kind
    corrections = [pair for t in texts for pair in parse(t).corrections]
    one_word = [(a.lower(), b) for a, b in corrections if " " not in b]
    assert sum(" " in b for _, b in corrections) == OBSERVED["words run together"][0]
    spelled = sum(
        OBSERVED[k][0]
        for k in ("letter left out", "letter too many", "letter doubled", "neighbouring key", "letters swapped")
    )
    assert len(one_word) == spelled
    assert sum(levenshtein(a, b) == 1 for a, b in one_word) / len(one_word) > 0.9
