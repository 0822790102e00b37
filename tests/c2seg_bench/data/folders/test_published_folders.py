"""Folders as other projects publish them, and files named as they name them."""

import numpy as np
import pytest
from PIL import Image

from c2seg_bench.data.source import list_records
from c2seg_bench.errors import InputError
from tests.c2seg_bench.data.folders.qata_folder import workbook
from tests.c2seg_bench.data.folders.test_layouts import NAMES, comma, pair, prompt, rows, write

EXPECTED = [(split, name, prompt(name)) for split in NAMES for name in NAMES[split]]


def read(root, source, **options):
    return [(r.split, r.name, r.prompt) for r in list_records(source, root, 48, **options)]


def medclipseg(root, masks="label", test="Test_text_original"):
    for split in NAMES:
        folder = root / f"{split.title()}_Folder"
        write(folder / "img", folder / masks, NAMES[split])
        name = test if split == "test" else f"{split.title()}_text"
        workbook(folder / f"{name}.xlsx", rows(split))


def languide(root):
    for split, folder in {"train": "Train", "val": "Train", "test": "Test"}.items():
        write(root / folder / "Images", root / folder / "GTs", NAMES[split])
        comma(root / "prompt" / f"{split}.csv", rows(split))


@pytest.mark.parametrize("source", ["qata", "mosmed", "folder"])
@pytest.mark.parametrize("layout", [medclipseg, languide])
def test_layouts_of_medclipseg_languidemedseg_and_mmiunet(tmp_path, layout, source):
    layout(tmp_path)
    assert read(tmp_path, source) == EXPECTED


def test_the_usual_workbook_goes_before_the_original(tmp_path):
    medclipseg(tmp_path)
    workbook(tmp_path / "Test_Folder" / "Test_text.xlsx", [("Image", "Description"), ("612.png", "reworded")])
    assert read(tmp_path, "qata")[-1] == ("test", "612", "reworded")
    assert read(tmp_path, "qata", prompts="{split}_Folder/{split}_text.xlsx")[-1] == ("test", "612", "reworded")


def save(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def tables(root, **names):
    for split in ("train", "test"):
        comma(root / f"{split}.csv", [("image", "text"), *((n, "x") for n in names.get(split, ()))])


@pytest.mark.parametrize(
    ("image", "mask", "options"),
    [
        ("ISIC_7.png", "ISIC_7_Segmentation.png", {}),
        ("7.png", "0/7.png", {}),
        ("7.png", "7_label.png", {"mask_names": "{name}_label"}),
        ("img_7.png", "gt_7_v2.png", {"image_names": "img_{name}", "mask_names": "GT_{name}_v2"}),
    ],
)
def test_names_of_masks(tmp_path, image, mask, options):
    for folder, file, array in (("images", image, pair("a")[0]), ("masks", mask, pair("a")[1])):
        save(tmp_path / folder / file, np.asarray(array))
        save(tmp_path / folder / file.replace("7", "8"), np.asarray(array))
    row = image if "{name}" not in options.get("image_names", "") else "7"
    tables(tmp_path, train=[row.replace("7", "8")], test=[row])
    records = [r for r in list_records("folder", tmp_path, 48, **options) if r.split == "test"]
    assert [(p.parent / p.name).relative_to(tmp_path).as_posix() for p in records[0].files] == [
        f"images/{image}",
        f"masks/{mask}",
    ]


def test_an_image_and_its_mask_in_one_folder(tmp_path):
    for n in ("1", "2"):
        save(tmp_path / "images" / f"{n}.png", np.asarray(pair(n)[0]))
        save(tmp_path / "images" / f"mask_{n}.png", np.asarray(pair(n)[1]))
    tables(tmp_path, train=["1"], test=["2"])
    records = list_records("folder", tmp_path, 48, masks="images")
    assert [[p.name for p in r.files] for r in records] == [["1.png", "mask_1.png"], ["2.png", "mask_2.png"]]
    (tmp_path / "masks").mkdir()
    with pytest.raises(InputError, match="mask_1.png: 1.png has the same name but for ending and mask_; move one") as e:
        list_records("folder", tmp_path, 48)
    assert "delete" not in str(e.value)


@pytest.mark.parametrize("row", ["7.0", "07", "A7.PNG"])
def test_names_that_spreadsheets_change(tmp_path, row):
    files = {"7.0": "7", "07": "7", "A7.PNG": "a7"}
    write(tmp_path / "images", tmp_path / "masks", [files[row], "1"])
    tables(tmp_path, train=["1.png"], test=[row])
    if row == "07":
        with pytest.raises(InputError, match=r"row 2: 07 has no image in .*; 7.png is near; correct the name"):
            read(tmp_path, "folder")
    else:
        assert read(tmp_path, "folder")[-1][:2] == ("test", files[row])


def test_the_column_of_the_mask_is_followed(tmp_path):
    write(tmp_path / "images", tmp_path / "spare", ["p1", "p2"])
    for i, name in enumerate(("seg_1", "seg_2a", "seg_2b")):
        mask = np.zeros((48, 48), np.uint8)
        mask[10 * i : 10 * i + 8, :9] = 255
        save(tmp_path / "masks" / f"{name}.png", mask)
    comma(tmp_path / "train.csv", [("image", "mask", "text"), ("p1.png", "seg_1.png", "one")])
    lines = [("image", "mask", "text"), ("p2.png", "seg_2a.png", "upper"), ("p2.png", "seg_2b.png", "lower")]
    comma(tmp_path / "test.csv", lines)
    records = list_records("folder", tmp_path, 48)
    assert [(r.name, r.prompt, r.files[0].name) for r in records] == [
        ("p1", "one", "p1.png"), ("seg_2a", "upper", "p2.png"), ("seg_2b", "lower", "p2.png")]  # fmt: skip
    assert [int(np.argmax(r.load()[1].any(1))) for r in records] == [0, 10, 20]
    comma(tmp_path / "test.csv", [*lines[:2], ("p2.png", "seg_9.png", "x")])
    with pytest.raises(
        InputError, match=r"row 3: p2.png \(its mask: seg_9.png\) has no mask in .*masks; seg_1.png is near"
    ):
        list_records("folder", tmp_path, 48)


def test_several_prompts_of_one_mask_are_pairs_of_their_own_on_request(tmp_path):
    write(tmp_path / "images", tmp_path / "masks", ["1", "2"])
    tables(tmp_path, train=["1.png"])
    comma(tmp_path / "test.csv", [("image", "text"), ("2.png", "one polyp"), ("2.png", "a small polyp")])
    prompts = [(r.name, r.prompt) for r in list_records("folder", tmp_path, 48, several=True) if r.split == "test"]
    assert prompts == [("2", "one polyp"), ("2#3", "a small polyp")]


def test_where_no_name_pairs_both_sides_are_shown(tmp_path):
    write(tmp_path / "images", tmp_path / "masks", ["1", "2"])
    tables(tmp_path, train=["1.png"], test=["patient_17.png"])
    with pytest.raises(InputError, match=r"patient_17.png has no image"):
        read(tmp_path, "folder")
    from c2seg_bench.data.checks.check_dataset import check

    problems = check("folder", tmp_path).problems
    assert any("the table has patient_17.png, the folder 1.png, 2.png" in p for p in problems), problems
