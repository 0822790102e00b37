"""Kvasir-SEG and CVC-ClinicDB: polyps in colonoscopies, as published, and as PraNet's training and test folders."""

from __future__ import annotations

from c2seg_bench.data.folders.folder_source import register_folder
from c2seg_bench.data.folders.layout import TEXT_FOLDERS, Layout, Place, table_names
from c2seg_bench.data.source import SPLITS

TERMS = "research and education only (the dataset's own terms)"
TEXTS = "prompts from MedCLIPSeg's Prompts_Folder or medvlsm's JSON"


def published(images: str, masks: str) -> Layout:
    """All images in one folder; the tables of prompts are the splits."""
    return {split: Place(images, masks, table_names(split, *TEXT_FOLDERS)) for split in SPLITS}


def pranet(name: str) -> list[Layout]:
    """Two splits in folders of their own; a table may list images of the training folder for validation."""
    layouts: list[Layout] = []
    for one, many in (("image", "mask"), ("images", "masks")):
        training = f"TrainDataset/{one}", f"TrainDataset/{many}"
        test = f"TestDataset/{name}/images", f"TestDataset/{name}/masks"
        layouts.append(
            {
                "train": Place(*training, table_names("train", *TEXT_FOLDERS)),
                "val": Place(*training, table_names("val", *TEXT_FOLDERS), optional=True),
                "test": Place(*test, table_names("test", *TEXT_FOLDERS)),
            }
        )
    return layouts


KVASIR = (published("images", "masks"), published("Kvasir-SEG/images", "Kvasir-SEG/masks"), *pranet("Kvasir"))
CLINICDB = (
    published("Original", "Ground Truth"),
    published("PNG/Original", "PNG/Ground Truth"),
    published("TIF/Original", "TIF/Ground Truth"),
    published("images", "masks"),
    *pranet("CVC-ClinicDB"),
)


register_folder(
    KVASIR,
    name="kvasir",
    title="Kvasir-SEG",
    ontology="colonoscopy",
    frame="kvasir",
    licence=TERMS,
    url="https://datasets.simula.no/kvasir-seg/",
    how=f"images and masks from Simula; {TEXTS}; or PraNet's TrainDataset and TestDataset",
    published="kvasir",
    official={"medvlsm": (800, 100, 100), "PraNet": (900, 0, 100)},
)
register_folder(
    CLINICDB,
    name="clinicdb",
    title="CVC-ClinicDB",
    ontology="colonoscopy",
    frame="clinicdb",
    licence=TERMS,
    url="https://polyp.grand-challenge.org/CVCClinicDB/",
    how=f"Original and Ground Truth, tif or png, from the challenge's site; {TEXTS}; or PraNet's folders",
    published="clinicdb",
    official={"medvlsm": (490, 61, 61), "PraNet": (550, 0, 62)},
)
