"""Written prompts are read back as what they were written from, in the wording that the dataset uses."""

import itertools
import json
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.consistency import parse
from metrics.consistency.reader.ontology import FOLDER, load_ontology
from metrics.consistency.writer import Constraint, Writer, reads_back
from metrics.consistency.writer.grammar import load_grammar
from metrics.errors import InputError

LVIT = ["Unilateral pulmonary infection, one infected area, lower left lung"]
REWORDED = [
    "Bilateral pulmonary infection involving two regions with involvement of all left lung and the lower right lung"
]
KVASIR = ["two large white round polyp, located in top left, right of the image"]
CHEST_CELLS, POLYP_CELLS = load_ontology("chest").cells, load_ontology("colonoscopy").cells


@pytest.mark.parametrize("count", [1, 2, 6])
def test_every_set_of_lung_zones_is_written_and_read_back(count):
    writer = Writer.like(LVIT, "chest")
    written = 0
    for size in range(1, 7):
        for regions in itertools.combinations(CHEST_CELLS, size):
            findings = parse(writer.write(Constraint(count, regions)) or "", "chest")
            assert (findings.count, findings.regions) == ((count, count), tuple(sorted(regions)))
            written += 1
    assert written == 63


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 10),
    regions=st.sets(st.sampled_from(POLYP_CELLS), min_size=1, max_size=4),
    size=st.sampled_from(["", "small", "medium", "large"]),
    details=st.sampled_from(["", "white round", "pink oval"]),
)
def test_polyp_prompts_are_read_back_with_their_size(count, regions, size, details):
    constraint = Constraint(count, tuple(regions), (size,) if size else ())
    text = Writer.like(KVASIR, "colonoscopy").write(constraint, details)
    findings = parse(text, "colonoscopy")
    assert reads_back(text, constraint, "colonoscopy")
    assert (findings.regions, findings.sizes) == (tuple(sorted(regions)), constraint.sizes)
    assert details in text


@pytest.mark.parametrize(
    ("like", "constraint", "text"),
    [
        (LVIT, Constraint(1, ("lower-left",)), LVIT[0]),
        (
            LVIT,
            Constraint(2, ("upper-left", "lower-right")),
            "Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung",
        ),
        (
            REWORDED,
            Constraint(3, ("middle-left", "lower-left", "upper-right")),
            "Bilateral pulmonary infection involving three regions with involvement of the middle lower left lung and "
            "the upper right lung",
        ),
        (REWORDED, Constraint(2, (*CHEST_CELLS[:3], "lower-right")), REWORDED[0]),
    ],
)
def test_the_wording_is_the_one_that_the_dataset_uses(like, constraint, text):
    assert Writer.like(like, "chest").write(constraint) == text


def test_polyps_keep_their_colour_and_shape_and_their_number_of_the_noun():
    writer = Writer.like(KVASIR, "colonoscopy")
    details = writer.details_of(KVASIR[0])
    assert details == "white round"
    constraint = Constraint(2, ("upper-left", "middle-right"), ("large",))
    assert writer.write(constraint, details) == KVASIR[0]
    plural = Writer.like([KVASIR[0].replace("polyp,", "polyps,")], "colonoscopy")
    assert plural.write(constraint, details) == KVASIR[0].replace("polyp,", "polyps,")


def test_a_constraint_beyond_the_grammar_is_not_written():
    writer = Writer.like(LVIT, "chest")
    assert writer.write(Constraint(11, ("lower-left",))) is None  # its numbers end at ten


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        (LVIT[0], Constraint(1, ("lower-left",))),
        ("several infected areas, lower left lung", None),  # no exact count
        ("Unilateral pulmonary infection, one infected area, left lung", None),  # no cell
        ("No pulmonary infection", None),
    ],
)
def test_the_constraint_of_a_prompt(prompt, expected):
    assert Constraint.of(parse(prompt, "chest")) == expected


def test_an_ontology_of_ones_own_has_its_grammar_beside_it(tmp_path):
    own = tmp_path / "mine.json"
    shutil.copy(FOLDER / "chest.json", own)
    with pytest.raises(InputError, match=r"has no grammar to write prompts with; add .*mine\.grammar\.json"):
        load_grammar(str(own))
    grammar = {
        "numbers": ["one"],
        "rows": {"upper": "upper", "middle": "middle", "lower": "lower"},
        "sentences": [
            {"text": "{count} {noun} in {places}", "nouns": ["lesion", "lesions"], "and": " and ",
             "place": "the {rows} {column} lung", "column": "the whole {column} lung"}
        ],
    }  # fmt: skip
    (tmp_path / "mine.grammar.json").write_text(json.dumps(grammar))
    text = Writer.like([], str(own)).write(Constraint(1, ("lower-left",)))
    assert text == "one lesion in the lower left lung"


def sentence(**change):
    fine = {"text": "{count} {noun} in {places}", "nouns": ["lesion", "lesions"], "and": " and ", "place": "{rows}"}
    return {"sentences": [{**fine, "column": "the {column} lung", **change}]}


@pytest.mark.parametrize("content", ["[]", "{", "[" * 100_000, "\ufeff"])
def test_a_file_that_is_no_grammar_is_one_line(tmp_path, content):
    shutil.copy(FOLDER / "chest.json", tmp_path / "mine.json")
    (tmp_path / "mine.grammar.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="^grammar .*; compare it with") as error:
        load_grammar(str(tmp_path / "mine.json"))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": {"upper": "upper"}}, "rows: no words for lower"),
        ({"rows": []}, "rows is an object, not"),
        ({"sentences": []}, "sentences: give at least one"),
        ({"sentences": None}, "sentences: give a list, not 'None'"),
        ({"sentences": ["one lesion"]}, "a sentence is an object, not 'one lesion'"),
        ({"numbers": "one"}, "numbers: give a list, not 'one'"),
        ({"numbers": [1]}, "numbers: give text, not '1'"),
        ({"details": "(a|b)"}, r"details: the pattern has no group \(\?P<details>"),
        ({"details": "("}, "missing \\)"),
        (sentence(text="{count.__class__}"), r"text: slot 'count.__class__'; there are \{count\}, \{noun\}"),
        (sentence(text="{count:>99999999999}"), "text: slot 'count'"),
        (sentence(place="{row}"), r"place: slot 'row'; there are \{rows\}, \{column\}"),
        (sentence(text="{count"), "expected '}'"),
        (sentence(nouns=["lesion"]), "nouns: give two"),
        (sentence(columns="2"), "columns: '2'"),
        ({"sentences": [{"nouns": ["a", "b"]}]}, "'place' is missing"),
    ],
)
def test_a_wrong_grammar_is_one_line(tmp_path, change, message):
    shutil.copy(FOLDER / "chest.json", tmp_path / "mine.json")
    grammar = {"numbers": ["one"], "rows": dict.fromkeys(("upper", "middle", "lower"), "x"), **sentence(), **change}
    (tmp_path / "mine.grammar.json").write_text(json.dumps(grammar))
    with pytest.raises(InputError, match=message) as error:
        load_grammar(str(tmp_path / "mine.json"))
    assert "\n" not in str(error.value)
