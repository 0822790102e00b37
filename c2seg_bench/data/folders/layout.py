"""Where a split's images, masks and tables of prompts are in a dataset folder, and under which names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from c2seg_bench.data.tables.table_files import FORMATS

SPLIT_NAMES = {  # of each split in file names and in columns
    "train": ("train", "training"),
    "val": ("val", "valid", "validation", "dev"),
    "test": ("test", "testing"),
}
TITLES = {split: split.title() for split in SPLIT_NAMES}
TEXT_FOLDERS = ("", "Prompts_Folder", "prompts", "prompt", "anns")


@dataclass(frozen=True)
class Place:
    """Where one split is, below the root.

    Args:
        images, masks: folders.
        tables: of prompts, the first that exists; all that exist must say the same.
        other_tables: taken where none of `tables` exists. Other splits may use them too, and rows whose images lie in
            another split's folder are left to that.
        optional: the split is empty where it has no table.
    """

    images: str
    masks: str
    tables: tuple[str, ...]
    other_tables: tuple[str, ...] = ()
    optional: bool = False


Layout = Mapping[str, Place]  # by split


def table_names(split: str, *folders: str, more: Sequence[str] = ()) -> tuple[str, ...]:
    """The names that a split's prompts go by, in each of these folders.

    LViT's workbooks (Train_text.xlsx), MedCLIPSeg's Prompts_Folder with the same names, medvlsm's anns/train.json, and
    plain train.csv; `more` are names of a dataset's own, without their ending.
    """
    first, *others = ((f"{word.title()}_text", word) for word in SPLIT_NAMES[split])
    stems = [*first, *more, *(name for names in others for name in names)]
    return tuple(f"{folder}/{stem}{ending}".lstrip("/") for folder in folders for stem in stems for ending in FORMATS)


def whole_table_names(*folders: str) -> tuple[str, ...]:
    """The names of a table that has all splits, and a column that says which."""
    stems = ("prompts", "texts", "text", "metadata", "dataset", "data")
    return tuple(f"{folder}/{stem}{ending}".lstrip("/") for folder in folders for stem in stems for ending in FORMATS)


def lvit_layouts(more: Sequence[str] = (), shared: Sequence[str] = (), test: Sequence[str] = ()) -> list[Layout]:
    """Train_Folder/img with labelcol (MedCLIPSeg: label), the workbook in the same folder or beside it.

    Args:
        more: names of a dataset's own workbooks, without ending; {split} stands for Train, Val and Test.
        shared: workbooks that train and val may share.
        test: workbooks of test alone.
    """
    return [
        {
            split: Place(
                f"{title}_Folder/img",
                f"{title}_Folder/{masks}",
                table_names(
                    split, f"{title}_Folder", *TEXT_FOLDERS, more=[name.replace("{split}", title) for name in more]
                ),
                _other_tables(split, test if split == "test" else shared),
            )
            for split, title in TITLES.items()
        }
        for masks in ("labelcol", "label")
    ]


def languide_layout() -> Layout:
    """Train/Images with GTs, of LanGuideMedSeg and MMI-UNet; validation images are in Train."""
    folders = {"train": "Train", "val": "Train", "test": "Test"}
    return {
        split: Place(f"{folder}/Images", f"{folder}/GTs", table_names(split, "prompt", "prompts", "", folder))
        for split, folder in folders.items()
    }


def _other_tables(split: str, names: Sequence[str]) -> tuple[str, ...]:
    """These workbooks in any folder of the split, and MedCLIPSeg's Test_text_original.xlsx."""
    folders = ("Test_Folder/", "") if split == "test" else ("Train_Folder/", "Val_Folder/", "")
    original = [f"{folder}{TITLES[split]}_text_original.xlsx" for folder in (f"{TITLES[split]}_Folder/", "")]
    return (*(f"{folder}{name}" for folder in folders for name in names), *original)
