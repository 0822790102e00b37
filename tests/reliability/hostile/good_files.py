"""A small good file of every kind that is read, to be changed at random."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image

TEXT = "Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung"
TABLE = [["image", "text"], *([f"{i}.png", f"{TEXT} {i}"] for i in range(4))]


def grey_pixels() -> np.ndarray:
    """A mask, (24, 24) uint8 of 0 and 255."""
    return (np.random.default_rng(0).random((24, 24)) > 0.7).astype(np.uint8) * 255


def colour_pixels() -> np.ndarray:
    """An image, (24, 24, 3) uint8."""
    return np.random.default_rng(1).integers(256, size=(24, 24, 3), dtype=np.uint8)


def image(pixels: np.ndarray, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


def array(save: Callable[..., None], values: np.ndarray) -> bytes:
    file = io.BytesIO()
    save(file, values)
    return file.getvalue()


def nifti(mask: np.ndarray) -> bytes:
    import nibabel

    return nibabel.Nifti1Image(np.stack([mask] * 3, axis=2), np.diag([0.7, 0.7, 2, 1])).to_bytes()


def workbook(rows: list[list[str]]) -> bytes:
    from openpyxl import Workbook

    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()
