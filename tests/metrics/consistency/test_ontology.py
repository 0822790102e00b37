"""Ontologies: those that ship, one's own, and every way that a file can be wrong."""

import json

import pytest

from metrics import InputError
from metrics.consistency import Frame, check, parse
from metrics.consistency.reader.ontology import FOLDER, load_ontology, ontologies
from tests.metrics.consistency.test_check import mask

OWN = {
    "name": "mri",
    "title": "Brain MRI",
    "rows": ["upper", "lower"],
    "columns": ["left", "right"],
    "laterality": True,
    "words": {
        "row:upper": ["frontal"],
        "row:lower": ["occipital"],
        "side:left": ["left"],
        "side:right": ["right"],
        "organ": ["lobe", "lobes", "brain"],
        "finding": ["tumor", "tumors"],
    },
    "typos": ["frontal", "occipital", "tumor"],
    "run-together": ["left", "right"],
    "opposites": [["left", "right"]],
}


def write(tmp_path, **changes):
    path = tmp_path / "mri.json"
    path.write_text(json.dumps({**OWN, **changes}))
    return str(path)


def test_an_ontology_of_ones_own_is_read_from_its_file(tmp_path):
    result = parse("two tumors, left frontal lobe and right ocipital lobe", write(tmp_path))
    assert (result.count, result.laterality, result.regions) == ((2, 2), "bilateral", ("lower-right", "upper-left"))
    frame = Frame("halves", rows=(0.5,))
    assert check(mask("upper-left", "lower-right"), result, frame).consistent


@pytest.mark.parametrize("empty", ["typos", "run-together", "opposites"])
def test_an_ontology_may_correct_nothing(tmp_path, empty):
    result = parse("two tumors, left frontal lobe, unheardof", write(tmp_path, **{empty: []}))
    assert (result.count, result.regions) == ((2, 2), ("upper-left",))


def test_a_place_that_is_no_cell_of_the_grid_is_left_unread(tmp_path):
    path = write(tmp_path, laterality=False)
    assert parse("tumor, left frontal lobe", path).regions == ("upper-left",)
    result = parse("tumor, frontal lobe", path)
    assert (result.regions, result.unread) == ((), ("frontal lobe",))


@pytest.mark.parametrize(
    "text, regions, unread",
    [
        ("two tumors at F7 and O2", ("lower-right", "upper-left"), ()),
        ("tumor at F7, right occipital tumor", ("lower-right", "upper-left"), ()),
        ("left occipital and f8 tumors", ("lower-left", "upper-right"), ()),
        ("tumor at F7, O2 of the skull", ("upper-left",), ()),
        ("F7 frontal tumor", ("upper-left",), ("frontal",)),
    ],
)
def test_a_word_for_a_cell_is_a_place_without_an_axis_of_sides(tmp_path, text, regions, unread):
    cells = {"cell:upper-left": ["f7"], "cell:upper-right": ["f8"], "cell:lower-right": ["o2"], "anatomy": ["skull"]}
    findings = parse(text, write(tmp_path, laterality=False, words=OWN["words"] | cells))
    assert (findings.regions, findings.unread, findings.laterality) == (regions, unread, None)
    assert not findings.conflicts


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"rows": []}, r"rows \[\]: give a list of different words"),
        ({"rows": ["upper", "upper"]}, "rows .*: give a list of different words"),
        ({"columns": "left"}, "columns left: give a list of different words"),
        ({"columns": ["west", "east"]}, "laterality is true only with columns"),
        ({"laterality": "yes"}, "laterality is true only with columns"),
        ({"words": []}, "words: give an object of role to list of words"),
        ({"words": {"row:middle": ["mid"]}}, "role 'row:middle': give one of upper, lower after the colon"),
        ({"words": {"side": ["left"]}}, "role 'side': give one of left, right after the colon"),
        ({"words": {"lesion": ["spot"]}}, "role 'lesion': is unknown; there are ago, anatomy,"),
        ({"words": {"number:two": ["two"]}}, "role 'number:two': give a whole number after the colon"),
        ({"words": {"filler:x": ["two"]}}, "role 'filler:x': give one of no value after the colon"),
        ({"words": {"finding": "spot"}}, "finding: give a list of words in lower case"),
        ({"words": {"finding": ["Spot"]}}, "finding: give a list of words in lower case"),
        ({"typos": ["two words"]}, "typos and run-together take plain words, not 'two words'"),
        ({"opposites": ["left", "right"]}, "opposites: give a list of lists of words"),
        ({"typo": ["frontal"]}, "unknown key 'typo'; there are name, title, rows"),
    ],
)
def test_a_wrong_ontology_says_the_file_and_the_key_in_one_line(tmp_path, changes, message):
    path = write(tmp_path, **changes)
    with pytest.raises(InputError, match=message) as error:
        load_ontology(path)
    assert str(error.value).startswith(f"ontology {path}: ") and "\n" not in str(error.value)


@pytest.mark.parametrize(
    "left_out", [["typos"], ["run-together"], ["opposites"], ["typos", "run-together", "opposites"]]
)
@pytest.mark.parametrize("how", ["empty", "absent"])
def test_misspellings_may_be_left_out_of_an_ontology(tmp_path, left_out, how):
    own = OWN | dict.fromkeys(left_out, ()) if how == "empty" else {k: v for k, v in OWN.items() if k not in left_out}
    (tmp_path / "o.json").write_text(json.dumps(own))
    right = parse("one tumor in the left frontal lobe, spiculatedandround", str(tmp_path / "o.json"))
    assert (right.count, list(right.regions)) == ((1, 1), ["upper-left"])
    misspelled = parse("one tumor in the left frontla lobe", str(tmp_path / "o.json"))
    assert ("upper-left" in misspelled.regions) == ("typos" not in left_out)


def test_sides_are_no_axis_unless_an_ontology_says_so(tmp_path):
    (tmp_path / "o.json").write_text(json.dumps({key: value for key, value in OWN.items() if key != "laterality"}))
    findings = parse("one tumor in the left frontal lobe", str(tmp_path / "o.json"))
    assert findings.laterality is None and sorted(findings.regions) == ["upper-left"]


@pytest.mark.parametrize(
    "content, message", [("{", "is not JSON"), ("[1]", "lacks name, title"), ('{"name": "x"}', "lacks title, rows")]
)
def test_a_broken_file_is_one_line(tmp_path, content, message):
    (tmp_path / "o.json").write_text(content)
    with pytest.raises(InputError, match=message) as error:
        load_ontology(str(tmp_path / "o.json"))
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="cannot be read"):
        load_ontology(str(tmp_path / "none.json"))


@pytest.mark.parametrize("name", ontologies())
def test_ontologies_that_ship_say_each_word_once(name):
    for file in (name, "english"):
        words = [
            word for group in json.loads((FOLDER / f"{file}.json").read_text())["words"].values() for word in group
        ]
        assert sorted(words) == sorted(set(words))


def test_the_ontology_separates_segmented_findings_from_others():
    words = load_ontology("chest").words
    kinds = {words[w].partition(":")[0] for w in ("pneumonia", "effusion", "heart", "pacemaker")}
    assert kinds == {"finding", "other", "anatomy", "instrument"}
