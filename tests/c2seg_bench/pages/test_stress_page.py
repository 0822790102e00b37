"""Families that claim to keep the meaning read the same, those that change it read otherwise on their axis."""

from math import isnan
from random import Random

import pytest

from c2seg_bench.pages.stress import compared, measure, page, word_edits
from c2seg_bench.stress import FAMILIES
from metrics.consistency import parse
from metrics.consistency.axes import AXES

PROMPTS = [
    "Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung.",
    "Unilateral pulmonary infection, one infected area, middle lower left lung",
    "Bilateral pulmonary infection involving two regions with involvement of all left lung and the lower right lung",
]


@pytest.mark.parametrize(
    "name", ["abbreviations", "case", "clinical", "context", "punctuation", "reorder", "telegraphic"]
)
def test_another_wording_reads_the_same(name):
    for prompt in PROMPTS:
        for severity in FAMILIES[name].sweep(range(1, 6)):
            for seed in range(20):
                noisy = FAMILIES[name].perturb(prompt, severity, Random(seed))
                assert parse(noisy).reading == parse(prompt).reading, noisy


@pytest.mark.parametrize("name, part", [("move_zone", "regions"), ("change_count", "count")])
def test_an_edited_meaning_reads_otherwise_on_its_axis(name, part):
    axis = {"regions": "position", "count": "count"}[part]
    assert FAMILIES[name].judged_on("chest") == axis
    for prompt in PROMPTS[:2]:
        noisy = FAMILIES[name].perturb(prompt, 1, Random(3))
        clean, edited = parse(prompt), parse(noisy)
        assert AXES[axis].statement(clean) != AXES[axis].statement(edited)
        assert all(getattr(clean, a) == getattr(edited, a) for a in {"count", "regions"} - {part})


@pytest.mark.parametrize(
    ("text", "ontology", "other"),
    [
        ("Bilateral infection, upper left lung and lower right lung", "chest", False),  # stays bilateral
        ("Unilateral infection, one infected area, all left lung", "chest", True),
        ("Bilateral infection, all left lung and all right lung", "chest", False),
        ("one small polyp, located in top left of the image", "colonoscopy", True),
        ("one small polyp, located in top left, top right of the image", "colonoscopy", False),
    ],
)
def test_sides_swapped_are_judged_by_prompts_of_one_side_and_by_place_where_there_are_no_sides(text, ontology, other):
    noisy = FAMILIES["swap_side"].perturb(text, 1, Random(0))
    clean, edited = parse(text, ontology), parse(noisy, ontology)
    axis = FAMILIES["swap_side"].judged_on(ontology)
    assert axis == {"chest": "laterality", "colonoscopy": "position"}[ontology]
    assert (AXES[axis].statement(clean) != AXES[axis].statement(edited)) == other


def test_denied_and_contradicted_prompts_are_read_as_such():
    for prompt in PROMPTS:
        assert parse(FAMILIES["deny"].perturb(prompt, 1, Random(0))).absent
        assert parse(FAMILIES["contradiction"].perturb(prompt, 1, Random(0))).conflicts


def test_measure_is_by_hand_for_a_family():
    rows = {(r["family"], r["severity"]): r for r in measure(PROMPTS, "chest")}
    empty = rows["empty", 1]
    assert empty["distance"] == sum(map(len, PROMPTS)) / 3 and empty["changed"] == 1 and empty["same"] == 0
    assert empty["words"] == 1
    assert ("empty", 2) not in rows and ("swap", 5) in rows


def test_what_reads_the_same_is_counted_over_changed_prompts():
    clean, same, other = "one infected area, upper left lung", "one area, upper left lung", "one area, lower left lung"
    row = compared([(clean, clean), (clean, clean), (clean, same), (clean, other)], "chest")
    assert row == {"changed": 0.5, "words": (1 / 6 + 2 / 6) / 4, "distance": (9 + 12) / 4, "same": 0.5}
    assert isnan(compared([(clean, clean)], "chest")["same"])


@pytest.mark.parametrize(("noisy", "edits"), [("a b c", 0), ("a c", 1), ("a x c", 1), ("n a b c", 1), ("", 3)])
def test_word_edits(noisy, edits):
    assert word_edits("a b c", noisy) == edits


def test_the_page_has_a_line_for_every_family():
    text = page(PROMPTS, "chest", "here")
    assert all(f"| `{name}`: " in text for name in FAMILIES)
