"""Folders as people have them: where a split's pictures, masks and prompts lie, and which of them make a pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from c2seg_bench.data.cache import resized
from c2seg_bench.data.images import RULES, read_image, read_mask
from c2seg_bench.data.source import SPLITS, Complain, Pair, Record, how_many, refuse, require_folder, thin
from c2seg_bench.data.tables import FORMATS, read_prompts
from c2seg_bench.errors import InputError

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
TEXT_FOLDERS = ("", "Prompts_Folder", "prompts", "prompt", "anns")


@dataclass(frozen=True)
class Place:
    """Where a split's pictures, masks and table lie, below the root; of several tables the first that exists is taken.

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
    stems = {x: by_stem(find(folder, x), complain) for x in places}
    found: list[Record] = []
    for split in (s for s in SPLITS if s in layout):
        found += thin(_split(folder, split, layout[split], stems, how, complain), how.keep.get(split))
    return found


def find(folder: Path, relative: str) -> Path | None:
    """folder/relative, names compared without case; None where there is no such thing."""
    here = folder
    for part in Path(relative).parts:
        exact = here / part
        if not exact.exists():
            same = [p for p in here.iterdir() if p.name.lower() == part.lower()] if here.is_dir() else []
            if not same:
                return None
            exact = min(same)
        here = exact
    return here


def by_stem(folder: Path | None, complain: Complain = refuse) -> dict[str, Path]:
    """Pictures by the stem that a picture and its mask share; empty where there is no such folder."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder is not None and folder.is_dir() else []:
        if path.suffix.lower() in PICTURES and path.is_file():
            first = found.setdefault(stem(path.name), path)
            if first != path:
                complain(f"{path}: {first.name} lies beside it; one picture, two files: delete one")
    return found


def stem(name: str) -> str:
    """covid_1 of mask_covid_1.png: what a picture, its mask and its row in a table have in common."""
    return Path(name).stem.removeprefix("mask_")


def _split(
    folder: Path, split: str, place: Place, files: dict[str, dict[str, Path]], how: Reading, complain: Complain
) -> list[Record]:
    """One split's pairs in the order of its table."""
    missing = [folder / x for x in (place.images, place.masks) if not find(folder, x)]
    if missing:
        complain(f"{missing[0]}: no such folder; the layout needs it for {split}")
        return []
    table = next((path for x in (*place.tables, *place.together) if (path := find(folder, x))), None)
    if table is None and place.optional:
        return []
    if table is None:
        named = [x for x in place.tables if x.endswith(FORMATS[0])]
        complain(f"{folder}: no table of prompts for {split}; put one of these there: {', '.join(named)}")
        return []
    shared = any(table == find(folder, x) for x in place.together)
    images, masks = files[place.images], files[place.masks]
    found: dict[str, Record] = {}
    seen: set[str] = set()
    for row, name, prompt in read_prompts(table, complain, how.prompt):
        key, where = stem(name), f"{table}: row {row}: {name}"
        if key in seen:
            complain(f"{where} appears twice; keep one row")
        elif shared and key not in images and any(key in known for known in files.values()):
            continue  # the row of a picture in another split's folder
        elif key not in images:
            complain(f"{where} has no picture in {folder / place.images}; add it or delete the row")
        elif key not in masks:
            complain(f"{where} has no mask in {folder / place.masks}; add it or delete the row")
        else:
            pair = images[key], masks[key]
            found[key] = Record(key, split, prompt, partial(load, *pair, how.mask_rule, how.size), pair)
        seen.add(key)
    if not found:
        complain(f"{table}: no prompt belongs to a picture in {folder / place.images}; names do not pair")
    return list(found.values())


def load(image: Path, mask: Path, rule: str, size: int) -> Pair:
    """The pair as `Record.load` gives it: as the files are, or at the cache's size where the rule resizes itself."""
    if rule == "half":
        return read_image(image), read_mask(mask)
    whole = read_image(image)
    return resized((whole, np.empty(whole.shape[:2], np.uint8)), size)[0], read_mask(mask, rule, size)
