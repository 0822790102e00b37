"""Kvasir-SEG and CVC-ClinicDB: polyps in colonoscopies, as published, and as PraNet's training and test folders."""

from __future__ import annotations

from pathlib import Path

from c2seg_bench.data.layout import TEXT_FOLDERS, Layout, Place, Reading, read_folder, tables
from c2seg_bench.data.source import SPLITS, Complain, Record, refuse, source

TERMS = "research and education only (the dataset's own terms)"
TEXTS = "prompts from MedCLIPSeg's Prompts_Folder or medvlsm's JSON"


def published(images: str, masks: str) -> Layout:
    """All pictures in one folder; the tables of prompts are the splits."""
    return {split: Place(images, masks, tables(split, *TEXT_FOLDERS)) for split in SPLITS}


def pranet(name: str) -> list[Layout]:
    """Two splits in folders of their own; a table may list pictures of the training folder for validation."""
    layouts: list[Layout] = []
    for one, many in (("image", "mask"), ("images", "masks")):
        here = f"TrainDataset/{one}", f"TrainDataset/{many}"
        there = f"TestDataset/{name}/images", f"TestDataset/{name}/masks"
        layouts.append(
            {
                "train": Place(*here, tables("train", *TEXT_FOLDERS)),
                "val": Place(*here, tables("val", *TEXT_FOLDERS), optional=True),
                "test": Place(*there, tables("test", *TEXT_FOLDERS)),
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


@source(
    name="kvasir",
    title="Kvasir-SEG",
    ontology="colonoscopy",
    frame="kvasir",
    licence=TERMS,
    url="https://datasets.simula.no/kvasir-seg/",
    how=f"pictures and masks from Simula; {TEXTS}; or PraNet's TrainDataset and TestDataset",
    published="kvasir",
    official={"medvlsm": (800, 100, 100), "PraNet": (900, 0, 100)},
)
def kvasir(
    root: Path | None,
    size: int,
    train: int | None = None,
    val: int | None = None,
    test: int | None = None,
    prompt: str | None = None,
    mask_rule: str = "half",
    complain: Complain = refuse,
) -> list[Record]:
    """All pairs; `train`, `val` and `test` keep that many, evenly spaced; `prompt` chooses among a row's several."""
    how = Reading({"train": train, "val": val, "test": test}, size, mask_rule, prompt)
    return read_folder(root, "kvasir", KVASIR, how, complain)


@source(
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
def clinicdb(
    root: Path | None,
    size: int,
    train: int | None = None,
    val: int | None = None,
    test: int | None = None,
    prompt: str | None = None,
    mask_rule: str = "half",
    complain: Complain = refuse,
) -> list[Record]:
    """All pairs; `train`, `val` and `test` keep that many, evenly spaced; `prompt` chooses among a row's several."""
    how = Reading({"train": train, "val": val, "test": test}, size, mask_rule, prompt)
    return read_folder(root, "clinicdb", CLINICDB, how, complain)
