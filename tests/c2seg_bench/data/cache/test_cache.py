"""The prepared form: what is in it, what makes it again, what it never touches."""

import errno
import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pandas as pd
import pytest

import metrics
from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.cache.prepare import _new_array, prepare
from c2seg_bench.data.images.resize import resized_image, resized_mask
from c2seg_bench.errors import InputError
from tests.c2seg_bench.data.folders.qata_folder import PAIRS, kaggle, lvit, pair, prompt, workbook

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


def test_subjects_come_from_names_or_from_a_column(tmp_path):
    root = lvit(tmp_path / "in")
    by_name = prepare("qata", tmp_path / "a", 32, root)
    assert list(by_name.index["subject"]) == ["", "S01", "", "S01", ""]
    assert by_name.manifest["subjects"] == {"n": 1, "pictures": 2, "from": "file names"}
    for split, names in PAIRS.items():
        rows = [("Image", "Description", "Patient"), *((f"{n}.png", prompt(n), f"{split}-{n[:3]}") for n in names)]
        workbook(root / f"{split.title()}_Folder" / f"{split.title()}_text.xlsx", rows)
    by_column = prepare("qata", tmp_path / "b", 32, root, subject="patient")
    assert list(by_column.index["subject"]) == ["train-cov", "train-sub", "val-cov", "val-sub", "test-cov"]
    assert by_column.manifest["subjects"] == {"n": 5, "pictures": 5, "from": "column patient"}
    with pytest.raises(
        InputError, match=r"Train_text.xlsx: no column 'person' \(options: subject\); it has Image, Desc"
    ):
        prepare("qata", tmp_path / "c", 32, root, subject="person")
    drawn = prepare("phantom", tmp_path / "d", 32, **SMALL)
    assert set(drawn.index["subject"]) == {""} and drawn.manifest["subjects"] == {"n": 0, "pictures": 0, "from": None}


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


def test_a_changed_image_makes_the_cache_again(tmp_path):
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
    with pytest.raises(
        InputError, match=r"images.npy is damaged \(its checksum is not the one in SHA256SUMS\); prepare it again"
    ):
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
    (root / "Test_Folder" / "img" / "covid_10.png").write_bytes(b"no image")
    with pytest.raises(InputError, match="covid_10.png: not a readable image"):
        prepare("qata", tmp_path / "c", 32, root)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c", "in"]
    assert Cache.open(tmp_path / "c").manifest["hash"] == old


def test_both_layouts_give_one_cache(tmp_path):
    a = prepare("qata", tmp_path / "a", 32, lvit(tmp_path / "lvit"))
    b = prepare("qata", tmp_path / "b", 32, kaggle(tmp_path / "kaggle"))
    assert a.manifest["hash"] == b.manifest["hash"] and a.manifest["text_sha256"] == b.manifest["text_sha256"]


def lesion_of(height, width):
    mask = np.zeros((height, width), np.uint8)
    mask[height // 4 : height // 2, width // 4 : width // 2] = 1
    return mask


@pytest.mark.parametrize(("height", "width", "size"), [(40, 40, 20), (60, 40, 20), (40, 40, 16)])
def test_images_and_masks_are_averaged_down(height, width, size):
    image = np.arange(height * width * 3, dtype=np.uint32).reshape(height, width, 3).astype(np.uint8)
    mask = lesion_of(height, width)
    small, small_mask = resized_image(image, size), resized_mask(mask, size)
    assert (small == cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)).all()
    fine = np.kron(mask, np.ones((size, size), np.uint8))  # the share of lesion in each pixel, from the definition
    share = fine.reshape(size, height, size, width).mean((1, 3))
    assert small_mask.dtype == np.uint8 and (small_mask == (share >= 0.5)).all()
    if (height, width, size) == (40, 40, 20):
        assert np.abs(small - image.reshape(20, 2, 20, 2, 3).mean((1, 3))).max() <= 0.5


def test_masks_are_enlarged_to_the_nearest_pixel():
    mask = lesion_of(10, 12)
    rows, columns = ((2 * np.arange(24) + 1) * n // 48 for n in (10, 12))  # what lies under the pixel's centre
    assert (resized_mask(mask, 24) == mask[rows][:, columns]).all()


@pytest.mark.parametrize("n", [1024, 512, 448, 352])
def test_a_mask_stays_in_its_place_on_the_image(n):
    y, x = np.mgrid[:n, :n] + 0.5 - n / 2
    disc = (x**2 + y**2 < (n * 0.2) ** 2).astype(np.uint8)
    image, mask = resized_image(np.repeat(disc[..., None] * 255, 3, 2), 224), resized_mask(disc, 224)
    assert metrics.assd(mask > 0, image[..., 0] > 127) < 0.1
    centre = np.argwhere(mask).mean(0) + 0.5
    assert np.abs(centre - 112).max() < 0.01


def test_a_lesion_of_one_pixel_does_not_vanish():
    mask = np.zeros((512, 512), np.uint8)
    mask[301, 77] = 1
    assert np.argwhere(resized_mask(mask, 224)).tolist() == [[131, 33]]
    assert not resized_mask(mask * 0, 224).any()


def test_a_full_disk_is_reported_in_one_line(tmp_path, monkeypatch):
    def full(file, start, length):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    with pytest.raises(InputError) as e:
        prepare("phantom", tmp_path / "c", 32, **SMALL)
    assert str(e.value) == f"{tmp_path / 'c'}: no space for 6 pairs at 32x32; make room or give another folder"
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_allocation_is_written_to(tmp_path, monkeypatch):
    def unable(file, start, length):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(os, "posix_fallocate", unable, raising=False)
    assert len(prepare("phantom", tmp_path / "c", 32, **SMALL).index) == 6


def test_space_is_taken_before_anything_is_written(tmp_path):
    if not hasattr(os, "posix_fallocate"):
        pytest.skip("no posix_fallocate here")
    _new_array(tmp_path / "a.npy", (64, 64, 64))
    assert (tmp_path / "a.npy").stat().st_blocks * 512 >= 64**3


def test_what_killed_preparations_left_is_removed(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for name in (f".c-{dead.pid}", ".c-99999999999999999999", f".c-{os.getppid()}", f".d-{dead.pid}", ".c-mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "images.npy").touch()
    prepare("phantom", tmp_path / "c", 32, **SMALL)
    assert {p.name for p in tmp_path.iterdir()} == {"c", f".c-{os.getppid()}", f".d-{dead.pid}", ".c-mine"}


def test_what_a_file_manager_leaves_is_no_matter(tmp_path):
    prepare("phantom", tmp_path / "c", 32, **SMALL)
    (tmp_path / "c" / ".DS_Store").touch()
    calls: list[tuple[int, int]] = []
    prepare("phantom", tmp_path / "c", 32, progress=lambda *a: calls.append(a), **SMALL)
    assert calls == [] and prepare("phantom", tmp_path / "c", 24, **SMALL).images.shape == (6, 24, 24, 3)


def test_a_folder_that_is_no_cache_says_so(tmp_path):
    with pytest.raises(InputError, match=r"not a prepared dataset \(manifest.json is missing\); prepare it"):
        Cache.open(tmp_path)
    folder = prepare("phantom", tmp_path / "c", 32, **SMALL).folder
    manifest = json.loads((folder / "manifest.json").read_text()) | {"format": 0}
    (folder / "SHA256SUMS").unlink()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="prepared by another version"):
        Cache.open(folder)
    (folder / "manifest.json").write_text("[1]")
    with pytest.raises(InputError, match=r"cannot be read \(manifest.json is no object\); prepare it again"):
        Cache.open(folder)


def drop(key):
    return lambda folder: folder.joinpath("manifest.json").write_text(
        json.dumps({k: v for k, v in json.loads(folder.joinpath("manifest.json").read_text()).items() if k != key})
    )


def without_prompts(folder):
    pd.read_parquet(folder / "index.parquet").assign(prompt=None).to_parquet(folder / "index.parquet")


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (drop("counts"), "manifest.json has no counts"),
        (without_prompts, "index.parquet has a row without prompt"),
        (lambda folder: (folder / "images.npy").write_bytes(b""), "No data left in file"),
    ],
)
def test_a_damaged_cache_without_checksums_says_what_is_wrong_and_is_made_again(tmp_path, damage, problem):
    good = prepare("phantom", tmp_path / "c", 32, **SMALL)
    (good.folder / "SHA256SUMS").unlink()
    damage(good.folder)
    with pytest.raises(InputError, match=rf"cannot be read \({problem}\); prepare it again"):
        Cache.open(good.folder)
    assert prepare("phantom", good.folder, 32, **SMALL).manifest["hash"] == good.manifest["hash"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"name": "phantum"}, "unknown dataset source: 'phantum'; did you mean 'phantom'"),
        ({"size": 4}, "size: 4: images cannot be that small; give 8 pixels or more"),
        ({"style": "ct"}, "phantom: options: unknown option: 'style'; there are: test, train, val"),
        ({"train": 0}, "options: train: 0 images; give a whole number, 1 or more"),
        ({"train": "many"}, "options: train: 'many' images; give a whole number"),
        ({"name": "qata"}, "qata: root: a folder is needed"),
        ({"name": "qata", "root": "/no/such"}, "/no/such: no such folder; give the folder with the images of qata"),
    ],
)
def test_a_wrong_call_is_reported_in_one_line(tmp_path, call, words):
    with pytest.raises(InputError) as e:
        prepare(**({"name": "phantom", "out": tmp_path / "c", "size": 32} | call))
    assert words in str(e.value) and "\n" not in str(e.value) and not (tmp_path / "c").exists()
