"""The reader against hand labels, and what holds of any text."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import InputError
from metrics.consistency import parse

ROWS, COLUMNS = {"u": "upper", "m": "middle", "l": "lower"}, {"l": "left", "c": "center", "r": "right"}
FILE = Path(__file__).parents[2] / "data" / "prompts.tsv"


def labelled():
    with open(FILE, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t"))


def expected(row):
    low, _, high = row["count"].partition("-")
    count = None if not low else (int(low), int(low) if "-" not in row["count"] else int(high) if high else None)
    regions = tuple(sorted(f"{ROWS[code[0]]}-{COLUMNS[code[1]]}" for code in row["regions"].split()))
    return count, row["laterality"] or None, regions, row["absent"] == "1", row["conflicts"] == "1"


@pytest.mark.parametrize("row", labelled(), ids=lambda row: f"{row['group']}: {row['text'][:70]}")
def test_prompt_is_read_as_a_person_reads_it(row):
    found = parse(row["text"], row["ontology"])
    read = (found.count, found.laterality, found.regions, found.absent, bool(found.conflicts))
    assert read == expected(row), f"unread {found.unread}, corrections {found.corrections}"


def test_json_has_the_fixed_keys():
    text = "Bilateral pulmonary infection, at least two infected areas, upper left lung and lower right lung"
    found = json.loads(json.dumps(parse(text).to_json()))
    assert {k: found[k] for k in ("text", "count", "laterality", "regions", "absent", "conflicts")} == {
        "text": text, "count": [2, None], "laterality": "bilateral", "regions": ["lower-right", "upper-left"],
        "absent": False, "conflicts": [],
    }  # fmt: skip


def test_spans_are_the_words_that_were_read():
    text = "Unilateral pulmonary infection, one infected area, mmiddle lower rught lung"
    found = parse(text)
    words = {axis: [text[a:b] for a, b in spans] for axis, spans in found.spans.items()}
    assert words["count"] == ["one"]
    assert words["regions"] == ["mmiddle lower rught lung"]
    assert words["laterality"] == ["Unilateral", "rught"]
    assert found.corrections == (("mmiddle", "middle"), ("rught", "right"))


def test_words_run_together_keep_their_places():
    text = "oneinfected area, lowerright lung"
    found = parse(text)
    assert [text[a:b] for a, b in found.spans["count"]] == ["one"]
    assert found.regions == ("lower-right",)


def test_a_side_without_rows_is_left_open():
    found = parse("infection, lower left lung and right lung")
    assert found.regions == ("lower-left",)
    assert found.open == ("lower-right", "middle-right", "upper-right")


def test_what_cannot_be_read_is_told_and_leaves_the_rest_open():
    found = parse("two infected areas, all left lung and the upper lower lung")
    assert found.unread == ("upper lower lung",)
    assert found.open == ("lower-right", "middle-right", "upper-right")


@pytest.mark.parametrize("word", ["lift", "light", "night", "power", "flower", "tree"])
def test_a_plain_word_is_never_made_a_place(word):
    assert parse(f"infected area, lower {word} lung").regions == ()


def test_a_slip_as_near_to_its_opposite_is_not_corrected():
    found = parse("one infected area, uower left lung")  # upper and lower are as far
    assert found.regions == () and found.laterality == "left"


def test_sizes_of_polyps():
    assert parse("two small, medium white polyps, located in top left of the image", "colonoscopy").sizes == (
        "medium", "small",
    )  # fmt: skip
    assert parse("large opacity in the left lung").sizes == ()


def test_unknown_ontology_is_told():
    with pytest.raises(InputError, match="ontology 'brain' is unknown; there are chest, colonoscopy"):
        parse("", "brain")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_a_guess(text):
    found = parse(text)
    assert found == parse(text)
    assert all(0 <= a < b <= len(text) for spans in found.spans.values() for a, b in spans)


WORDS = [
    "no",
    "one",
    "two",
    "upper",
    "middle",
    "lower",
    "left",
    "right",
    "lung",
    "and",
    ",",
    ".",
    "all",
    "both",
    "infection",
    "areas",
    "except",
    "previously",
    "now",
    "clear",
    "of",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=14))
def test_any_order_of_its_words_is_read(words):
    found = parse(" ".join(words))
    if found.absent:
        assert not found.regions and found.count in (None, (0, 0))
    assert not set(found.regions) & set(found.open)
    if found.count:
        assert found.count[1] is None or found.count[0] <= found.count[1]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([r["text"] for r in labelled() if r["group"] == "template"]), st.randoms(use_true_random=False))
def test_letter_case_and_spaces_do_not_matter(text, random):
    noisy = "".join(random.choice((c.upper(), c.lower())) for c in text).replace(" ", random.choice((" ", "  ", "\t")))
    assert parse(noisy).reading == parse(text).reading
