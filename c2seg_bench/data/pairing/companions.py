"""What goes with each mask that is scored: its prompt, its image, the mask of its lungs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from c2seg_bench.data.images.image_files import read_image
from c2seg_bench.data.masks.mask_files import MASK_ENDINGS
from c2seg_bench.data.masks.mask_reader import MaskReader
from c2seg_bench.data.masks.packed import PackedList
from c2seg_bench.data.names import IMAGE_ENDINGS, ByName, some, stem
from c2seg_bench.data.pairing.list_folder import list_folder
from c2seg_bench.data.tables.prompt_tables import Columns, has_column, other_sheets, read_prompts, without_repetitions
from c2seg_bench.errors import InputError


def prompts_of(names: Sequence[str], prompts: ByName[str], table: Path, columns: Columns) -> list[str]:
    """The prompt of each name, of those that `prompts_by_image` read; InputError if one is missing."""
    missing = [name for name in names if name not in prompts]
    if missing:
        raise InputError(
            f"{table}: no prompt for {len(missing)} of {len(names)} images ({some(missing)}){_near(missing, prompts)}"
            f"{other_sheets(table, columns)}"
        )
    return [prompts[name] for name in names]


def _near(missing: Sequence[str], prompts: ByName[str]) -> str:
    near = [f"{key!r} is near {name}" for name in missing for key in prompts.near(name)[:1]]
    if near:
        return f"; in the table {some(near)}; correct the names, or add a row for each"
    rows = some(map(repr, prompts)) if len(prompts) else "no rows"
    return f"; the table has {rows}; add a row for each"


def prompts_by_image(table: Path, columns: Columns = Columns()) -> ByName[str]:  # noqa: B008
    """Prompts by the stem of the mask, where a column names it, and of the image, where it has one row.

    InputError if an image has two prompts that differ, and no masks that tell them apart.
    """
    rows = without_repetitions(read_prompts(table, columns=columns), table)
    prompts: dict[str, str] = {}
    for row in rows:
        if row.mask and prompts.setdefault(stem(row.mask), row.prompt) != row.prompt:
            raise InputError(f"{table}: row {row.number}: another prompt for the mask {row.mask}; keep one row")
    rows_of = Counter(stem(row.name) for row in rows)
    for row in rows:
        if rows_of[stem(row.name)] == 1:
            prompts.setdefault(stem(row.name), row.prompt)
    return ByName(prompts)


def subjects_of(
    names: Sequence[str],
    groups: str,
    table: Path | None,
    columns: Columns = Columns(),  # noqa: B008
) -> list[str]:
    """The subject of each name, "" where none is known.

    Args:
        names: of the images.
        groups: a column of the table of prompts, or a pattern with one group, such as "(patient[0-9]+)_", that is
            looked for in each name.
        table: of the prompts.
        columns: that are read of it.

    Raises:
        InputError: no such column, not a pattern of one group, or one that no name has.
    """
    if "(" in groups:
        try:
            pattern = re.compile(groups)
        except re.error as e:
            raise InputError(f"--groups {groups}: not a pattern ({e}); write it as in '(patient[0-9]+)_'") from None
        if pattern.groups != 1:
            raise InputError(f"--groups {groups}: {pattern.groups} groups; write one, as in '(patient[0-9]+)_'")
        subjects = [(match[1] or "") if (match := pattern.search(name)) else "" for name in names]
    elif table is None or not has_column(table, groups):
        lacking = "give --prompts with such a column" if table is None else f"{table} has no such column"
        raise InputError(f"--groups {groups}: {lacking}, or give a pattern with one group, as in '(patient[0-9]+)_'")
    else:
        of_image = ByName(
            {stem(row.name): row.subject for row in read_prompts(table, columns=columns._replace(subject=groups))}
        )
        subjects = [of_image.get(name, "") for name in names]
    if not any(subjects):
        raise InputError(f"--groups {groups}: no image has a subject by it ({some(names)})")
    return subjects


class ImageFiles(Sequence[np.ndarray]):
    """Images (H, W, 3) uint8 that are read from their files whenever they are looked at."""

    def __init__(self, paths: Sequence[Path]):
        self._paths = list(paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, i):  # type: ignore[no-untyped-def]  # of an int an image, of a slice more of these
        return ImageFiles(self._paths[i]) if isinstance(i, slice) else read_image(self._paths[i])


def images_of(names: Sequence[str], folder: Path) -> ImageFiles:
    """The image of each mask; the folder may hold more."""
    return ImageFiles(files_of(names, folder, "--images", "image", IMAGE_ENDINGS))


def lungs_of(names: Sequence[str], folder: Path) -> PackedList:
    """The mask (H, W) of bool of each image's lungs, where it is not black; InputError names a file without any."""
    paths = files_of(names, folder, "--lungs", "lung mask", MASK_ENDINGS)
    reader = MaskReader(paths)

    def read(path: Path) -> np.ndarray:
        mask = reader.read_foreground(path).astype(bool)
        if not mask.any():
            raise InputError(f"{path}: no lung in it; give a mask that is not 0 where the lungs are")
        return mask

    return PackedList(map(read, paths))


def files_of(names: Sequence[str], folder: Path, option: str, what: str, endings: tuple[str, ...]) -> list[Path]:
    """The file of each name; InputError if one is missing."""
    files = list_folder(folder, option, endings)
    missing = [name for name in names if name not in files]
    if missing:
        raise InputError(f"{option} {folder}: no {what} for {len(missing)} of {len(names)} masks ({some(missing)})")
    return [files[name] for name in names]
