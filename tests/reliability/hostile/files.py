"""Fuzzed files of every kind that is read: what is accepted has the shape, type and range that it should have."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np

from tests.reliability.hostile import changes, readers
from tests.reliability.hostile.good_files import (
    TABLE,
    TEXT,
    array,
    colour_pixels,
    grey_pixels,
    image,
    nifti,
    workbook,
)

PROMISE = "A damaged or hostile input is refused in one line, or read as what it is"
PACKAGE = Path(__file__).parents[3] / "metrics" / "consistency"


class FileKind(NamedTuple):
    """A kind of file: a good one, how it is changed, and what reads it."""

    good: bytes
    change: Callable[[bytes, Random], bytes]
    read: Callable[[Path], None]


def tries(folder: Path, number: int = 2000) -> Iterator[tuple[str, Callable[[], Any]]]:
    """As many inputs, evenly over the kinds of files."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = {**image_kinds(), **array_kinds(), **table_kinds(), **text_kinds()}
    for name, kind in kinds.items():  # so that forked processes have loaded what reads them
        if kind.good:
            path = folder / f"good-{name}"
            path.write_bytes(kind.good)
            kind.read(path)
    for i in range(number):
        name, kind = list(kinds.items())[i % len(kinds)]

        def one(i: int = i, name: str = name, kind: FileKind = kind) -> None:
            path = folder / f"input-{name}"
            path.write_bytes(kind.change(kind.good, Random(f"{name} {i}")))
            kind.read(path)

        yield f"{name} {i // len(kinds) + 1}", one


def image_kinds() -> dict[str, FileKind]:
    """Masks and images, by the name of a file."""
    formats: dict[str, tuple[str, dict[str, Any]]] = {
        "png": ("PNG", {}),
        "jpg": ("JPEG", {}),
        "tif": ("TIFF", {"compression": "tiff_lzw"}),
        "bmp": ("BMP", {}),
        "webp": ("WEBP", {}),
    }
    kinds = {}
    for ending, (form, options) in formats.items():
        change = changes.change_png if form == "PNG" else changes.change_bytes
        kinds[f"mask.{ending}"] = FileKind(image(grey_pixels(), form, **options), change, readers.read_mask)
        kinds[f"image.{ending}"] = FileKind(image(colour_pixels(), form, **options), change, readers.read_image)
    return kinds | {"modes.png": FileKind(b"", changes.odd_mode, readers.read_either)}


def array_kinds() -> dict[str, FileKind]:
    """Arrays and volumes, by the name of a file."""
    mask = grey_pixels()
    return {
        "mask.npy": FileKind(array(np.save, mask), changes.change_bytes, readers.read_array),
        "mask.npz": FileKind(array(np.savez_compressed, mask), changes.change_bytes, readers.read_array),
        "mask.nii": FileKind(nifti(mask), changes.change_bytes, readers.read_volume),
        "mask.nii.gz": FileKind(gzip.compress(nifti(mask)), changes.change_unpacked, readers.read_volume),
    }


def table_kinds() -> dict[str, FileKind]:
    """Tables of prompts, by the name of a file."""
    csv = "\n".join(f'{name},"{prompt}"' for name, prompt in TABLE).encode()
    items = [{"image": name, "prompt": prompt} for name, prompt in TABLE[1:]]
    return {
        "table.csv": FileKind(csv, changes.change_bytes, readers.read_table),
        "table.xlsx": FileKind(workbook(TABLE), changes.change_bytes, readers.read_table),
        "parts.xlsx": FileKind(workbook(TABLE), changes.change_part, readers.read_table),
        "table.json": FileKind(json.dumps(items).encode(), changes.change_json, readers.read_table),
    }


def text_kinds() -> dict[str, FileKind]:
    """Frames, ontologies and a prompt, by the name of a file."""
    kinds = {}
    for name in ("qata", "lung-thirds", "thirds"):
        good = (PACKAGE / f"frame/frames/{name}.json").read_bytes()
        kinds[f"frame-{name}.json"] = FileKind(good, changes.change_json, readers.read_frame)
    for name in ("chest", "colonoscopy"):
        good = (PACKAGE / f"reader/ontologies/{name}.json").read_bytes()
        kinds[f"{name}.json"] = FileKind(good, changes.change_json, readers.read_ontology)
    return kinds | {"prompt.txt": FileKind(TEXT.encode(), changes.change_text, readers.read_prompt)}
