"""MosMedData+ with LViT's texts: slices of chest CT, in LViT's folders or as Kaggle's frames and masks."""

from __future__ import annotations

from c2seg_bench.data.folders.folder_source import register_folder
from c2seg_bench.data.folders.layout import TEXT_FOLDERS, Place, languide_layout, lvit_layouts, table_names
from c2seg_bench.data.source import SPLITS

KAGGLE = {
    split: Place("frames", "masks", table_names(split, *TEXT_FOLDERS, more=(f"{split.title()}_text_MosMedData+",)))
    for split in SPLITS
}


def study(name: str) -> str | None:
    """The scan that a slice is of: Jun_coronacases_case10 of Jun_coronacases_case10_104."""
    scan, _, number = name.rpartition("_")
    return scan if scan and number.isdigit() else None


register_folder(
    [*lvit_layouts(["{split}_text_MosMedData+"], ["Train_Val_text.xlsx"]), KAGGLE, languide_layout()],
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
