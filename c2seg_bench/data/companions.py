"""What goes with each mask that is scored: its prompt, its picture, the mask of its lungs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from c2seg_bench.data.images import read_image
from c2seg_bench.data.mask_files import MASKS
from c2seg_bench.data.masks import MaskReader
from c2seg_bench.data.names import PICTURES, ByName, some, stem
from c2seg_bench.data.pairs import list_folder
from c2seg_bench.data.tables import read_prompts
from c2seg_bench.errors import InputError


def prompts_of(names: Sequence[str], table: Path) -> list[str]:
    """The prompt of each name; InputError where one is missing, or an image has two that differ."""
    prompts = prompts_by_image(table)
    missing = [name for name in names if name not in prompts]
    if missing:
        raise InputError(
            f"{table}: no prompt for {len(missing)} of {len(names)} images ({some(missing)}){_near(missing, prompts)}"
        )
    return [prompts[name] for name in names]


def _near(missing: Sequence[str], prompts: ByName[str]) -> str:
    near = [f"{key!r} is near {name}" for name in missing for key in prompts.near(name)[:1]]
    if near:
        return f"; in the table {some(near)}; correct the names, or add a row for each"
    return f"; the table has {some(map(repr, prompts))}; add a row for each"


def prompts_by_image(table: Path) -> ByName[str]:
    """Prompts by the image's stem; InputError where an image has two that differ."""
    found: dict[str, tuple[int, str]] = {}
    for row in read_prompts(table):
        key = stem(row.name)
        before, other = found.setdefault(key, (row.number, row.prompt))
        if other != row.prompt:
            raise InputError(f"{table}: rows {before} and {row.number} give two prompts for {key}; keep one")
    return ByName({key: text for key, (_, text) in found.items()})


def pictures_of(names: Sequence[str], folder: Path) -> list[np.ndarray]:
    """The picture (H, W, 3) uint8 of each mask; the folder may hold more."""
    return [read_image(path) for path in files_of(names, folder, "--images", "picture", PICTURES)]


def lungs_of(names: Sequence[str], folder: Path) -> list[np.ndarray]:
    """The mask (H, W) of bool of each picture's lungs, where it is not black; InputError names a file without any."""
    paths = files_of(names, folder, "--lungs", "lung mask", MASKS)
    reader = MaskReader(paths)
    masks = [reader.read_foreground(path).astype(bool) for path in paths]
    for path, mask in zip(paths, masks, strict=True):
        if not mask.any():
            raise InputError(f"{path}: no lung in it; give a mask that is not 0 where the lungs are")
    return masks


def files_of(names: Sequence[str], folder: Path, option: str, what: str, endings: tuple[str, ...]) -> list[Path]:
    """The file of each name; InputError where one is missing."""
    files = list_folder(folder, option, endings)
    missing = [name for name in names if name not in files]
    if missing:
        raise InputError(f"{option} {folder}: no {what} for {len(missing)} of {len(names)} masks ({some(missing)})")
    return [files[name] for name in names]
