"""What a record and the suite have to differ in for a step to run again, and how it is said."""

from c2seg_bench.engine.grid.plan import CellPlan, _shortened, changes

STORED = {
    "settings": {"train": {"lr": 0.001, "epochs": 2}, "key": ["small", "unet"], "size": "tiny"},
    "data": {"train": "d1", "test": "d2"},
    "code": {"baselines.unet": "1", "baselines.losses": "2"},
    "scoring_code": {"scoring version": 1, "metrics.table": "3"},
    "judge": "j",
    "noise": {"families": ["keyboard"]},
}


def changed(**parts):
    return list(changes(STORED, {**STORED, **parts}))


def test_equal_parts_are_no_change_and_no_record_is_none_either():
    assert changed() == [] and list(changes({}, STORED)) == []


def test_a_setting_is_named_with_both_values():
    settings = {"train": {"lr": 0.002, "epochs": 2}, "key": ("small", "unet"), "size": "tiny", "compile": True}
    assert changed(settings=settings) == ["compile was None, is 'True'", "train.lr was '0.001', is '0.002'"]


def test_edited_added_and_removed_modules_are_named():
    code = {"baselines.unet": "9", "baselines.layers.blocks": "4"}
    assert changed(code=code) == [
        "baselines.layers.blocks is used now",
        "baselines.losses is no longer used",
        "baselines.unet was edited",
    ]
    assert changed(scoring_code={"scoring version": 2, "metrics.table": "3"}) == ["scoring version was edited"]


def test_other_parts_are_named_in_words():
    assert changed(data={"train": "d1", "test": "d3"}, judge="k", noise={}) == [
        "the data of test changed",
        "the noise of the suite changed",
        "the ontology or frame changed",
    ]


def test_a_record_of_an_earlier_version_says_so():
    old = {key: value for key, value in STORED.items() if "code" not in key}
    assert list(changes(old, STORED)) == [
        "code of that time is not recorded",
        "scoring code of that time is not recorded",
    ]


def test_long_lists_are_cut_and_plans_read_as_lines():
    assert _shortened(["a", "b", "c"]) == ["a", "b", "c"]
    assert _shortened(["a", "b", "c", "d", "e"]) == ["a", "b", "c", "and 2 more"]
    assert str(CellPlan((), "of 2026-01-02")) == "kept, of 2026-01-02"
    assert str(CellPlan(("predict", "score"), "the noise changed")) == "predict, score: the noise changed"
