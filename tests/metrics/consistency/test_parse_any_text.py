"""Properties of the reader that any text has, and the growth of its work with the length of the text."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import InputError
from metrics.consistency import parse
from tests.metrics.consistency.labelled_prompts import DEVELOPED


@pytest.mark.parametrize("text", [None, float("nan"), 3, ["left lung"] * 99])
def test_a_prompt_that_is_not_a_string_is_an_error_of_one_line(text):
    with pytest.raises(InputError, match="^prompt .* is not a string; give an empty one") as error:
        parse(text)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("ontology", ["chest", "colonoscopy"])
def test_half_a_character_is_an_error_of_one_line(ontology):
    with pytest.raises(InputError, match=r"^prompt 'left \\ud800 lung': half a character at position 5; ") as error:
        parse("left \ud800 lung", ontology)
    assert "\n" not in str(error.value)
    assert parse("left \N{LUNGS} lung", ontology).text == "left \N{LUNGS} lung"  # a whole one


@pytest.mark.parametrize(
    "piece", ["(", "[(.", "a(", "two ", "no ", "no, ", "left, ", "not clear ", "<p", "1. ", "opacity "]
)
def test_work_grows_with_the_text_and_not_with_its_square(piece):
    parse("warm up")
    assert calls(piece * (4800 // len(piece))) < 3 * calls(piece * (2400 // len(piece))) + 1000


def calls(text):
    """Python functions called to read a text."""
    counts = [0]

    def count(frame, event, argument):
        counts[0] += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        parse(text)
    finally:
        sys.setprofile(None)
    return counts[0]


def test_text_beyond_the_limit_is_reported_and_never_denied():
    text = "No infection. " + "Stable. " * 700 + "Opacity in the left lung."
    findings = parse(text)
    assert findings.unread == (f"everything after the first 5000 of {len(text)} characters",)
    assert not findings.absent and findings.laterality is None


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_a_guess(text):
    findings = parse(text)
    assert findings == parse(text)
    assert all(0 <= a < b <= len(text) for spans in findings.spans.values() for a, b in spans)


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
    findings = parse(" ".join(words))
    if findings.absent:
        assert not findings.regions and findings.count in (None, (0, 0))
    assert not set(findings.regions) & set(findings.open)
    if findings.count:
        assert findings.count[1] is None or findings.count[0] <= findings.count[1]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([label.text for label in DEVELOPED if label.group == "template"]), st.randoms(use_true_random=False)
)
def test_letter_case_and_spaces_do_not_matter(text, random):
    noisy = "".join(random.choice((c.upper(), c.lower())) for c in text).replace(" ", random.choice((" ", "  ", "\t")))
    assert parse(noisy).reading == parse(text).reading
