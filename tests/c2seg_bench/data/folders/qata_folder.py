"""Tiny folders in QaTa's two layouts, and the real one if it is beside the checkout."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import openpyxl
from PIL import Image

from c2seg_bench.seeding import rng

REAL = Path(__file__).resolve().parents[5] / "shared" / "realdata"
PAIRS = {
    "train": ("covid_1", "sub-S01_ses-E1_run-1"),
    "val": ("covid_3", "sub-S01_ses-E2_run-1"),
    "test": ("covid_10",),
}


def prompt(name: str) -> str:
    return f"Unilateral pulmonary infection, one infected area, upper left lung ({name})"


def pair(name: str, size: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Grey image and mask (0, 255), (size, size) uint8."""
    r = rng("test", name)
    mask = np.zeros((size, size), np.uint8)
    y, x = r.integers(2, size // 2, 2)
    mask[y : y + 12, x : x + 9] = 255
    return r.integers(0, 256, (size, size), dtype=np.uint8), mask


def write_pair(images: Path, masks: Path, name: str) -> None:
    for folder, file, array in ((images, f"{name}.png", pair(name)[0]), (masks, f"mask_{name}.png", pair(name)[1])):
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(array).save(folder / file)


def workbook(path: Path, rows: list[tuple]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def table(names: tuple[str, ...], header: tuple[str, str] = ("Image", "Description")) -> list[tuple]:
    return [header, *((f"mask_{n}.png", prompt(n)) for n in names)]


def lvit(root: Path) -> Path:
    for split, names in PAIRS.items():
        folder = root / f"{split.title()}_Folder"
        for name in names:
            write_pair(folder / "img", folder / "labelcol", name)
        workbook(folder / f"{split.title()}_text.xlsx", table(names))
    return root


def kaggle(root: Path) -> Path:
    for split, names in PAIRS.items():
        folder = root / ("Test Set" if split == "test" else "Train Set")
        for name in names:
            write_pair(folder / "Images", folder / "Ground-truths", name)
        (root / "prompt").mkdir(parents=True, exist_ok=True)
        with open(root / "prompt" / f"{split}.csv", "w", newline="", encoding="utf-8-sig") as f:
            csv.writer(f).writerows(table(names, ("FileName", "TEXT")))
    return root
