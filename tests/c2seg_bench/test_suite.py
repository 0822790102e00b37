"""Suite files: what is read, what is refused and in which words, and which cells come of it."""

from pathlib import Path

import pytest

from c2seg_bench.errors import InputError
from c2seg_bench.files.digests import digest
from c2seg_bench.suite import cells, load_suite, same_settings

GOOD = """
name: small
seeds: [0, 1]
datasets:
  chest: {source: phantom, size: 64}
methods:
  - unet
  - {name: c2seg, label: c2seg-hard, pretrain: {epochs: 2, contrast: hard}, train: {lr: 0.01}}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "suite.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_method_overrides_the_recipe_and_the_rest_stays(tmp_path):
    suite = load_suite(write(tmp_path, GOOD + "train: {epochs: 3, lr: 0.5}\n"))
    plain, hard = suite.methods
    assert (suite.training(plain).lr, suite.training(hard).lr) == (0.5, 0.01)
    assert suite.training(hard).epochs == 3
    assert (suite.pretraining(plain).epochs, suite.pretraining(hard).contrast) == (0, "hard")


def test_the_official_recipe_is_the_methods_own_and_what_has_none_is_named(tmp_path):
    text = """
name: small
recipe: official
datasets: {chest: {source: phantom, size: 64}}
methods: [lvit, c2seg, unet, {name: ukan, recipe: common}]
train: {epochs: 3, lr: 0.5, batch: 4}
"""
    suite = load_suite(write(tmp_path, text))
    lvit, c2seg, unet, ukan = suite.methods
    assert suite.options(lvit) == {"recipe": "official"} and suite.options(c2seg) == suite.options(ukan) == {}
    recipes = [(t.lr, t.batch, t.epochs, t.patience) for t in map(suite.training, suite.methods)]
    assert recipes == [(3e-4, 24, 2000, 50), (1e-4, 32, 3, None), (0.5, 4, 3, None), (0.5, 4, 3, None)]
    assert suite.without_official() == ["unet"]


def test_a_cell_for_every_dataset_method_and_seed(tmp_path):
    suite = load_suite(write(tmp_path, GOOD))
    grid = cells(suite, tmp_path)
    assert [str(c.folder.relative_to(tmp_path)) for c in grid] == [
        "cells/chest/unet/seed0", "cells/chest/c2seg-hard/seed0", "cells/chest/unet/seed1", "cells/chest/c2seg-hard/seed1",
    ]  # fmt: skip
    assert {c.method.label for c in cells(suite, tmp_path, only="c2seg")} == {"c2seg-hard"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{source: phantom, size: 64}", "{source: phantom, size: 64, root: /data/moved, frame: thirds}"),
        ("seeds: [0, 1]", "seeds: [0, 1]\ndevice: cpu"),
        ("train: {lr: 0.01}", "train: {lr: 0.01, epochs: 50}"),  # the suite's own
    ],
)
def test_what_leaves_a_checkpoint_as_it_is_leaves_its_request(tmp_path, before, after):
    first, other = (
        cells(load_suite(write(tmp_path, text)), tmp_path)[1] for text in (GOOD, GOOD.replace(before, after))
    )
    assert GOOD.replace(before, after) != GOOD and digest(first.request()) == digest(other.request())


def test_pretraining_is_asked_for_by_its_own_recipe_alone(tmp_path):
    base = cells(load_suite(write(tmp_path, GOOD)), tmp_path)[1]
    for before, after, same in (("lr: 0.01", "lr: 0.02", True), ("epochs: 2, contrast", "epochs: 3, contrast", False)):
        other = cells(load_suite(write(tmp_path, GOOD.replace(before, after))), tmp_path)[1]
        assert (digest(base.pretraining_request()) == digest(other.pretraining_request())) == same
        assert digest(base.request()) != digest(other.request())


def test_settings_of_an_earlier_record_are_compared_by_what_decides():
    now = {"key": ("s", "d", "unet", "0"), "method": {"name": "unet", "options": {}}, "train": {"lr": 0.1}}
    before = {
        "key": ["s", "d", "unet", "0"],
        "dataset": {"source": "phantom", "root": None},
        "device": "auto",
        "method": {"name": "unet", "label": "unet", "options": {}, "train": {}, "pretrain": {}},
        "train": {"lr": 0.1},
    }
    assert same_settings(before, now) and same_settings(now | {"key": list(now["key"])}, now)
    assert not same_settings({**before, "train": {"lr": 0.2}}, now) and not same_settings(
        {**before, "compile": True}, now
    )
    outside = {"dataset": "p", "pictures": "suite", "partial": False, "version": ""}
    assert same_settings({**outside, "dataset": {"source": "phantom"}}, outside)
    assert not same_settings({**outside, "dataset": "other"}, outside)


def test_a_cell_is_another_request_only_when_something_of_its_own_changes(tmp_path):
    one, two = (load_suite(write(tmp_path, GOOD + extra)) for extra in ("", "workers: 2\n"))
    other = load_suite(write(tmp_path, GOOD.replace("lr: 0.01", "lr: 0.02")))
    first, again, changed = (cells(s, tmp_path) for s in (one, two, other))
    assert digest(first[1].request()) == digest(again[1].request()) != digest(changed[1].request())
    assert digest(first[0].request()) == digest(changed[0].request())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("seeds: [0, 1]", "seed: [0, 1]"), "seed: unknown key; did you mean 'seeds'?"),
        (("size: 64", "size: big"), "datasets.chest.size: Input should be a valid integer"),
        (("lr: 0.01", "lr: -1"), "greater than 0"),
        (("label: c2seg-hard", "label: unet"), "unet appears twice; give each its own label"),
        (
            ("label: c2seg-hard", "label: ../../etc"),
            "methods.1.label: '../../etc': give up to 100 letters, digits and . _ + -, a letter or digit first",
        ),
        (("seeds: [0, 1]", "seeds: [0, 1"), "line 4: not YAML"),
        ((GOOD, "- a\n- b\n"), "a suite is a mapping"),
        (("name: small", "name: small\nstress: {severities: [0]}"), "severities run from 1 to 5"),
        (
            ("name: small", "name: small\nstress: {severities: [1, 3, 1]}"),
            "stress.severities: 1 is given twice",
        ),
        (("name: small", "name: small\nstress: {families: [swap, swap]}"), "'swap' is given twice; keep one"),
        (
            ("name: small", "name: small\nstress: {severities: []}"),
            "stress.severities: List should have at least 1 item",
        ),
        (("seeds: [0, 1]", "seeds: [1, 1]"), "1 is given twice; keep one"),
        (("chest:", '"../../esc":'), "datasets.../../esc: '../../esc': give up to 100 letters"),
        (("chest:", '"a b":'), "datasets.a b: 'a b': give up to 100 letters"),
        (("label: c2seg-hard", "label: full"), "label 'full' is the name of another row in the tables"),
        (("label: c2seg-hard", "label: empty"), "label 'empty' is the name of another row in the tables"),
        (("- unet", "- mean mask"), "label 'mean mask' is the name of another row in the tables"),
        (("- unet", "- ground truth"), "label 'ground truth' is the name of another row in the tables"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_file_and_key(tmp_path, change, words):
    path = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(InputError) as error:
        load_suite(path)
    assert words in str(error.value) and str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_file_and_missing_method_are_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.yaml: no such suite file"):
        load_suite(tmp_path / "nowhere.yaml")
    with pytest.raises(InputError, match="--only lvit: not in this suite, which has unet, c2seg-hard"):
        cells(load_suite(write(tmp_path, GOOD)), tmp_path, only="lvit")


ENCODERS = """
name: small
text: clip
datasets: {chest: {source: phantom, size: 64}}
methods:
  - c2seg
  - {name: c2seg, label: bio, text: biobert}
  - {name: c2seg, label: copied, text: "clip=/models/clip"}
  - {name: lvit, text: clip}
"""


def test_a_method_may_read_another_encoder_and_the_others_keep_the_suites(tmp_path):
    suite = load_suite(write(tmp_path, ENCODERS))
    assert [suite.encoder(m) for m in suite.methods] == ["clip", "biobert", "clip=/models/clip", "clip"]
    assert suite.encoders() == ["clip", "biobert", "clip=/models/clip"]
    requests = [c.request() for c in cells(suite, tmp_path)]
    assert [r["text"] for r in requests] == ["clip", "biobert", "clip", "clip"]  # wherever the weights lie


def test_another_encoder_is_another_request_of_that_cell_alone(tmp_path):
    first = cells(load_suite(write(tmp_path, ENCODERS)), tmp_path)
    other = cells(load_suite(write(tmp_path, ENCODERS.replace("biobert", "pubmedbert"))), tmp_path)
    same = [digest(a.request()) == digest(b.request()) for a, b in zip(first, other, strict=True)]
    assert same == [True, False, True, True]


def test_a_run_on_disk_still_resumes(tmp_path):
    """The digest changes when a setting is added without care for what is on disk."""
    suite = load_suite(write(tmp_path, GOOD))
    assert digest(cells(suite, tmp_path)[0].request())[:16] == "9af290c3e2971560"
