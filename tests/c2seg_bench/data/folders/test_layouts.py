"""The datasets' folders in every layout in use: all give the same cache, and a wrong one is reported."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.data.source import SOURCES, list_records
from c2seg_bench.data.sources.mosmed import study
from c2seg_bench.data.sources.phantom import draw
from c2seg_bench.errors import InputError
from tests.c2seg_bench.data.folders.qata_folder import REAL, workbook

NAMES = {"train": ("1", "2", "30"), "val": ("4",), "test": ("612",)}
SIZE = 48


def prompt(name):
    return f"one small polyp, which is in the center, number {name}"


def pair(name, style="colonoscopy", size=SIZE):
    image, mask = draw(style, f"layout-{name}", size)
    return Image.fromarray(image), Image.fromarray(mask * 255)


def write(images, masks, names, ending=".png", style="colonoscopy", size=SIZE):
    for folder in (images, masks):
        folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        for folder, image in zip((images, masks), pair(name, style, size), strict=True):
            image.save(folder / f"{name}{ending}", format="TIFF" if ending.lower() == ".tif" else "PNG")


def rows(split, header=("Image", "Description"), before="", ending=".png"):
    return [header, *((f"{before}{name}{ending}", prompt(name)) for name in NAMES[split])]


def comma(path, lines, separator=",", encoding="utf-8", end="\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding=encoding) as f:
        csv.writer(f, delimiter=separator, lineterminator=end).writerows(lines)


def published(root, images="Original", masks="Ground Truth", ending=".png"):
    """As unpack.py writes CVC-ClinicDB: all images in one folder, a workbook for each split."""
    write(root / images, root / masks, [n for names in NAMES.values() for n in names], ending)
    for split in NAMES:
        lines = [(*row, row[0]) for row in rows(split)]
        lines[0] = ("Image", "Description", "Ground Truth")
        workbook(root / "Prompts_Folder" / f"{split.title()}_text.xlsx", lines)
    return root


def retabled(root, save):
    published(root)
    shutil.rmtree(root / "Prompts_Folder")
    for split in NAMES:
        save(split)
    return root


def pranet(root):
    write(root / "TrainDataset" / "image", root / "TrainDataset" / "mask", (*NAMES["train"], *NAMES["val"]))
    test = root / "TestDataset" / "CVC-ClinicDB"
    write(test / "images", test / "masks", NAMES["test"])
    for split in NAMES:
        comma(root / f"{split}.csv", rows(split))
    return root


def medvlsm(root, split):
    items = [{"img_name": f"{n}.png", "mask_name": f"{n}.png", "prompts": {"p0": "", "p6": [prompt(n), "polyp"]}}
             for n in NAMES[split]]  # fmt: skip
    path = root / "anns" / f"{split}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(items))


VARIANTS = {
    "tif": lambda r: published(r, ending=".tif"),
    "upper-case extensions": lambda r: published(r, ending=".PNG"),
    "folders in another case": lambda r: published(r, "ORIGINAL", "ground truth"),
    "in PNG/": lambda r: published(r, "PNG/Original", "PNG/Ground Truth"),
    "in TIF/": lambda r: published(r, "TIF/Original", "TIF/Ground Truth", ".tif"),
    "images and masks": lambda r: published(r, "images", "masks"),
    "tables in the root": lambda r: retabled(r, lambda s: workbook(r / f"{s.title()}_text.xlsx", rows(s))),
    "renamed columns": lambda r: retabled(r, lambda s: workbook(r / f"{s}.xlsx", rows(s, (" FileName", "TEXT ")))),
    "byte-order mark": lambda r: retabled(r, lambda s: comma(r / f"{s}.csv", rows(s), encoding="utf-8-sig")),
    "Windows": lambda r: retabled(
        r, lambda s: comma(r / "prompts" / f"{s}.csv", rows(s, before="C:\\polyps\\Original\\"), ";", end="\r\n")
    ),
    "names of masks": lambda r: retabled(r, lambda s: comma(r / f"{s}.csv", rows(s, before="mask_"))),
    "PraNet": pranet,
}  # fmt: skip


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layouts")
    return prepare("clinicdb", folder / "cache", SIZE, published(folder / "in"))


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_shape_gives_the_same_cache(tmp_path, expected, variant):
    cache = prepare("clinicdb", tmp_path / "cache", SIZE, VARIANTS[variant](tmp_path / "in"))
    assert cache.manifest["hash"] == expected.manifest["hash"]


def test_the_cache_holds_what_was_drawn(expected):
    assert list(expected.index["name"]) == ["1", "2", "30", "4", "612"]
    assert expected.manifest["counts"] == {"train": 3, "val": 1, "test": 1}
    for i, name in enumerate(expected.index["name"]):
        image, mask = pair(name)
        assert (expected.images[i] == np.asarray(image)).all()
        assert (expected.masks[i] == np.asarray(mask) // 255).all()
        assert expected.index["prompt"][i] == prompt(name)


def test_one_of_medvlsms_prompts_is_chosen(tmp_path, expected):
    retabled(tmp_path / "in", lambda split: medvlsm(tmp_path / "in", split))
    cache = prepare("clinicdb", tmp_path / "cache", SIZE, tmp_path / "in", prompt="p6")
    assert cache.manifest["hash"] == expected.manifest["hash"]
    with pytest.raises(
        InputError, match=r"train.json: item 1: several prompts; choose one of p0, p6 \(options: prompt\)"
    ):
        list_records("clinicdb", tmp_path / "in", SIZE)
    with pytest.raises(InputError, match=r"train.json: item 1: no prompt 'p9'; choose one of p0, p6"):
        list_records("clinicdb", tmp_path / "in", SIZE, prompt="p9")


def test_pranet_without_validation(tmp_path):
    (pranet(tmp_path) / "val.csv").unlink()
    assert [r.split for r in list_records("clinicdb", tmp_path, SIZE)] == ["train"] * 3 + ["test"]


def test_your_own_folder(tmp_path, expected):
    write(tmp_path / "in" / "pics", tmp_path / "in" / "gt", [n for names in NAMES.values() for n in names])
    for split in NAMES:
        comma(tmp_path / "in" / f"my {split}.csv", rows(split))
    own = {"images": "pics", "masks": "gt", "prompts": "my {split}.csv"}
    cache = prepare("folder", tmp_path / "cache", SIZE, tmp_path / "in", **own)
    assert cache.manifest["hash"] == expected.manifest["hash"]
    assert cache.manifest["options"] == own
    with pytest.raises(
        InputError, match="neither images nor train/images nor .* is in it; give the folder that contains them"
    ):
        list_records("folder", tmp_path / "in", SIZE)


CT = ("Jun_coronacases_case10_104", "Jun_radiopaedia_4_85506_1_33", "Morozov_study_0255_14")


@pytest.mark.parametrize("layout", ["LViT", "Kaggle"])
def test_mosmed(tmp_path, layout):
    for split, name in zip(NAMES, CT, strict=True):
        place = tmp_path / f"{split.title()}_Folder" if layout == "LViT" else tmp_path
        images, masks = ("img", "labelcol") if layout == "LViT" else ("frames", "masks")
        write(place / images, place / masks, [name], style="ct", size=512)
        text = "Unilateral pulmonary infection, one infected area, lower left lung"
        workbook(place / f"{split.title()}_text_MosMedData+.xlsx", [("Image", "Description"), (f"{name}.png", text)])
    cache = prepare("mosmed", tmp_path / "cache", 224, tmp_path)
    assert list(cache.index["name"]) == list(CT) and set(cache.index["height"]) == {512}
    assert cache.manifest["counts"] == {"train": 1, "val": 1, "test": 1}
    assert (cache.masks[1] == np.asarray(pair(CT[1], "ct", 512)[1].resize((224, 224), Image.Resampling.NEAREST)) // 255
            ).mean() > 0.99  # fmt: skip


def test_studies_are_read_from_names():
    assert [study(n) for n in CT] == ["Jun_coronacases_case10", "Jun_radiopaedia_4_85506_1", "Morozov_study_0255"]
    assert study("slice") is None


def test_lvits_rule_lets_lesions_grow(tmp_path):
    published(tmp_path / "in")
    half, lvit = (
        prepare("clinicdb", tmp_path / rule, 32, tmp_path / "in", mask_rule=rule).masks.astype(bool)
        for rule in ("half", "lvit")
    )
    assert (lvit | half == lvit).all() and lvit.sum() > 1.02 * half.sum()
    with pytest.raises(InputError, match="options: mask_rule: 'most' is unknown; there are: half, lvit"):
        list_records("clinicdb", tmp_path / "in", 32, mask_rule="most")


def spoil(root, fault):
    tables = root / "Prompts_Folder"
    if fault == "not JSON":
        shutil.rmtree(tables)
        (root / "train.json").write_text("[{")
    elif fault == "JSON of another kind":
        shutil.rmtree(tables)
        (root / "train.json").write_text('["a polyp"]')
    elif fault == "not UTF-8":
        shutil.rmtree(tables)
        (root / "train.csv").write_bytes("image,text\n1.png,größer\n".encode("latin-1"))
    elif fault == "no table":
        shutil.rmtree(tables)
    elif fault == "no masks":
        shutil.rmtree(root / "Ground Truth")


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("not JSON", "train.json: not a readable table"),
        ("JSON of another kind", "train.json: expected a list of objects or one object of names and prompts; write it"),
        ("not UTF-8", "train.csv: not in UTF-8 or UTF-16; save it again in UTF-8"),
        ("no table", "no table of prompts for train; put one of these there: Train_text.xlsx, train.xlsx, Training_"),
        ("no masks", "Ground Truth: no such folder; the layout needs it for train"),
    ],
)
def test_what_is_wrong_is_reported_in_one_line(tmp_path, fault, words):
    spoil(published(tmp_path), fault)
    with pytest.raises(InputError) as e:
        list_records("clinicdb", tmp_path, SIZE)
    assert words in str(e.value) and "\n" not in str(e.value)


@pytest.mark.parametrize(
    ("tag", "turned"), [(3, np.rot90(np.arange(6).reshape(2, 3), 2)), (6, np.rot90(np.arange(6).reshape(2, 3), -1))]
)
def test_images_and_masks_are_turned_upright(tmp_path, tag, turned):
    from c2seg_bench.data.images.image_files import read_image
    from c2seg_bench.data.masks.mask_files import read_values

    exif = Image.Exif()
    exif[0x0112] = tag
    Image.fromarray(np.arange(6, dtype=np.uint8).reshape(2, 3)).save(tmp_path / "a.png", exif=exif)
    assert read_values(tmp_path / "a.png").values.tolist() == turned.tolist()
    assert read_image(tmp_path / "a.png")[..., 0].tolist() == turned.tolist()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_a_mask_is_the_same_in_every_mode(tmp_path, mode):
    from tests.c2seg_bench.data.masks.one_mask import read_mask

    expected = np.array([[0, 1, 1], [0, 0, 1]], np.uint8)
    if mode == "I;16":
        Image.fromarray(expected.astype(np.uint16) * 65535).save(tmp_path / "m.tif")
    else:
        Image.fromarray(expected * 255).convert(mode).save(tmp_path / "m.tif")
    assert read_mask(tmp_path / "m.tif").tolist() == expected.tolist()


def test_every_source_says_what_it_is_and_where_to_get_it():
    for source in SOURCES.values():
        assert source.title and source.licence and source.url and source.how
    assert {s.published for s in SOURCES.values()} == {"qata", "mosmed", "kvasir", "clinicdb", None}


@pytest.mark.skipif(not (REAL / "unpack.py").exists(), reason="real data not beside the checkout")
@pytest.mark.parametrize("name", ["kvasir", "clinicdb"])
def test_real_polyps(tmp_path, name):
    few = ["--train", "5", "--val", "2", "--test", "3"]
    call = [sys.executable, str(REAL / "unpack.py"), name, str(tmp_path / "in"), *few]
    subprocess.run(call, check=True, capture_output=True)
    cache = prepare(name, tmp_path / "cache", 64, tmp_path / "in")
    assert cache.manifest["counts"] == {"train": 5, "val": 2, "test": 3}
    assert cache.masks.any(axis=(1, 2)).all() and cache.index["prompt"].str.contains("polyp").all()
    assert all(Path(r.files[0]).stem == r.name for r in list_records(name, tmp_path / "in", 64))
