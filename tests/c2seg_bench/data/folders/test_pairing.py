"""Which name of a table means which file, and what two tables or two splits must not have in common."""

import json
import os

import numpy as np
import pytest
from PIL import Image

from c2seg_bench.data.checks.check_dataset import check
from c2seg_bench.data.source import SPLITS, list_records
from c2seg_bench.errors import InputError
from c2seg_bench.seeding import rng

TEXT = "one infected area"


@pytest.fixture
def root(tmp_path):
    """A folder of one pair for training and, for the test, whatever `add` puts there."""
    add(tmp_path, "first.png")
    (tmp_path / "train.csv").write_text(f"image,text\nfirst.png,{TEXT}\n")
    return tmp_path


def add(root, image, mask=None):
    for folder in ("images", "masks"):
        (root / folder).mkdir(exist_ok=True)
    Image.fromarray(rng("pairing", image).integers(0, 255, (32, 32), dtype=np.uint8)).save(root / "images" / image)
    Image.fromarray(np.eye(32, dtype=np.uint8) * 255).save(root / "masks" / (mask or image))


def table(root, *names, file="test.csv"):
    (root / file).write_text("image,text\n" + "".join(f"{n},{TEXT}\n" for n in names))


def read(root):
    return [r for r in list_records("folder", root, 32) if r.split == "test"]


@pytest.mark.parametrize(
    ("image", "mask", "row"),
    [
        ("p  0.png", "p  0.png", "p  0.png"),
        ("p  0.png", "p  0.png", "p 0.png"),
        ("p0 .png", "p0 .png", "p0 .png"),
        ("P0.png", "P0.png", "p0.png"),
        ("p0.png", "MASK_P0.png", "P0"),
        ("s.0.1.png", "s.0.1.png", "s.0.1"),
        ("s.0.1.png", "mask_s.0.1.png", "s.0.1.PNG"),
        ("1.5.png", "1.5.png", "1.5"),
        ("p0.png", "p0.png", "p0.dcm"),
        ("gro\u0308sse.png", "gro\u0308sse.png", "gr\u00f6sse.png"),
    ],
)
def test_a_row_finds_its_files(root, image, mask, row):
    add(root, image, mask)
    table(root, row)
    (record,) = read(root)
    assert [p.name for p in record.files] == [image, mask] and record.name == image.rsplit(".", 1)[0]


def test_the_exact_name_goes_before_one_that_is_alike(root):
    if os.path.exists(str(root).upper()):
        pytest.skip("a file system without case")
    for name in ("p0.png", "P0.png", "p  0.png", "p 0.png"):
        add(root, name)
    table(root, "p 0.png", "P0.png", "p0.png", "p  0.png")
    assert [r.files[0].name for r in read(root)] == ["p 0.png", "P0.png", "p0.png", "p  0.png"]
    table(root, "P  0.png")
    with pytest.raises(InputError, match="P  0.png has no image"):
        read(root)


def test_a_longer_name_is_not_cut_to_another_images(root):
    add(root, "s.0.png")
    table(root, "s.0.1")
    with pytest.raises(InputError, match="row 2: s.0.1 has no image"):
        read(root)


def test_a_row_that_says_the_same_again_is_one_pair_and_another_prompt_is_refused(root):
    add(root, "p0.png")
    table(root, "p0.png", "P0.png")
    assert [r.name for r in read(root)] == ["p0"]
    (root / "test.csv").write_text(f"image,text\np0.png,{TEXT}\nP0.png,two infected areas\n")
    with pytest.raises(
        InputError, match="row 3: P0.png appears twice, with another prompt than in row 2; keep one row"
    ):
        read(root)


def test_numbers_in_json_are_names(root):
    add(root, "7.png")
    (root / "test.json").write_text(json.dumps([{"image": 7, "text": TEXT}]))
    assert [(r.name, r.prompt) for r in read(root)] == [("7", TEXT)]


@pytest.mark.parametrize("other", ["Test_text.csv", "prompts/test.csv"])
def test_two_tables_of_one_split_must_say_the_same(root, other):
    for name in ("a.png", "b.png"):
        add(root, name)
    (root / "prompts").mkdir()
    table(root, "a.png", "b.png")
    table(root, "b", "a", file=other)  # in another order and without endings
    assert len(read(root)) == 2
    (root / other).write_text((root / other).read_text().replace("one", "two", 1))
    with pytest.raises(InputError) as e:
        read(root)
    assert "differs from" in str(e.value) and all(str(root / t) in str(e.value) for t in ("test.csv", other))
    assert sum("differs from" in p for p in check("folder", root).problems) == 1


def test_an_image_in_two_splits_is_refused(root):
    table(root, "FIRST.png")
    with pytest.raises(InputError, match=r"first.png: has a row in train and one in test; keep one of them"):
        read(root)
    assert any("first.png: has a row in train and one in test" in p for p in check("folder", root).problems)


def test_the_same_name_in_two_folders_is_two_images(tmp_path):
    for split in SPLITS:
        (tmp_path / split).mkdir()
        add(tmp_path / split, "1.png")
        table(tmp_path, "1.png", file=f"{split}.csv")
    records = list_records("folder", tmp_path, 32, images="{split}/images", masks="{split}/masks")
    assert [r.split for r in records] == list(SPLITS)
