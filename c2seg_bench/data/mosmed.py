"""MosMedData+ with LViT's texts: slices of chest CT, in LViT's folders or as Kaggle's frames and masks."""

from __future__ import annotations

from pathlib import Path

from c2seg_bench.data.layout import TEXT_FOLDERS, Place, Reading, read_folder, tables
from c2seg_bench.data.source import SPLITS, Complain, Record, refuse, source

LVIT = {
    split: Place(
        f"{split.title()}_Folder/img",
        f"{split.title()}_Folder/labelcol",
        tables(split, f"{split.title()}_Folder", *TEXT_FOLDERS, more=(f"{split.title()}_text_MosMedData+",)),
        ("Train_Val_text.xlsx", "Train_Folder/Train_Val_text.xlsx") if split != "test" else (),
    )
    for split in SPLITS
}
KAGGLE = {
    split: Place("frames", "masks", tables(split, *TEXT_FOLDERS, more=(f"{split.title()}_text_MosMedData+",)))
    for split in SPLITS
}


def study(name: str) -> str | None:
    """The scan that a slice is of: Jun_coronacases_case10 of Jun_coronacases_case10_104."""
    scan, _, number = name.rpartition("_")
    return scan if scan and number.isdigit() else None


@source(
    name="mosmed",
    title="MosMedData+",
    ontology="chest",
    frame="thirds",
    licence="CC BY-NC-ND 3.0 (MosMedData) and the other scans' own terms (research)",
    url="https://www.kaggle.com/datasets/maedemaftouni/covid19-ct-scan-lesion-segmentation-dataset",
    how="frames and masks from Kaggle, texts and splits from LViT's repository; LViT's folders, or frames and masks "
    "beside the workbooks",
    published="mosmed",
    study=study,
    official={"LViT": (2183, 273, 273)},
)
def records(
    root: Path | None,
    size: int,
    train: int | None = None,
    val: int | None = None,
    test: int | None = None,
    mask_rule: str = "half",
    complain: Complain = refuse,
) -> list[Record]:
    """All pairs of a folder in either layout; `train`, `val` and `test` keep that many, evenly spaced."""
    how = Reading({"train": train, "val": val, "test": test}, size, mask_rule)
    return read_folder(root, "mosmed", (LVIT, KAGGLE), how, complain)
