"""The prepared form: what is in it, what makes it again, what it never touches."""

import json
import os

import cv2
import numpy as np
import pytest

from c2seg_bench.data.cache import Cache, prepare, resized
from c2seg_bench.errors import InputError
from tests.c2seg_bench.data.qata_folder import PAIRS, kaggle, lvit, pair, prompt

SMALL = {"train": 3, "val": 2, "test": 1}


def test_arrays_and_index_hold_what_the_source_drew(tmp_path):
    cache = prepare("qata", tmp_path / "cache", 40, lvit(tmp_path / "in"))
    names = [n for split in PAIRS for n in PAIRS[split]]
    assert list(cache.index["name"]) == names and list(cache.index["prompt"]) == [prompt(n) for n in names]
    for i, name in enumerate(names):
        image, mask = pair(name)
        assert (cache.images[i] == image[..., None]).all() and (cache.masks[i] == mask // 255).all()
    assert cache.rows("val").tolist() == [2, 3] and cache.manifest["counts"] == {"train": 2, "val": 2, "test": 1}
    assert isinstance(cache.images, np.memmap) and cache.images.dtype == cache.masks.dtype == np.uint8


def test_workers_and_repetition_change_nothing(tmp_path):
    one = prepare("phantom", tmp_path / "a", 48, workers=1, **SMALL)
    four = prepare("phantom", tmp_path / "b", 48, workers=4, **SMALL)
    assert one.manifest["hash"] == four.manifest["hash"]
    assert (one.images == four.images).all() and (one.masks == four.masks).all() and one.index.equals(four.index)


def test_the_same_request_is_opened_as_it_is_and_another_one_replaces_it(tmp_path):
    calls: list[tuple[int, int]] = []
    prepare("phantom", tmp_path / "c", 32, progress=lambda *a: calls.append(a), **SMALL)
    assert calls == [(i, 6) for i in range(1, 7)]
    prepare("phantom", tmp_path / "c", 32, progress=lambda *a: calls.append(a), **SMALL)
    assert len(calls) == 6
    assert prepare("phantom", tmp_path / "c", 24, **SMALL).images.shape == (6, 24, 24, 3)
    assert [p.name for p in tmp_path.iterdir()] == ["c"]


def test_a_changed_picture_makes_the_cache_again(tmp_path):
    root = lvit(tmp_path / "in")
    before = prepare("qata", tmp_path / "c", 40, root).manifest["hash"]
    file = root / "Val_Folder" / "img" / "covid_3.png"
    stat = file.stat()
    file.write_bytes((root / "Test_Folder" / "img" / "covid_10.png").read_bytes())
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    after = prepare("qata", tmp_path / "c", 40, root)
    assert after.manifest["hash"] != before
    assert (after.images[2, ..., 0] == pair("covid_10")[0]).all()


def test_a_broken_cache_is_made_again(tmp_path):
    good = prepare("phantom", tmp_path / "c", 32, **SMALL).manifest["hash"]
    (tmp_path / "c" / "images.npy").write_bytes(b"half")
    with pytest.raises(InputError, match="cannot be read .* delete it and prepare again"):
        Cache.open(tmp_path / "c")
    assert prepare("phantom", tmp_path / "c", 32, **SMALL).manifest["hash"] == good


def test_a_folder_with_anything_else_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match=r"mine: is not a prepared dataset \(it has thesis.txt\)"):
        prepare("phantom", tmp_path / "mine", 32, **SMALL)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_an_error_half_way_leaves_nothing_and_keeps_the_old_cache(tmp_path):
    root = lvit(tmp_path / "in")
    old = prepare("qata", tmp_path / "c", 32, root).manifest["hash"]
    (root / "Test_Folder" / "img" / "covid_10.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="covid_10.png: not a readable picture"):
        prepare("qata", tmp_path / "c", 32, root)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c", "in"]
    assert Cache.open(tmp_path / "c").manifest["hash"] == old


def test_both_layouts_give_one_cache(tmp_path):
    a = prepare("qata", tmp_path / "a", 32, lvit(tmp_path / "lvit"))
    b = prepare("qata", tmp_path / "b", 32, kaggle(tmp_path / "kaggle"))
    assert a.manifest["hash"] == b.manifest["hash"] and a.manifest["text_sha256"] == b.manifest["text_sha256"]


@pytest.mark.parametrize(("height", "width", "size"), [(40, 40, 20), (60, 40, 20), (10, 12, 24)])
def test_masks_keep_two_values_and_pictures_are_averaged_down(height, width, size):
    image = np.arange(height * width * 3, dtype=np.uint32).reshape(height, width, 3).astype(np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[height // 4 : height // 2, width // 4 : width // 2] = 1
    small, small_mask = resized((image, mask), size)
    assert small.shape == (size, size, 3) and set(np.unique(small_mask)) == {0, 1}
    rows, columns = np.arange(size) * height // size, np.arange(size) * width // size  # nearest, from the definition
    assert (small_mask == mask[rows][:, columns]).all()
    if (height, width) == (40, 40):
        blocks = image.reshape(20, 2, 20, 2, 3).mean((1, 3))
        assert np.abs(small - blocks).max() <= 0.5
    else:
        way = cv2.INTER_AREA if height > size else cv2.INTER_LINEAR
        assert (small == cv2.resize(image, (size, size), interpolation=way)).all()


def test_a_folder_that_is_no_cache_says_so(tmp_path):
    with pytest.raises(InputError, match=r"not a prepared dataset \(manifest.json is missing\); prepare it"):
        Cache.open(tmp_path)
    folder = prepare("phantom", tmp_path / "c", 32, **SMALL).folder
    manifest = json.loads((folder / "manifest.json").read_text()) | {"format": 0}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="prepared by another version"):
        Cache.open(folder)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"name": "phantum"}, "unknown dataset source: 'phantum'; did you mean 'phantom'"),
        ({"size": 4}, "size: 4: pictures cannot be that small; give 8 pixels or more"),
        ({"style": "ct"}, "phantom: options: 'style' is unknown; there are: train, val, test"),
        ({"train": 0}, "options: train: 0 pictures; give a whole number, 1 or more"),
        ({"train": "many"}, "options: train: 'many' pictures; give a whole number"),
        ({"name": "qata"}, "qata: root: a folder is needed"),
        ({"name": "qata", "root": "/no/such"}, "/no/such: no such folder; give the one that qata lies in"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(tmp_path, call, words):
    with pytest.raises(InputError) as e:
        prepare(**({"name": "phantom", "out": tmp_path / "c", "size": 32} | call))
    assert words in str(e.value) and "\n" not in str(e.value) and not (tmp_path / "c").exists()
