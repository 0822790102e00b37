"""QaTa-COV19 v2 with LViT's texts: chest X-rays, in the folder layout of LViT or of Kaggle."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from c2seg_bench.data.images import read_image, read_mask
from c2seg_bench.data.source import Complain, Pair, Record, how_many, refuse, require_folder, source, thin
from c2seg_bench.data.tables import read_prompts
from c2seg_bench.errors import InputError

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")


@dataclass(frozen=True)
class Layout:
    """Where a split's pictures, masks and table lie; of several tables the first that exists is taken."""

    images: str
    masks: str
    tables: tuple[str, ...]


SHARED = ("Train_Val_text.xlsx", "Train_text_for_Covid19.xlsx")  # one workbook for the train and val folders
LVIT = {
    split: Layout(
        f"{split.title()}_Folder/img",
        f"{split.title()}_Folder/labelcol",
        tuple(f"{folder}{name}" for folder in (f"{split.title()}_Folder/", "", "Train_Folder/") for name in names),
    )
    for split, names in {
        "train": ("Train_text.xlsx", *SHARED),
        "val": ("Val_text.xlsx", *SHARED),
        "test": ("Test_text.xlsx", "Test_text_for_Covid19.xlsx"),
    }.items()
}
KAGGLE = {
    split: Layout(f"{folder}/Images", f"{folder}/Ground-truths", (f"prompt/{split}.csv", f"prompt/{split}.xlsx"))
    for split, folder in {"train": "Train Set", "val": "Train Set", "test": "Test Set"}.items()
}


def subject(name: str) -> str | None:
    """S09876 of sub-S09876_ses-E18933_run-1_bp-chest_vp-ap_cr; names such as covid_1 tell nobody."""
    found = re.match(r"sub-(S\d+)_", name)
    return found.group(1) if found else None


@source(
    name="qata",
    title="QaTa-COV19 v2",
    ontology="chest",
    frame="qata",
    licence="the dataset's own terms (research)",
    url="https://www.kaggle.com/datasets/aysendegerli/qatacov19-dataset",
    how="pictures and masks from Kaggle, texts from LViT's repository; folders as LViT's README or as Kaggle has them",
    published="qata",
    subject=subject,
)
def records(
    root: Path | None,
    size: int,
    train: int | None = None,
    val: int | None = None,
    test: int | None = None,
    complain: Complain = refuse,
) -> list[Record]:
    """All pairs of a folder in either layout; `train`, `val` and `test` keep that many, evenly spaced."""
    folder, keep = require_folder(root, "qata"), {"train": train, "val": val, "test": test}
    for split, n in keep.items():
        how_many(split, n)
    layout = next((x for x in (LVIT, KAGGLE) if any((folder / s.images).is_dir() for s in x.values())), None)
    if layout is None:
        raise InputError(
            f"{folder}: neither {LVIT['train'].images} (LViT's layout) nor {KAGGLE['train'].images} (Kaggle's) is in "
            "it; give the folder that holds them"
        )
    files = {x: _by_stem(folder / x) for place in layout.values() for x in (place.images, place.masks)}
    found: list[Record] = []
    for split, place in layout.items():
        found += thin(_split(folder, split, place, files, complain), keep[split])
    return found


def _split(
    folder: Path, split: str, place: Layout, files: dict[str, dict[str, Path]], complain: Complain
) -> list[Record]:
    """One split's pairs in the order of its table; what is wrong with a row is complained of, and the row left out."""
    missing = [folder / x for x in (place.images, place.masks) if not (folder / x).is_dir()]
    if missing:
        complain(f"{missing[0]}: no such folder; the layout needs it for {split}")
        return []
    table = next((folder / name for name in place.tables if (folder / name).is_file()), None)
    if table is None:
        complain(f"{folder}: no table of prompts for {split}; put one of these there: {', '.join(place.tables)}")
        return []
    images, masks = files[place.images], files[place.masks]
    found: dict[str, Record] = {}
    seen: set[str] = set()
    for row, name, prompt in read_prompts(table, complain):
        stem, where = Path(name).stem.removeprefix("mask_"), f"{table}: row {row}: {name}"
        shared = table.name in SHARED and stem not in images
        if stem in seen:
            complain(f"{where} appears twice; keep one row")
        elif shared and any(stem in known for known in files.values()):
            continue  # the row of a picture in the other folder
        elif stem not in images:
            complain(f"{where} has no picture in {folder / place.images}; add it or delete the row")
        elif stem not in masks:
            complain(f"{where} has no mask in {folder / place.masks}; add it or delete the row")
        else:
            pair = images[stem], masks[stem]
            found[stem] = Record(stem, split, prompt, partial(_load, *pair), pair)
        seen.add(stem)
    if not found:
        complain(f"{table}: no prompt belongs to a picture in {folder / place.images}; names do not pair")
    return list(found.values())


def _by_stem(folder: Path) -> dict[str, Path]:
    """Files by the stem that a picture and its mask share; empty where there is no such folder."""
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return {p.stem.removeprefix("mask_"): p for p in found if p.suffix.lower() in PICTURES and p.is_file()}


def _load(image: Path, mask: Path) -> Pair:
    return read_image(image), read_mask(mask)
