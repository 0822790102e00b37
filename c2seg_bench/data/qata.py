"""QaTa-COV19 v2 with LViT's texts: chest X-rays, in the folder layout of LViT or of Kaggle."""

from __future__ import annotations

import re
from pathlib import Path

from c2seg_bench.data.layout import Place, Reading, read_folder, tables
from c2seg_bench.data.source import Complain, Record, refuse, source

# LViT's code reads one workbook for both folders, its README speaks of one for each
TOGETHER = tuple(
    f"{folder}{name}"
    for folder in ("Train_Folder/", "Val_Folder/", "")
    for name in ("Train_Val_text.xlsx", "Train_text_for_Covid19.xlsx")
)
LVIT = {
    split: Place(
        f"{split.title()}_Folder/img",
        f"{split.title()}_Folder/labelcol",
        tables(split, f"{split.title()}_Folder", "", more=("Test_text_for_Covid19",) if split == "test" else ()),
        TOGETHER if split != "test" else (),
    )
    for split in ("train", "val", "test")
}
KAGGLE = {
    split: Place(f"{folder}/Images", f"{folder}/Ground-truths", tables(split, "prompt", "prompts", "", folder))
    for split, folder in {"train": "Train Set", "val": "Train Set", "test": "Test Set"}.items()
}


def subject(name: str) -> str | None:
    """S09876 of sub-S09876_ses-E18933_run-1_bp-chest_vp-ap_cr; names such as covid_1 tell nobody."""
    found = re.match(r"sub-(S\d+)_", name)
    return found.group(1) if found else None


def study(name: str) -> str | None:
    """E18933 of sub-S09876_ses-E18933_run-1_bp-chest_vp-ap_cr."""
    found = re.match(r"sub-S\d+_ses-(E\d+)_", name)
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
    study=study,
    official={"LViT": (5716, 1429, 2113)},
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
    return read_folder(root, "qata", (LVIT, KAGGLE), how, complain)
