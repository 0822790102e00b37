"""Splits in other words, in a column, empty, or missing: what becomes of them."""

import pytest

from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.data.folders.splits import split_of, take_validation
from c2seg_bench.data.source import SPLITS, Record, list_records
from c2seg_bench.errors import InputError
from tests.c2seg_bench.data.folders.test_layouts import NAMES, comma, pranet, prompt, rows, write

ALL = [n for names in NAMES.values() for n in names]
EXPECTED = [(split, name, prompt(name)) for split in NAMES for name in NAMES[split]]


def read(root, source="folder", **options):
    return [(r.split, r.name, r.prompt) for r in list_records(source, root, 48, **options)]


@pytest.fixture
def root(tmp_path):
    write(tmp_path / "images", tmp_path / "masks", ALL)
    return tmp_path


@pytest.mark.parametrize("word", ["val", "valid", "validation", "Valid", "dev"])
def test_validation_goes_by_many_names(root, word):
    for split in NAMES:
        comma(root / f"{word if split == 'val' else split}.csv", rows(split))
    assert read(root) == EXPECTED


@pytest.mark.parametrize(("file", "header", "options"), [
    ("prompts.csv", "split", {}),
    ("anns/metadata.csv", "Split", {}),
    ("mine.csv", "fold", {"prompts": "mine.csv", "split": "fold"}),
])  # fmt: skip
def test_one_table_with_a_column_of_splits(root, file, header, options):
    words = {"train": "Training", "val": "valid", "test": "TEST"}
    lines = [("image", "text", header), *((f"{n}.png", prompt(n), words[s]) for s, n, _ in reversed(EXPECTED))]
    comma(root / file, lines)
    assert sorted(read(root, **options)) == sorted(EXPECTED)
    comma(root / file, [*lines, ("1.png", "x", "holdout")])
    with pytest.raises(InputError, match=rf"row {len(lines) + 1}: {options.get('split', 'split')} is 'holdout'; give"):
        read(root, **options)


def test_an_empty_table_for_validation_is_an_empty_split(root):
    for split in ("train", "test"):
        comma(root / f"{split}.csv", rows(split))
    comma(root / "val.csv", rows("val")[:1])
    assert read(root) == [r for r in EXPECTED if r[0] != "val"]
    comma(root / "test.csv", rows("test")[:1])
    with pytest.raises(InputError, match=r"test.csv: no prompt belongs to an image in .*: the table has no rows"):
        read(root)


def test_a_share_of_train_becomes_validation_and_is_recorded(tmp_path):
    (pranet(tmp_path) / "val.csv").unlink()
    cache = prepare("clinicdb", tmp_path / "cache", 48, tmp_path, validation=0.3)
    assert cache.manifest["counts"] == {"train": 2, "val": 1, "test": 1}
    assert cache.manifest["options"] == {"validation": 0.3}
    whole = {r[1] for r in read(tmp_path, "clinicdb") if r[0] == "train"}
    assert set(cache.index.query("split != 'test'")["name"]) == whole


def test_qata_without_validation_says_how_to_take_it(tmp_path):
    for folder, split in (("Train Set", "train"), ("Test Set", "test")):
        write(tmp_path / folder / "Images", tmp_path / folder / "Ground-truths", NAMES[split])
        comma(tmp_path / "prompt" / f"{split}.csv", rows(split))
    with pytest.raises(
        InputError, match=r"no table of prompts for val; .* a share of train \(options: validation: 0.1\)"
    ):
        read(tmp_path, "qata")
    assert [r[0] for r in read(tmp_path, "qata", validation=0.4)] == ["train", "train", "val", "test"]


def test_a_share_where_there_is_validation_is_refused(root):
    for split in NAMES:
        comma(root / f"{split}.csv", rows(split))
    with pytest.raises(InputError, match="options: validation: .* has images for val already"):
        read(root, validation=0.1)


@pytest.mark.parametrize("share", [0, 1, -0.1, "a tenth", True])
def test_a_share_is_a_number_between_0_and_1(root, share):
    with pytest.raises(InputError, match="options: validation: .*; give the share of train to take, such as 0.1"):
        read(root, validation=share)


def records(n, subject=lambda i: ""):
    return [Record(f"p{i}", "train", "x", load=list, subject=subject(i)) for i in range(n)]


def test_the_share_depends_on_names_alone_and_keeps_subjects_together():
    train, val = take_validation(records(200), 0.1)
    assert len(val) == 20 and len(train) == 180 and {r.split for r in val} == {"val"}
    again = take_validation(records(200)[::-1], 0.1)[1]
    assert {r.name for r in again} == {r.name for r in val}
    train, val = take_validation(records(200, lambda i: f"s{i // 5}"), 0.1)
    assert len(val) == 20 and not {r.subject for r in train} & {r.subject for r in val}


def test_words_for_splits():
    assert [split_of(w) for w in ("Train ", "training", "VALID", "dev", "testing", "fold1", "")] == [
        "train", "train", "val", "val", "test", None, None]  # fmt: skip
    assert set(SPLITS) == {"train", "val", "test"}
