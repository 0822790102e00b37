"""Every entry of the wording tables keeps the meaning: read the same in both wordings, or held here word for word."""

import re
from random import Random

import pytest

from c2seg_bench.stress import FAMILIES
from c2seg_bench.stress.abbreviations import SHORT
from c2seg_bench.stress.style import CLINICAL
from metrics.consistency import parse

ENTRIES = [*SHORT, *((long, other) for long, others in CLINICAL for other in others)]
NUMBERS = ("one", "two", "three", "four", "five", "six")
CELLS = [f"{row} {side} lung" for row in ("upper", "middle", "lower") for side in ("left", "right")]
PROMPTS = {
    "chest": [
        *(f"Bilateral pulmonary infection, two infected areas, {a} and {b}" for a in CELLS for b in CELLS),
        *(f"Unilateral pulmonary infection, one infected area, {cell}" for cell in CELLS),
        *(f"Pulmonary infection, {n} infected areas, all left lung" for n in NUMBERS),
        "Bilateral pulmonary infection involving two regions with involvement of all left lung and all right lung",
    ],
    "colonoscopy": [
        f"{n} {size} white round polyp, located in top left, right of the image"
        for n in NUMBERS
        for size in ("small", "medium", "large")
    ],
}
# the reader does not see whether a word is the same finding or the same size: this list was read by a person
UNSEEN = {
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
    tried = 0
    for ontology, prompts in PROMPTS.items():
        for prompt in prompts:
            reworded = re.sub(rf"\b{long}\b", other, prompt, flags=re.IGNORECASE)
            clean, noisy = parse(prompt, ontology), parse(reworded, ontology)
            assert clean.reading == noisy.reading and clean.sizes == noisy.sizes, reworded
            tried += reworded != prompt
    assert tried


@pytest.mark.parametrize("long", sorted(UNSEEN))
def test_wordings_that_the_reader_cannot_judge_are_those_read_by_a_person(long):
    assert {other for entry, other in ENTRIES if entry == long} == UNSEEN[long]


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
