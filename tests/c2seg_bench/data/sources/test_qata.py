"""QaTa's folders: both layouts, the workbooks under their names, and the errors of a wrong one."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.data.images.image_files import read_image
from c2seg_bench.data.source import list_records
from c2seg_bench.data.sources.qata import subject
from c2seg_bench.errors import InputError
from tests.c2seg_bench.data.folders.qata_folder import PAIRS, REAL, kaggle, lvit, prompt, table, workbook
from tests.c2seg_bench.data.masks.one_mask import read_mask


def names(root, **options):
    return [(r.split, r.name, r.prompt) for r in list_records("qata", root, 32, **options)]


ALL = [(split, name, prompt(name)) for split in PAIRS for name in PAIRS[split]]


@pytest.mark.parametrize("layout", [lvit, kaggle])
def test_every_pair_with_its_prompt(tmp_path, layout):
    assert names(layout(tmp_path)) == ALL
    assert names(tmp_path, train=1, val=1) == [ALL[0], ALL[2], ALL[4]]


@pytest.mark.parametrize(
    "path", ["Train_Val_text.xlsx", "Train_Folder/Train_Val_text.xlsx", "Train_Folder/Train_text_for_Covid19.xlsx"]
)
def test_one_workbook_for_train_and_val(tmp_path, path):
    lvit(tmp_path)
    (tmp_path / "Train_Folder" / "Train_text.xlsx").unlink()
    (tmp_path / "Val_Folder" / "Val_text.xlsx").unlink()
    workbook(tmp_path / path, table((*PAIRS["val"], *PAIRS["train"]), ("image ", "TEXT")))
    assert names(tmp_path) == ALL


def test_windows_paths_blank_rows_and_spare_blanks_are_read(tmp_path):
    lvit(tmp_path)
    rows = [("Nr", "Image", "Description"), (1, "C:\\data\\labelcol\\mask_covid_10.png ", " a  lung\n"), (None,) * 3]
    workbook(tmp_path / "Test_Folder" / "Test_text.xlsx", rows)
    assert names(tmp_path)[-1] == ("test", "covid_10", "a lung")


def spoil(root, fault):
    test = root / "Test_Folder"
    if fault == "no mask":
        (test / "labelcol" / "mask_covid_10.png").unlink()
    elif fault == "no pair":
        workbook(test / "Test_text.xlsx", table(("other_1",)))
    elif fault == "columns":
        workbook(test / "Test_text.xlsx", [("Bild", "Description"), ("a", "b")])
    elif fault == "no table":
        (test / "Test_text.xlsx").unlink()
    elif fault == "no workbook":
        (test / "Test_text.xlsx").write_bytes(b"PK half a file")
    elif fault == "no text":
        workbook(test / "Test_text.xlsx", [("Image", "Description"), ("mask_covid_10.png", None)])
    elif fault == "twice":
        workbook(test / "Test_text.xlsx", [*table(("covid_10",)), ("covid_10.png", "another prompt")])
    elif fault == "no rows":
        workbook(test / "Test_text.xlsx", [("Image", "Description")])
    elif fault == "no folder":
        for file in (test / "labelcol").iterdir():
            file.unlink()
        (test / "labelcol").rmdir()
    elif fault == "sizes":
        Image.new("L", (40, 39)).save(test / "labelcol" / "mask_covid_10.png")
    elif fault == "half a png":
        whole = (test / "img" / "covid_10.png").read_bytes()
        (test / "img" / "covid_10.png").write_bytes(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("no mask", ["Test_text.xlsx: row 2: mask_covid_10.png has no mask in", "labelcol; add it or delete the row"]),
        ("no pair", ["Test_text.xlsx: row 2: mask_other_1.png has no image in", "img"]),
        ("columns", ["Test_text.xlsx: no column for an image's name", "it has Bild, Description"]),
        ("no table", ["no table of prompts for test; put one of these there", "Test_Folder/Test_text.xlsx"]),
        ("no workbook", ["Test_text.xlsx: not a readable table", "save it again"]),
        ("no text", ["Test_text.xlsx: row 2: mask_covid_10.png has no prompt"]),
        (
            "twice",
            ["Test_text.xlsx: row 3: covid_10.png appears twice, with another prompt than in row 2; keep one row"],
        ),
        ("no rows", ["Test_text.xlsx: no prompt belongs to an image in", "names do not pair"]),
        ("no folder", ["labelcol: no such folder; the layout needs it for test"]),
        ("sizes", ["covid_10.png: image 40x40 but mask 40x39 pixels"]),
        ("half a png", ["covid_10.png: not a readable image", "truncated"]),
    ],
)
def test_a_wrong_folder_is_reported_in_one_line_that_names_the_file(tmp_path, capfd, fault, words):
    spoil(lvit(tmp_path / "in"), fault)
    with pytest.raises(InputError) as e:
        prepare("qata", tmp_path / "out", 32, tmp_path / "in")
    assert all(w in str(e.value) for w in words), str(e.value)
    assert "\n" not in str(e.value) and capfd.readouterr() == ("", "")


def test_a_folder_in_neither_layout(tmp_path):
    with pytest.raises(
        InputError, match=r"neither Train_Folder/img nor Train Set/Images nor Train/Images is in it; give the"
    ):
        names(tmp_path)


@pytest.mark.parametrize(
    ("values", "dtype", "lesion"),
    [
        ([0, 255], np.uint8, [0, 1]),
        ([0, 1], np.uint8, [0, 1]),
        ([7, 248], np.uint8, [0, 1]),
        ([127, 128], np.uint8, [0, 1]),
        ([0, 65535], np.uint16, [0, 1]),
        ([0, 255], np.uint16, [0, 1]),
    ],
)
def test_what_of_a_mask_is_lesion(tmp_path, values, dtype, lesion):
    Image.fromarray(np.array([values], dtype)).save(tmp_path / "m.png")
    assert read_mask(tmp_path / "m.png").tolist() == [lesion]


def test_images_of_any_kind_become_rgb(tmp_path):
    grey = np.array([[0, 100, 255]], np.uint8)
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    Image.fromarray(grey).save(tmp_path / "grey.png")
    Image.fromarray(np.dstack([grey, grey // 2, grey // 4, grey])).save(tmp_path / "clear.png")
    for file in ("deep.png", "grey.png"):
        assert read_image(tmp_path / file).tolist() == np.repeat(grey[..., None], 3, 2).tolist()
    assert read_image(tmp_path / "clear.png").tolist() == np.dstack([grey, grey // 2, grey // 4]).tolist()


def test_subjects_are_read_from_names():
    assert subject("sub-S09876_ses-E18933_run-1_bp-chest_vp-ap_cr") == "S09876" and subject("covid_1") is None


@pytest.mark.skipif(not (REAL / "unpack.py").exists(), reason="real data not beside the checkout")
def test_real_pairs_are_the_same_in_both_layouts(tmp_path):
    caches = []
    for layout in ("lvit", "kaggle"):
        few = ["--train", "6", "--val", "3", "--test", "3"]
        call = [sys.executable, str(REAL / "unpack.py"), "qata", str(tmp_path / layout), "--layout", layout, *few]
        subprocess.run(call, check=True, capture_output=True)
        caches.append(prepare("qata", tmp_path / f"c-{layout}", 64, tmp_path / layout))
    assert caches[0].manifest["hash"] == caches[1].manifest["hash"]
    assert caches[0].manifest["counts"] == {"train": 6, "val": 3, "test": 3}
    assert caches[0].masks.any(axis=(1, 2)).all() and (caches[0].index["height"] == 224).all()
