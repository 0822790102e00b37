"""Sources that read a folder: pictures, masks and rows of tables become records."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from c2seg_bench.data.cache import resized
from c2seg_bench.data.images import read_image
from c2seg_bench.data.layout import Layout, Place
from c2seg_bench.data.mask_files import MASKS
from c2seg_bench.data.masks import RULES, MaskReader
from c2seg_bench.data.names import PICTURES, ByName, find, list_files, stem
from c2seg_bench.data.source import SPLITS, Complain, Pair, Record, how_many, refuse, require_folder, source, thin
from c2seg_bench.data.tables import FORMATS, Row, read_prompts
from c2seg_bench.errors import InputError


@dataclass(frozen=True)
class Options:
    """What suites and `--option` may say of any folder.

    Args:
        train, val, test: keep that many pairs, evenly spaced.
        images, masks: folders below the root instead of the layout's; {split} stands for train, val and test.
        prompts: the table below the root; {split} as above.
        prompt: which of a row's several prompts.
        subject: the tables' column that says of which person a picture is.
        mask_rule: "half" or "lvit"; see `MaskReader`.
    """

    train: int | None = None
    val: int | None = None
    test: int | None = None
    images: str | None = None
    masks: str | None = None
    prompts: str | None = None
    prompt: str | None = None
    subject: str | None = None
    mask_rule: str = "half"

    def __post_init__(self) -> None:
        for split in SPLITS:
            how_many(split, getattr(self, split))
        if self.mask_rule not in RULES:
            raise InputError(f"options: mask_rule: {self.mask_rule!r} is unknown; there are: {', '.join(RULES)}")

    def place(self, split: str, place: Place) -> Place:
        """The layout's place of a split, with folders and table as the options say."""
        own = {key: value.replace("{split}", split) for key in ("images", "masks") if (value := getattr(self, key))}
        if self.prompts:
            own |= {"tables": (self.prompts.replace("{split}", split),), "shared_tables": ()}
        return replace(place, **own)


def register_folder(layouts: Sequence[Layout], **description: Any) -> None:
    """Register a source that reads a folder in the first of the layouts that it has; `description` as of `Source`."""
    name = description["name"]

    def records(root: Path | None, size: int, complain: Complain = refuse, **options: Any) -> list[Record]:
        return read_folder(root, name, layouts, Options(**options), size, complain)

    # the options by name, which `Source.options` lists
    own = [p for p in inspect.signature(records).parameters.values() if p.kind is not p.VAR_KEYWORD]
    known = [p.replace(kind=p.KEYWORD_ONLY) for p in inspect.signature(Options).parameters.values()]
    records.__signature__ = inspect.Signature([*own, *known])  # type: ignore[attr-defined]
    source(**description)(records)


def read_folder(
    root: Path | None, name: str, layouts: Sequence[Layout], options: Options, size: int, complain: Complain
) -> list[Record]:
    """All pairs of a folder in the first of the layouts that it has.

    Names of folders and files are compared without case. What is wrong with a row or a split is complained of, and
    left out.

    Raises:
        InputError: no folder, or in none of the layouts.
    """
    folder = require_folder(root, name)
    layouts = [{split: options.place(split, place) for split, place in layout.items()} for layout in layouts]
    layout = next((x for x in layouts if any(find(folder, place.images) for place in x.values())), None)
    if layout is None:
        wanted = " nor ".join(dict.fromkeys(x["train"].images for x in layouts))
        either = "neither " if " nor " in wanted else "no "
        raise InputError(f"{folder}: {either}{wanted} is in it; give the folder that contains them")
    files = _Files(folder, layout, complain)
    splits = {s: _read_split(folder, s, layout[s], files, options, size, complain) for s in SPLITS if s in layout}
    _refuse_shared([r for records in splits.values() for r in records], complain)
    return [r for split, records in splits.items() for r in thin(records, getattr(options, split))]


class _Files:
    """The pictures and masks of a layout's folders, and the reader of each folder of masks."""

    def __init__(self, folder: Path, layout: Layout, complain: Complain):
        self.images: dict[str, ByName[Path]] = {}
        self.masks: dict[str, ByName[Path]] = {}
        self.readers: dict[str, MaskReader] = {}
        for place in layout.values():
            one_folder = place.images == place.masks
            if place.images not in self.images and (path := find(folder, place.images)):
                self.images[place.images] = list_files(path, PICTURES, complain, False if one_folder else None)
            if place.masks not in self.masks and (path := find(folder, place.masks)):
                masks = list_files(path, MASKS, complain, True if one_folder else None)
                self.masks[place.masks], self.readers[place.masks] = masks, MaskReader(masks.values())

    def elsewhere(self, name: str) -> bool:
        """Whether any folder has a picture or a mask of this name."""
        return any(name in known for known in (*self.images.values(), *self.masks.values()))


def _read_split(
    folder: Path, split: str, place: Place, files: _Files, options: Options, size: int, complain: Complain
) -> list[Record]:
    """One split's pairs in the order of its table."""
    missing = [x for x, known in ((place.images, files.images), (place.masks, files.masks)) if x not in known]
    if missing:
        complain(f"{folder / missing[0]}: no such folder; the layout needs it for {split}")
        return []
    table, shared = _table(folder, place, options, complain)
    if table is None and place.optional:
        return []
    if table is None:
        names = [x for x in place.tables if x.endswith(FORMATS[0])] or list(place.tables)
        complain(f"{folder}: no table of prompts for {split}; put one of these there: {', '.join(names)}")
        return []
    images, masks, reader = files.images[place.images], files.masks[place.masks], files.readers[place.masks]
    records: list[Record] = []
    seen: set[str] = set()
    for row in read_prompts(table, complain, options.prompt, options.subject):
        key, where = images.key(stem(row.name)) or stem(row.name), f"{table}: row {row.number}: {row.name}"
        image, mask = images.get(key), masks.get(key)
        if key in seen:
            complain(f"{where} appears twice; keep one row")
        elif shared and image is None and files.elsewhere(key):
            continue
        elif image is None:
            complain(f"{where} has no picture in {folder / place.images}; add it or delete the row")
        elif mask is None:
            complain(f"{where} has no mask in {folder / place.masks}; add it or delete the row")
        else:
            records.append(_record(key, split, row, (image, mask), reader, options.mask_rule, size))
        seen.add(key)
    if not records:
        complain(f"{table}: no prompt belongs to a picture in {folder / place.images}; names do not pair")
    return records


def _record(
    name: str, split: str, row: Row, files: tuple[Path, Path], reader: MaskReader, rule: str, size: int
) -> Record:
    load = partial(load_pair, *files, reader, rule, size)
    return Record(name, split, row.prompt, load, files, subject=row.subject, reader=reader)


def _table(folder: Path, place: Place, options: Options, complain: Complain) -> tuple[Path | None, bool]:
    """A split's table, and whether it is shared with another; complains of a second one that says something else."""
    for names, shared in ((place.tables, False), (place.shared_tables, True)):
        paths = list(dict.fromkeys(path for x in names if (path := find(folder, x))))
        if len(paths) > 1:
            _refuse_different(paths, options.prompt, complain)
        if paths:
            return paths[0], shared
    return None, False


def _refuse_different(tables: list[Path], which: str | None, complain: Complain) -> None:
    """Complain of tables that differ from the first; what is wrong with that is reported when it is read."""
    first = _content(tables[0], which)
    for other in tables[1:]:
        if first is not None and _content(other, which) != first:
            complain(f"{other}: differs from {tables[0]}, and both are tables of one split; keep one of the two")


def _content(table: Path, which: str | None) -> set[tuple[str, str]] | None:
    """Names and prompts, in no order; None where the table cannot be read."""
    try:
        return {(stem(row.name), row.prompt) for row in read_prompts(table, lambda message: None, which)}
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


def load_pair(image: Path, mask: Path, reader: MaskReader, rule: str, size: int) -> Pair:
    """The pair as `Record.load` gives it: as the files are, or at the cache's size where the rule resizes itself."""
    whole = read_image(image)
    if rule == "half":
        return whole, reader.read(mask)
    return resized((whole, np.empty(whole.shape[:2], np.uint8)), size)[0], reader.read_as_lvit(mask, size)
