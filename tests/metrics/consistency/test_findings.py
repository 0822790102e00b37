"""The findings of a text one by one, and the explanation of how it is read."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.consistency import parse
from metrics.consistency.reader.cleaning import clean
from metrics.consistency.study.labels import read_labels

DATA = Path(__file__).parents[2] / "data"


def findings(text, ontology="chest"):
    return [(f.name, f.kind, f.state, f.count, f.sides, f.regions) for f in parse(text, ontology).findings]


# text -> (name, kind, state, count, sides, regions) of every finding
LISTS = {
    "Two opacities in the left upper lobe, one in the right lower lobe. No effusion.": [
        ("opacities", "segmented", "stated", (2, 2), ("left",), ("upper-left",)),
        ("opacities", "segmented", "stated", (1, 1), ("right",), ("lower-right",)),
        ("effusion", "other", "denied", None, (), ()),
    ],
    "Right lower lobe consolidation with a small left effusion.": [
        ("consolidation", "segmented", "stated", None, ("right",), ("lower-right",)),
        ("effusion", "other", "stated", None, ("left",), ()),
    ],
    "Possible opacity in the lingula. Previously bilateral pneumonia.": [
        ("opacity", "segmented", "possible", None, (), ()),
        ("pneumonia", "segmented", "past", None, ("bilateral",), ()),
    ],
    "Left-sided pacemaker. The right lung has no consolidation.": [
        ("pacemaker", "instrument", "stated", None, ("left",), ()),
        ("consolidation", "segmented", "denied", None, ("right",), ()),
    ],
    "upper left lung": [("", "segmented", "stated", None, ("left",), ("upper-left",))],
    "sin infección bilateral": [],
}


@pytest.mark.parametrize("text", LISTS)
def test_each_finding_has_its_own_state_count_and_place(text):
    assert findings(text) == LISTS[text]


def test_polyps_are_read_one_by_one():
    result = parse("two 4 mm polyps in the cecum, one small polyp at the top", "colonoscopy")
    assert [(f.count, f.regions, f.sizes) for f in result.findings] == [
        ((2, 2), (), ()),
        ((1, 1), ("upper-center",), ("small",)),
    ]
    assert result.count == (3, 3) and result.regions == ("upper-center",)


def test_the_reading_is_the_sum_of_the_stated_segmented_findings():
    text = "Two opacities in the left upper lobe, one in the right lower lobe, possibly one in the lingula. Right effusion."
    result = parse(text)
    stated = [f for f in result.findings if f.kind == "segmented" and f.state == "stated"]
    assert result.count == (sum(f.count[0] for f in stated if f.count), 3) == (3, 3)
    assert set(result.regions) == {cell for f in stated for cell in f.regions} == {"upper-left", "lower-right"}


# (text, characters, why nothing is stated by them)
LEFT_OUT = [
    ("No infection in the left lung", "left", "denied by 'no'"),
    ("The right lung has no consolidation", "right", "denied by 'no'"),
    ("Previously two areas, now one area", "two", "past, by 'previously'"),
    ("Possible left pneumonia", "left", "only possible, by 'possible'"),
    ("Left pneumonia cannot be excluded", "Left", "only possible, by 'cannot be excluded'"),
    ("Infiltrate in the right or left lung", "right", "only possible, by 'or'"),
    ("Left effusion", "Left", "describes 'effusion'"),
    ("Opacity in the lower lobe", "lower lobe", "a place without a side"),
    ("middle right left lung", "middle right left lung", "right left"),
    ("A 3 x 4 cm opacity", "3 x 4 cm", "measure, date or grade"),
    (
        "INDICATION: left pneumonia. FINDINGS: right opacity",
        "INDICATION: left pneumonia. ",
        "not a finding: indication",
    ),
    ("Keine Infiltrate im linken Unterlappen", "Keine Infiltrate im linken Unterlappen", "not in English"),
]


@pytest.mark.parametrize("text, characters, why", LEFT_OUT)
def test_words_that_are_left_out_have_a_reason(text, characters, why):
    result = parse(text)
    assert (characters, why) in [(o.text, o.why) for o in result.left_out]
    assert all(text[slice(*o.span)] == o.text for o in result.left_out)


def test_every_assertion_has_its_characters_and_its_rule():
    text = "Unilateral infection, two infected areas, upper left lung and LLL"
    result = parse(text)
    assert [(a.axis, a.value, [text[a:b] for a, b in a.spans]) for a in result.assertions] == [
        ("count", "2", ["two"]),
        ("laterality", "left", ["Unilateral", "left"]),
        ("regions", "lower-left, upper-left", ["upper left lung", "LLL"]),
    ]
    for assertion in parse("At least two opacities, both lower lobes").assertions:
        assert assertion.spans and assertion.rule


def test_absence_has_the_span_of_its_denial():
    (assertion,) = parse("The lungs are clear.").assertions
    assert (assertion.axis, assertion.spans) == ("absent", ((14, 19),))


def test_json_has_the_findings_after_the_fixed_keys():
    result = json.loads(json.dumps(parse("Two opacities in the left lung, no effusion").to_json()))
    assert list(result)[:6] == ["text", "count", "laterality", "regions", "absent", "conflicts"]
    assert [(f["name"], f["state"], f["count"]) for f in result["findings"]] == [
        ("opacities", "stated", [2, 2]),
        ("effusion", "denied", None),
    ]
    assert result["assertions"][0] == {"axis": "count", "value": "2", "spans": [[0, 3]], "rule": "a number of lesions"}
    assert {"span": [35, 43], "text": "effusion", "why": "denied by 'no'"} not in result["left_out"]  # not segmented


@pytest.mark.parametrize(
    "text",
    [
        "No infection. Two infected areas.",
        "The lungs are clear. There are two infected areas in the right lung.",
        "Bilateral infection, but both lungs appear completely normal.",
    ],
)
def test_a_text_that_denies_what_it_states_is_a_conflict_and_states_nothing(text):
    result = parse(text)
    assert result.states_nothing and len(result.conflicts) == 1
    assert result.conflicts[0].startswith("findings are stated, but also: ")


@pytest.mark.parametrize("text", ["Pneumonia", "", "Cardiomegaly. Left effusion.", "pneumonie du poumon gauche"])
def test_texts_that_state_nothing_say_so(text):
    assert parse(text).states_nothing


CLEANED = [
    ("<p>Two <b>infected</b> areas</p>", ";  Two    infected     areas;   "),
    ("two；left，right。", "two;left,right;"),
    ("a|b • c", "a;b ; c"),
    ("&gt;2 lesions&nbsp;here", ">   2 lesions      here"),
    ("<3 lesions, x < 4", "<3 lesions, x < 4"),
    ("lung.lower e.g. 2", "lung;lower e.g. 2"),
    ("polyp(s), mass(es)", "polyp   , mass    "),
    ("**Two** areas\n- left\n- right", "  Two   areas\n; left\n; right"),
    ("(1) left (2) right", ";;; left ;;; right"),
    ("3 x 4 cm on 03/04/2021, stage 2", "         on           ,        "),
    ("67-year-old, day 3, two thirds of it", "           ,      ,               it"),
    ("count=2; x>=3", "count:2; x>=3"),
]


@pytest.mark.parametrize("text, cleaned", CLEANED)
def test_markup_signs_and_measures_are_cleaned_in_their_place(text, cleaned):
    assert clean(text).text == cleaned


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>/pb&;gt|()12.ab -*#\n:='x cm，；。IMPRESSION", max_size=80))
def test_cleaning_never_moves_a_character(text):
    cleaned = clean(text)
    assert len(cleaned.text) == len(text)
    assert all(0 <= start < end <= len(text) for start, end, _ in cleaned.left_out)


@pytest.mark.parametrize("name", ["prompts", "prompts_reports", "prompts_free"])
def test_no_place_is_read_that_no_stated_finding_has(name):
    for label in read_labels(DATA / f"{name}.tsv").labels:
        result = parse(label.text, label.ontology)
        stated = [f for f in result.findings if (f.kind, f.state) == ("segmented", "stated")]
        assert set(result.regions) <= {cell for f in stated for cell in f.regions}, label.text
        if result.laterality in ("left", "right"):
            assert result.laterality in {side for f in stated for side in f.sides}, label.text
        if result.count not in (None, (0, 0)):
            assert any(f.count for f in stated) or "(1)" in label.text or "1." in label.text or "a)" in label.text
