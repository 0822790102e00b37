"""Every abbreviation and synonym keeps the meaning: both wordings read the same, or a person compared them."""

import re
from random import Random

import pytest

from c2seg_bench.stress import FAMILIES
from c2seg_bench.stress.families.abbreviations import ABBREVIATIONS
from c2seg_bench.stress.families.clinical import SYNONYMS
from metrics.consistency import parse

ENTRIES = [*ABBREVIATIONS, *((long, other) for long, others in SYNONYMS for other in others)]
NUMBERS = ("one", "two", "three", "four", "five", "six")
PLACES = [f"{row} {side} lung" for row in ("upper", "middle", "lower") for side in ("left", "right")]
PROMPTS = {
    "chest": [
        *(f"Bilateral pulmonary infection, two infected areas, {a} and {b}" for a in PLACES for b in PLACES),
        *(f"Unilateral pulmonary infection, one infected area, {place}" for place in PLACES),
        *(f"Pulmonary infection, {n} infected areas, all left lung" for n in NUMBERS),
        "Bilateral pulmonary infection involving two regions with involvement of all left lung and all right lung",
    ],
    "colonoscopy": [
        f"{n} {size} white round polyp, located in top left, right of the image"
        for n in NUMBERS
        for size in ("small", "medium", "large")
    ],
}
# the reader cannot judge whether these name the same finding or the same size: a person checked this list
CHECKED_BY_A_PERSON = {
    "pulmonary infection": {"pulm infxn", "pneumonia", "infection of the lung parenchyma"},
    "infected areas": {"affected areas", "areas of infection"},
    "infected area": {"affected area", "area of infection"},
    "small": {"sm", "small-sized"},
    "medium": {"med"},
    "large": {"lg", "large-sized"},
    "polyp": {"polypoid lesion"},
    "located in": {"at", "situated in", "visible in"},
    "of the image": {"of the endoscopic view"},
    "with involvement of": {"w/"},
    "and": {"&"},
}


@pytest.mark.parametrize(("long", "other"), ENTRIES)
def test_an_entry_reads_the_same_in_both_wordings(long, other):
    reworded_prompts = 0
    for ontology, prompts in PROMPTS.items():
        for prompt in prompts:
            reworded = re.sub(rf"\b{long}\b", other, prompt, flags=re.IGNORECASE)
            clean, noisy = parse(prompt, ontology), parse(reworded, ontology)
            assert clean.reading == noisy.reading and clean.sizes == noisy.sizes, reworded
            reworded_prompts += reworded != prompt
    assert reworded_prompts


@pytest.mark.parametrize("long", sorted(CHECKED_BY_A_PERSON))
def test_wordings_that_the_reader_cannot_judge_are_those_checked_by_a_person(long):
    assert {other for entry, other in ENTRIES if entry == long} == CHECKED_BY_A_PERSON[long]


@pytest.mark.parametrize("name", ["abbreviations", "clinical"])
@pytest.mark.parametrize(
    "place",
    [
        "upper and middle left lung",
        "uooper middle left lung",
        "middle  lower left lung",
        "upper, middle left lung",
        "upper & lower right lung",
        "upper left lung zone",
    ],
)
def test_a_place_that_shares_its_noun_with_another_row_is_left_alone(name, place):
    noisy = FAMILIES[name].perturb(f"infection of {place}", 5, Random(0))
    assert noisy.replace("mid ", "middle ").replace("&", "and") == f"infection of {place}".replace("&", "and")


def test_a_place_after_another_place_is_shortened():
    noisy = FAMILIES["abbreviations"].perturb("the lower left lung and the middle right lung", 5, Random(0))
    assert noisy == "the LLL & the RMZ"
