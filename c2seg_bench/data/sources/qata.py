"""QaTa-COV19 v2 with LViT's texts: chest X-rays, in the folder layout of LViT or of Kaggle."""

from __future__ import annotations

import re

from c2seg_bench.data.folders.folder_source import register_folder
from c2seg_bench.data.folders.layout import Place, languide_layout, lvit_layouts, table_names

KAGGLE = {
    split: Place(f"{folder}/Images", f"{folder}/Ground-truths", table_names(split, "prompt", "prompts", "", folder))
    for split, folder in {"train": "Train Set", "val": "Train Set", "test": "Test Set"}.items()
}


def subject(name: str) -> str | None:
    """S09876 of sub-S09876_ses-E18933_run-1_bp-chest_vp-ap_cr; names such as covid_1 do not say."""
    match = re.match(r"sub-(S\d+)_", name)
    return match.group(1) if match else None


def study(name: str) -> str | None:
    """E18933 of sub-S09876_ses-E18933_run-1_bp-chest_vp-ap_cr."""
    match = re.match(r"sub-S\d+_ses-(E\d+)_", name)
    return match.group(1) if match else None


register_folder(
    # LViT's code reads one workbook for both training folders, its README names one for each
    [
        *lvit_layouts(
            shared=["Train_Val_text.xlsx", "Train_text_for_Covid19.xlsx"], test=["Test_text_for_Covid19.xlsx"]
        ),
        KAGGLE,
        languide_layout(),
    ],
    name="qata",
    title="QaTa-COV19 v2",
    ontology="chest",
    frame="qata",
    licence="the dataset's own terms (research)",
    url="https://www.kaggle.com/datasets/aysendegerli/qatacov19-dataset",
    how="images and masks from Kaggle, texts from LViT's repository; folders as LViT's README or as Kaggle has them",
    published="qata",
    subject=subject,
    study=study,
    official={"LViT": (5716, 1429, 2113)},
)
