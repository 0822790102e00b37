"""`check` lists all that is wrong, each with its file, and what one should know."""

import numpy as np
import pytest
from PIL import Image

from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.data.checks.check_dataset import check, mask_values
from c2seg_bench.errors import InputError
from tests.c2seg_bench.data.folders.qata_folder import lvit, pair, table, workbook, write_pair


def test_a_good_folder(tmp_path):
    report = check("qata", lvit(tmp_path / "in"))
    assert report.problems == [] and report.counts == {"train": 2, "val": 2, "test": 1} and report.prompts == 5
    assert report.sizes == {"40x40": 5} and report.mask_values == {"0 255": 5}
    assert "1 subjects are in both train and val: S01" in report.notes
    assert report.names["1 subjects are in both train and val"] == ["S01"]
    assert report.text_sha256 == prepare("qata", tmp_path / "c", 32, tmp_path / "in").manifest["text_sha256"]


def test_all_that_is_wrong_is_listed_at_once(tmp_path):
    root = lvit(tmp_path)
    train, val, test = (root / f"{s}_Folder" for s in ("Train", "Val", "Test"))
    (train / "labelcol" / "mask_covid_1.png").unlink()
    Image.new("L", (40, 39)).save(train / "labelcol" / "mask_sub-S01_ses-E1_run-1.png")
    (val / "img" / "covid_3.png").write_bytes(b"no image")
    grey = pair("sub-S01_ses-E2_run-1")[1].copy()
    grey[0, 0] = 90
    Image.fromarray(grey).save(val / "labelcol" / "mask_sub-S01_ses-E2_run-1.png")
    workbook(test / "Test_text.xlsx", [*table(("covid_10", "gone")), ("mask_x.png", None)])
    problems = check("qata", root).problems
    expected = [
        "Train_text.xlsx: row 2: mask_covid_1.png has no mask",
        "Test_text.xlsx: row 4: mask_x.png has no prompt",
        "Test_text.xlsx: row 3: mask_gone.png has no image",
        "mask_sub-S01_ses-E1_run-1.png: 40x39 pixels but its image 40x40",
        "covid_3.png: not a readable image",
        "mask_sub-S01_ses-E2_run-1.png: grey values between black and white",
    ]
    assert len(problems) == len(expected)
    assert all(any(e in p for p in problems) for e in expected), problems


def test_what_one_should_know(tmp_path):
    root = lvit(tmp_path)
    write_pair(root / "Val_Folder" / "img", root / "Val_Folder" / "labelcol", "spare")
    Image.new("L", (40, 40)).save(root / "Train_Folder" / "labelcol" / "mask_covid_1.png")
    same = root / "Test_Folder" / "img" / "covid_10.png"
    same.write_bytes((root / "Train_Folder" / "img" / "covid_1.png").read_bytes())
    report = check("qata", root)
    assert report.problems == [
        f"{same.parent}: 1 images are in both train and test, keep each in one of them: covid_1 = covid_10"
    ]
    notes = "\n".join(report.notes)
    assert "1 masks are empty: covid_1" in notes and "1 files without a prompt: spare.png" in notes


def test_a_workbook_without_the_columns_is_a_problem_and_no_folder_an_error(tmp_path):
    workbook(lvit(tmp_path / "in") / "Val_Folder" / "Val_text.xlsx", [("a", "b")])
    assert "Val_text.xlsx: no column for an image's name" in check("qata", tmp_path / "in").problems[0]
    with pytest.raises(InputError, match="no such folder"):
        check("qata", tmp_path / "gone")


@pytest.mark.parametrize(
    ("values", "kind"),
    [([0, 255], "0 255"), ([0, 1], "0 1"), ([0, 0], "0 255"), ([255, 255], "0 255"), ([3, 250], "JPEG"),
     ([0, 5], "JPEG"), ([0, 90], "other"), ([0, 65535], "0 65535"), ([0, 900], "other")],
)  # fmt: skip
def test_kinds_of_masks(values, kind):
    assert mask_values(np.array([values], np.uint16 if max(values) > 255 else np.uint8)) == kind
