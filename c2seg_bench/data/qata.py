"""QaTa-COV19 v2 with LViT's texts: chest X-rays, in the folder layout of LViT or of Kaggle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from c2seg_bench.data.images import read_image, read_mask
from c2seg_bench.data.source import Pair, Record, require_folder, source, thin
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
        tuple(f"{folder}{name}" for folder in (f"{split.title()}_Folder/", "") for name in names),
    )
    for split, names in {
        "train": ("Train_text.xlsx", *SHARED),
        "val": ("Val_text.xlsx", *SHARED),
        "test": ("Test_text.xlsx", "Test_text_for_Covid19.xlsx"),
    }.items()
}
KAGGLE = {
    split: Layout(f"{folder}/Images", f"{folder}/Ground-truths", (f"prompt/{split}.csv",))
    for split, folder in {"train": "Train Set", "val": "Train Set", "test": "Test Set"}.items()
}


@source(
    name="qata",
    title="QaTa-COV19 v2",
    ontology="chest",
    frame="qata",
    licence="the dataset's own terms (research)",
    url="https://www.kaggle.com/datasets/aysendegerli/qatacov19-dataset",
    how="pictures and masks from Kaggle, texts from LViT's repository; folders as LViT's README or as Kaggle has them",
    published="qata",
)
def records(
    root: Path | None, size: int, train: int | None = None, val: int | None = None, test: int | None = None
) -> list[Record]:
    """All pairs of a folder in either layout; `train`, `val` and `test` keep that many, evenly spaced."""
    folder = require_folder(root, "qata")
    layout = next((x for x in (LVIT, KAGGLE) if (folder / x["train"].images).is_dir()), None)
    if layout is None:
        raise InputError(f"{folder}: neither {LVIT['train'].images} nor {KAGGLE['train'].images} is in it; see datasets list")
    keep = {"train": train, "val": val, "test": test}
    return [record for split, place in layout.items() for record in thin(_split(folder, split, place), keep[split])]


def _split(folder: Path, split: str, place: Layout) -> list[Record]:
    table = next((folder / name for name in place.tables if (folder / name).is_file()), None)
    if table is None:
        raise InputError(f"{folder}: no table of prompts for {split}: looked for {', '.join(place.tables)}")
    images, masks = (_by_stem(folder / x) for x in (place.images, place.masks))
    found, seen = [], set()
    for row, (name, prompt) in enumerate(read_prompts(table), start=2):
        stem = Path(name).stem.removeprefix("mask_")
        if stem in seen:
            raise InputError(f"{table}: row {row}: {name} appears twice; keep one row")
        seen.add(stem)
        if stem not in images or stem not in masks:
            if table.name in SHARED and stem not in images:
                continue  # the row of a picture in the other folder
            kind, where = ("picture", place.images) if stem not in images else ("mask", place.masks)
            raise InputError(f"{table}: row {row}: {name} has no {kind} in {folder / where}; add it or delete the row")
        found.append(Record(stem, split, prompt, partial(_load, images[stem], masks[stem])))
    if not found:
        raise InputError(f"{table}: no prompt belongs to a picture in {folder / place.images}; names do not pair")
    return found


def _by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; the layout needs it")
    files: Iterable[Path] = (p for p in sorted(folder.iterdir()) if p.suffix.lower() in PICTURES)
    return {p.stem.removeprefix("mask_"): p for p in files}


def _load(image: Path, mask: Path) -> Pair:
    return read_image(image), read_mask(mask)
