"""Folders as people have them: where a split's pictures, masks and prompts lie, and which of them make a pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from c2seg_bench.data.cache import resized
from c2seg_bench.data.images import read_image
from c2seg_bench.data.masks import RULES, read_mask
from c2seg_bench.data.names import Files, by_stem, find, stem
from c2seg_bench.data.source import SPLITS, Complain, Pair, Record, how_many, require_folder, thin
from c2seg_bench.data.tables import FORMATS, read_prompts
from c2seg_bench.errors import InputError

TEXT_FOLDERS = ("", "Prompts_Folder", "prompts", "prompt", "anns")


@dataclass(frozen=True)
class Place:
    """Where a split's pictures, masks and table lie, below the root; several tables must say the same.

    `together` are tables that other splits share: their rows of pictures that lie elsewhere are passed over. A split
    that is `optional` is empty where it has no table.
    """

    images: str
    masks: str
    tables: tuple[str, ...]
    together: tuple[str, ...] = ()
    optional: bool = False


Layout = Mapping[str, Place]  # by split


@dataclass(frozen=True)
class Reading:
    """How a folder is read: how many pairs to keep of each split, the cache's side, the masks' rule, which prompt."""

    keep: Mapping[str, int | None]
    size: int
    mask_rule: str = "half"
    prompt: str | None = None


def tables(split: str, *folders: str, more: Sequence[str] = ()) -> tuple[str, ...]:
    """The names that a split's prompts go by, in each of these folders.

    LViT's workbooks (Train_text.xlsx), MedCLIPSeg's Prompts_Folder with the same names, medvlsm's anns/train.json, and
    plain train.csv; `more` are names of a dataset's own, without their ending.
    """
    stems = (f"{split.title()}_text", split, *more)
    return tuple(f"{folder}/{stem}{ending}".lstrip("/") for folder in folders for stem in stems for ending in FORMATS)


def read_folder(
    root: Path | None, name: str, layouts: Sequence[Layout], how: Reading, complain: Complain
) -> list[Record]:
    """All pairs of a folder in the first of the layouts that it has.

    Names of folders and files are compared without case. What is wrong with a row or a split is complained of, and
    left out.

    Raises:
        InputError: no folder, in none of the layouts, or an option that is no number or no rule.
    """
    folder = require_folder(root, name)
    for split, n in how.keep.items():
        how_many(split, n)
    if how.mask_rule not in RULES:
        raise InputError(f"options: mask_rule: {how.mask_rule!r} is unknown; there are: {', '.join(RULES)}")
    layout = next((x for x in layouts if any(find(folder, place.images) for place in x.values())), None)
    if layout is None:
        wanted = " nor ".join(x["train"].images for x in layouts)
        either = "neither " if len(layouts) > 1 else "no "
        raise InputError(f"{folder}: {either}{wanted} is in it; give the folder that holds them")
    places = sorted({x for place in layout.values() for x in (place.images, place.masks)})
    files = {x: Files(by_stem(find(folder, x), complain)) for x in places}
    splits = {s: _split(folder, s, layout[s], files, how, complain) for s in SPLITS if s in layout}
    _refuse_shared([r for records in splits.values() for r in records], complain)
    return [r for split, records in splits.items() for r in thin(records, how.keep.get(split))]


def _split(
    folder: Path, split: str, place: Place, files: Mapping[str, Files], how: Reading, complain: Complain
) -> list[Record]:
    """One split's pairs in the order of its table."""
    missing = [folder / x for x in (place.images, place.masks) if not find(folder, x)]
    if missing:
        complain(f"{missing[0]}: no such folder; the layout needs it for {split}")
        return []
    table, shared = _table(folder, place, how, complain)
    if table is None and place.optional:
        return []
    if table is None:
        named = [x for x in place.tables if x.endswith(FORMATS[0])]
        complain(f"{folder}: no table of prompts for {split}; put one of these there: {', '.join(named)}")
        return []
    images, masks = files[place.images], files[place.masks]
    found: list[Record] = []
    seen: set[str] = set()
    for row, name, prompt in read_prompts(table, complain, how.prompt):
        key, where = stem(name), f"{table}: row {row}: {name}"
        image = images.get(key)
        key = stem(image.name) if image else key
        mask = masks.get(key)
        if key in seen:
            complain(f"{where} appears twice; keep one row")
        elif shared and image is None and any(known.get(key) for known in files.values()):
            continue  # the row of a picture in another split's folder
        elif image is None:
            complain(f"{where} has no picture in {folder / place.images}; add it or delete the row")
        elif mask is None:
            complain(f"{where} has no mask in {folder / place.masks}; add it or delete the row")
        else:
            pair = image, mask
            found.append(Record(key, split, prompt, partial(load, *pair, how.mask_rule, how.size), pair))
        seen.add(key)
    if not found:
        complain(f"{table}: no prompt belongs to a picture in {folder / place.images}; names do not pair")
    return found


def _table(folder: Path, place: Place, how: Reading, complain: Complain) -> tuple[Path | None, bool]:
    """A split's table, and whether it is shared with another; complains of a second one that says something else."""
    for names, shared in ((place.tables, False), (place.together, True)):
        there = list(dict.fromkeys(path for x in names if (path := find(folder, x))))
        if len(there) > 1:
            _refuse_different(there, how.prompt, complain)
        if there:
            return there[0], shared
    return None, False


def _refuse_different(tables: list[Path], which: str | None, complain: Complain) -> None:
    """Complain of tables that say something else than the first. What is wrong with that is told when it is read."""
    first = _rows(tables[0], which)
    for other in tables[1:]:
        if first is not None and _rows(other, which) != first:
            complain(f"{other}: differs from {tables[0]}, and both are tables of one split; keep one of the two")


def _rows(table: Path, which: str | None) -> set[tuple[str, str]] | None:
    """What a table says, in no order; None where it cannot be read."""
    try:
        return {(stem(name), prompt) for _, name, prompt in read_prompts(table, lambda message: None, which)}
    except InputError:
        return None


def _refuse_shared(records: list[Record], complain: Complain) -> None:
    """Complain of a picture's file in two splits."""
    first: dict[Path, str] = {}
    for record in records:
        picture = record.files[0]
        other = first.setdefault(picture, record.split)
        if other != record.split:
            complain(f"{picture}: has a row in {other} and one in {record.split}; keep one of them")


def load(image: Path, mask: Path, rule: str, size: int) -> Pair:
    """The pair as `Record.load` gives it: as the files are, or at the cache's size where the rule resizes itself."""
    if rule == "half":
        return read_image(image), read_mask(mask)
    whole = read_image(image)
    return resized((whole, np.empty(whole.shape[:2], np.uint8)), size)[0], read_mask(mask, rule, size)
