"""The reader against hand labels, and each part of what it returns."""

import json

import pytest

from metrics import InputError
from metrics.consistency import parse
from metrics.consistency.study.labels import read_labels
from tests.metrics.consistency.labelled_prompts import DATA, DEVELOPED


@pytest.mark.parametrize("label", DEVELOPED, ids=lambda label: f"{label.group}: {label.text[:70]}")
def test_prompt_is_read_as_a_person_reads_it(label):
    findings = parse(label.text, label.ontology)
    read = (findings.count, findings.laterality, findings.regions, findings.absent, bool(findings.conflicts))
    expected = (label.count, label.laterality, label.regions, label.absent, label.conflicts)
    assert read == expected, f"{findings.left_out}, corrections {findings.corrections}"


def test_prompts_that_are_only_scored_are_new_and_enough():
    scored = read_labels(DATA / "prompts_scored.tsv").labels
    assert len(scored) >= 250 and len(DEVELOPED) >= 600
    assert not {label.text for label in scored} & {label.text for label in DEVELOPED}


def test_json_has_the_fixed_keys():
    text = "Bilateral pulmonary infection, at least two infected areas, upper left lung and lower right lung"
    findings = json.loads(json.dumps(parse(text).to_json()))
    assert {k: findings[k] for k in ("text", "count", "laterality", "regions", "absent", "conflicts")} == {
        "text": text, "count": [2, None], "laterality": "bilateral", "regions": ["lower-right", "upper-left"],
        "absent": False, "conflicts": [],
    }  # fmt: skip


def test_spans_are_the_words_that_were_read():
    text = "Unilateral pulmonary infection, one infected area, mmiddle lower rught lung"
    findings = parse(text)
    words = {axis: [text[a:b] for a, b in spans] for axis, spans in findings.spans.items()}
    assert words["count"] == ["one"]
    assert words["regions"] == ["mmiddle lower rught lung"]
    assert words["laterality"] == ["Unilateral", "rught"]
    assert findings.corrections == (("mmiddle", "middle"), ("rught", "right"))


def test_words_run_together_keep_their_places():
    text = "oneinfected area, lowerright lung"
    findings = parse(text)
    assert [text[a:b] for a, b in findings.spans["count"]] == ["one"]
    assert findings.regions == ("lower-right",)


def test_a_side_without_rows_is_left_open():
    findings = parse("infection, lower left lung and right lung")
    assert findings.regions == ("lower-left",)
    assert findings.open == ("lower-right", "middle-right", "upper-right")


def test_what_cannot_be_read_is_listed_and_leaves_the_rest_open():
    findings = parse("two infected areas, all left lung and the upper lower lung")
    assert findings.unread == ("upper lower lung",)
    assert findings.open == ("lower-right", "middle-right", "upper-right")


@pytest.mark.parametrize("word", ["lift", "light", "night", "power", "flower", "tree"])
def test_a_plain_word_is_never_made_a_place(word):
    assert parse(f"infected area, lower {word} lung").regions == ()


def test_a_slip_as_near_to_its_opposite_is_not_corrected():
    findings = parse("one infected area, uower left lung")  # upper and lower are as far
    assert findings.regions == () and findings.laterality == "left"


def test_sizes_of_polyps():
    assert parse("two small, medium white polyps, located in top left of the image", "colonoscopy").sizes == (
        "medium", "small",
    )  # fmt: skip
    assert parse("large opacity in the left lung").sizes == ()


def test_an_unknown_ontology_lists_those_there_are():
    with pytest.raises(InputError, match="ontology 'brain' is unknown; there are chest, colonoscopy"):
        parse("", "brain")
