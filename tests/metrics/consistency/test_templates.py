"""The strict grammar of the datasets' templates, and the reader against it."""

import pytest

from metrics.consistency.study.templates import by_grammar, misread

LEFT = {"upper-left", "middle-left", "lower-left"}
QATA = {
    "Bilateral pulmonary infection, two infected areas, all left lung and lower right lung.": (
        2,
        "bilateral",
        LEFT | {"lower-right"},
    ),
    "Unilateral pulmonary infection involving one regions affecting the middle lower  right lung": (
        1,
        "right",
        {"middle-right", "lower-right"},
    ),
    "Bilateral pulmonary infection involving two regions with involvement of the lower left and the upper right lung": (
        2,
        "bilateral",
        {"lower-left", "upper-right"},
    ),
    "Unilateral pulmonary infection, one infected area, all left lung and all right lung": None,  # contradicts itself
    "Bilateral pulmonary infection, two infected areas, lowe left lung and lower right lung": None,  # misspelled
    "Pneumonia in the left lung": None,
}
POLYPS = {
    "two small, medium white round polyp, located in top right, bottom of the image": (
        2,
        None,
        {"upper-right", "lower-center"},
    ),
    "one large pink it is a round shape polyp, located in center of the image": (1, None, {"middle-center"}),
    "one small polyp, located in  of the image": None,
}


@pytest.mark.parametrize("ontology, prompts", [("chest", QATA), ("colonoscopy", POLYPS)])
def test_the_grammar_reads_only_well_formed_prompts(ontology, prompts):
    assert {prompt: by_grammar(prompt, ontology) for prompt in prompts} == prompts


def test_the_reader_agrees_with_the_grammar():
    result = misread([*QATA, *QATA], "chest")
    assert result == {"n": 12, "distinct": 6, "well_formed": 0.5, "misread": 0.0}
