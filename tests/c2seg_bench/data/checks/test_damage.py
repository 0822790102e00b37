"""A good folder is spoiled in one way after another, and `datasets check` names the damage with its file."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from c2seg_bench.cli.datasets import app
from c2seg_bench.data.sources.phantom import draw
from tests.c2seg_bench.data.folders.qata_folder import workbook

NAMES = {
    "train": ("sub-S1_ses-E1_run-1", "covid_2"),
    "val": ("covid_3", "covid_4"),
    "test": ("covid_5", "sub-S9_ses-E9_run-1"),
}
ONE = "Unilateral pulmonary infection, one infected area, {} left lung"


def text(name):
    """What is true of `mask`: one lesion on the left of the image."""
    return ONE.format("middle")


def mask():
    pixels = np.zeros((64, 64), np.uint8)
    pixels[24:36, 8:20] = 255
    return pixels


def write(root, split, rows=None):
    """One split's images, masks and workbook, as LViT has them."""
    folder = root / f"{split.title()}_Folder"
    for part in ("img", "labelcol"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name in NAMES[split]:
        Image.fromarray(draw("chest", f"damage-{name}", 64)[0]).save(folder / "img" / f"{name}.png")
        Image.fromarray(mask()).save(folder / "labelcol" / f"mask_{name}.png")
    table(root, split, rows or [(f"mask_{n}.png", text(n)) for n in NAMES[split]])


def table(root, split, rows, header=("Image", "Description")):
    workbook(root / f"{split.title()}_Folder" / f"{split.title()}_text.xlsx", [header, *rows])


@pytest.fixture
def root(tmp_path):
    for split in NAMES:
        write(tmp_path, split)
    return tmp_path


def call(root):
    result = CliRunner().invoke(app, ["check", "qata", "--root", str(root), "--json"])
    return result.exit_code, json.loads(result.stdout)


def image_file(root, split="test", name="covid_5"):
    return root / f"{split.title()}_Folder" / "img" / f"{name}.png"


def mask_of(root, split="test", name="covid_5"):
    return root / f"{split.title()}_Folder" / "labelcol" / f"mask_{name}.png"


def save(array, path):
    Image.fromarray(np.asarray(array)).save(path)


def lines(root, split, *more):
    table(root, split, [*((f"mask_{n}.png", text(n)) for n in NAMES[split]), *more])


def near(root):
    """One image in two splits: reduced and enlarged again, darker, and with less contrast."""
    image = cv2.imread(str(image_file(root, "train", "covid_2")))
    image = cv2.resize(cv2.resize(image, (48, 48), interpolation=cv2.INTER_AREA), (64, 64)) * 0.7 + 20
    cv2.imwrite(str(image_file(root)), image.astype(np.uint8))


# what is done to the folder; part of the line that reports it
PROBLEMS = {
    "no image": (lambda r: image_file(r).unlink(), "mask_covid_5.png has no image in"),
    "no mask": (lambda r: mask_of(r).unlink(), "mask_covid_5.png has no mask in"),
    "a row twice": (lambda r: lines(r, "test", ("mask_covid_5.png", "a")), "row 4: mask_covid_5.png appears twice"),
    "an image twice": (
        lambda r: shutil.copy(image_file(r), image_file(r).with_suffix(".jpg")),
        "covid_5.png: covid_5.jpg has the same name but for ending and mask_; move one to another folder",
    ),
    "no workbook": (lambda r: (r / "Val_Folder" / "Val_text.xlsx").unlink(), "no table of prompts for val"),
    "half a workbook": (
        lambda r: (r / "Val_Folder" / "Val_text.xlsx").write_bytes(b"PK half"),
        "Val_text.xlsx: not a readable table",
    ),
    "another column": (
        lambda r: table(r, "val", [("a", "b")], ("Bild", "Description")),
        "Val_text.xlsx: no column for an image's name",
    ),
    "no prompt": (lambda r: lines(r, "test", ("mask_x.png", "")), "row 4: mask_x.png has no prompt"),
    "no name": (lambda r: lines(r, "test", ("", "a lung")), "Test_text.xlsx: row 4: no name of an image"),
    "a row of nothing known": (
        lambda r: lines(r, "test", ("mask_gone.png", "a lung")),
        "row 4: mask_gone.png has no image in",
    ),
    "no folder": (lambda r: shutil.rmtree(r / "Val_Folder" / "labelcol"), "labelcol: no such folder"),
    "half an image": (
        lambda r: image_file(r).write_bytes(image_file(r).read_bytes()[:200]),
        "covid_5.png: not a readable image",
    ),
    "nothing in a file": (lambda r: image_file(r).write_bytes(b""), "covid_5.png: not a readable image"),
    "text named .png": (lambda r: mask_of(r).write_text("mask"), "mask_covid_5.png: not a readable image"),
    "another size": (
        lambda r: save(mask()[:60], mask_of(r)),
        "mask_covid_5.png: 64x60 pixels but its image 64x64",
    ),
    "grey values": (
        lambda r: save(mask() // 2, mask_of(r)),
        "mask_covid_5.png: mask values 0, 127, none of them white",
    ),
    "the image as its mask": (
        lambda r: shutil.copy(image_file(r), mask_of(r)),
        "mask_covid_5.png: grey values between black and white",
    ),
    "all is lesion": (
        lambda r: save(np.full((64, 64), 255, np.uint8), mask_of(r)),
        "mask_covid_5.png: all of the mask is lesion",
    ),
    "one colour": (
        lambda r: save(np.zeros((64, 64), np.uint8), image_file(r)),
        "covid_5.png: one colour all over",
    ),
    "too small": (
        lambda r: (save(np.arange(16, dtype=np.uint8).reshape(4, 4) * 9, image_file(r)), save(mask()[20:24, :4], mask_of(r))),
        "covid_5.png: 4x4 pixels are too few",
    ),
    "one image in two splits": (
        lambda r: shutil.copy(image_file(r, "train", "covid_2"), image_file(r)),
        "img: 1 images are in both train and test, keep each in one of them: covid_2 = covid_5",
    ),
}  # fmt: skip
NOTES = {
    "empty": (lambda r: save(np.zeros((64, 64), np.uint8), mask_of(r)), "1 masks are empty: covid_5"),
    "black and white exchanged": (
        lambda r: save(255 - mask(), mask_of(r)),
        "1 masks cover more than 75%; are black and white exchanged?: covid_5",
    ),
    "not used": (
        lambda r: shutil.copy(image_file(r), image_file(r, name="spare")),
        "img: 1 files without a prompt: spare.png",
    ),
    "one image twice in a split": (
        lambda r: shutil.copy(image_file(r, "test", "sub-S9_ses-E9_run-1"), image_file(r)),
        "1 images are twice in test: covid_5 = sub-S9_ses-E9_run-1",
    ),
    "nearly one image in two splits": (
        near,
        "1 near-duplicate images are in both train and test: covid_2 = covid_5",
    ),
    "a prompt that contradicts itself": (
        lambda r: table(r, "test", [("mask_covid_5.png", "Unilateral pulmonary infection, left lung and right lung")]),
        "1 prompts contradict themselves: covid_5 (unilateral, but left and right are named)",
    ),
    "another number": (
        lambda r: table(r, "test", [("mask_covid_5.png", "Two infected areas, middle left lung")]),
        "1 of 5 prompts state another number of lesions than their mask has: covid_5",
    ),
    "another side": (
        lambda r: table(r, "test", [("mask_covid_5.png", "One infected area, middle right lung")]),
        "1 of 5 prompts state other sides than their mask has: covid_5",
    ),
}


def test_a_good_folder_has_no_problem(root):
    code, report = call(root)
    assert code == 0 and report["problems"] == []
    counts = "the counts are not those of any known splits; nearest are LViT's, with train 2"
    assert any(note.startswith(counts) for note in report["notes"])
    assert not any("contradict" in n or "state" in n or "both" in n for n in report["notes"])


@pytest.mark.parametrize("damage", PROBLEMS)
def test_a_problem_is_named_with_its_file_and_ends_in_1(root, damage):
    spoil, words = PROBLEMS[damage]
    spoil(root)
    code, report = call(root)
    assert code == 1 and sum(words in p for p in report["problems"]) == 1, report["problems"]
    assert all("\n" not in p and str(root) in p for p in report["problems"])


@pytest.mark.parametrize("damage", NOTES)
def test_what_needs_knowing_is_a_note_and_ends_in_0(root, damage):
    spoil, words = NOTES[damage]
    spoil(root)
    code, report = call(root)
    assert code == 0 and any(words in n for n in report["notes"]), report["notes"]


def test_subjects_and_studies(root):
    for split, name in zip(NAMES, ("sub-S1_ses-E1_run-1", "sub-S1_ses-E1_run-2", "sub-S1_ses-E2_run-1"), strict=True):
        save(draw("chest", name, 64)[0], image_file(root, split, name))
        save(mask(), mask_of(root, split, name))
        table(root, split, [(f"mask_{name}.png", text(name))])
    assert [n for n in call(root)[1]["notes"] if "both" in n] == [
        "1 subjects are in both train and val: S1",
        "1 subjects are in both train and test: S1",
        "1 subjects are in both val and test: S1",
        "1 studies are in both train and val: E1",
    ]


def test_sides_that_are_mirrored_altogether_are_a_problem(root):
    rows = []
    for i in range(24):  # as many as the frame needs to be sure
        side, seen = ("left", mask()[:, ::-1]) if i % 2 else ("right", mask())
        save(draw("chest", f"mirror-{i}", 64)[0], image_file(root, "train", f"m{i}"))
        save(seen, mask_of(root, "train", f"m{i}"))
        rows.append((f"mask_m{i}.png", ONE.format("middle").replace("left", side)))
    table(root, "train", rows)
    code, report = call(root)
    assert code == 1 and "its convention is 'image', but these texts may need 'patient'" in report["problems"][0]


def test_a_version_is_known_by_its_prompts(root, monkeypatch, tmp_path):
    from c2seg_bench.data.checks import prompts

    monkeypatch.setattr(prompts, "files", lambda package: Path(tmp_path))
    (tmp_path / prompts.VERSIONS).write_text(
        json.dumps({"qata": {"mine": [prompts.short_hash(text(""))], "other": []}})
    )
    assert "text version: mine; all 1 distinct prompts are its own" in call(root)[1]["notes"]
    lines(root, "test", ("mask_covid_5.png", "x"))
    table(root, "test", [("mask_covid_5.png", "Another, lower left lung")])
    assert "text version: none that is known; 50% of the distinct prompts are mine's" in call(root)[1]["notes"]


def test_the_share_of_prompts_that_a_method_cuts(root):
    notes = [n for n in call(root)[1]["notes"] if "tokens of minilm" in n]
    assert notes == ["lvit, medlangvit read 10 tokens of minilm: 100% of the prompts are cut, 100% lose a finding"]


def test_options_are_given_as_in_a_suite(root):
    run = CliRunner().invoke(app, ["check", "qata", "--root", str(root), "--option", "train=1", "--json"])
    assert json.loads(run.stdout)["counts"] == {"train": 1, "val": 2, "test": 2}
    wrong = CliRunner().invoke(app, ["check", "qata", "--root", str(root), "--option", "train"])
    assert str(wrong.exception) == "--option train: give KEY=VALUE, such as mask_rule=lvit"
