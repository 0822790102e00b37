"""Sources that read a folder: images, masks and rows of tables become records."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from c2seg_bench.data.faults import Complain, refuse
from c2seg_bench.data.folders.choose_table import ChosenTable, choose_table, no_pair
from c2seg_bench.data.folders.folder_options import Options
from c2seg_bench.data.folders.layout import Layout, Place
from c2seg_bench.data.folders.splits import take_validation
from c2seg_bench.data.images.image_files import read_image
from c2seg_bench.data.images.resize import resized_image
from c2seg_bench.data.masks.mask_files import MASK_ENDINGS
from c2seg_bench.data.masks.mask_reader import MaskReader
from c2seg_bench.data.names import IMAGE_ENDINGS, ByName, find, list_files, stem
from c2seg_bench.data.source import SPLITS, ImageAndMask, Record, require_folder, source, thin
from c2seg_bench.data.tables.prompt_tables import Row
from c2seg_bench.errors import InputError


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
    layout = _choose_layout(folder, layouts, options)
    files = _Files(folder, layout, options, complain)
    reader = _SplitReader(folder, files, options, size, complain)
    splits = {split: reader.read(split, layout[split]) for split in SPLITS if split in layout}
    _refuse_shared([r for records in splits.values() for r in records], complain)
    if options.validation is not None and splits.get("val"):
        complain(f"options: validation: {folder} has images for val already; leave the option out")
    elif options.validation is not None:
        splits["train"], splits["val"] = take_validation(splits["train"], options.validation)
    return [r for split in SPLITS for r in thin(splits.get(split, []), getattr(options, split))]


def _choose_layout(folder: Path, layouts: Sequence[Layout], options: Options) -> Layout:
    """The first layout of which images and masks exist, else the first of which images do."""
    layouts = [{split: options.place(split, place) for split, place in layout.items()} for layout in layouts]
    whole = (x for x in layouts if any(find(folder, p.images) and find(folder, p.masks) for p in x.values()))
    with_images = (x for x in layouts if any(find(folder, p.images) for p in x.values()))
    layout = next(whole, None) or next(with_images, None)
    if layout is None:
        folders = " nor ".join(dict.fromkeys(x["train"].images for x in layouts))
        either = "neither " if " nor " in folders else "no "
        raise InputError(f"{folder}: {either}{folders} is in it; give the folder that contains them")
    return layout


class _Files:
    """The images and masks of a layout's folders, and the reader of each folder of masks."""

    def __init__(self, folder: Path, layout: Layout, options: Options, complain: Complain):
        self.images: dict[str, ByName[Path]] = {}
        self.masks: dict[str, ByName[Path]] = {}
        self.readers: dict[str, MaskReader] = {}
        image_names, mask_names = options.pattern("image_names"), options.pattern("mask_names")
        for place in layout.values():
            one_folder = place.images == place.masks
            if place.images not in self.images and (path := find(folder, place.images)):
                marked = False if one_folder else None
                self.images[place.images] = list_files(path, IMAGE_ENDINGS, complain, marked, image_names)
            if place.masks not in self.masks and (path := find(folder, place.masks)):
                masks = list_files(path, MASK_ENDINGS, complain, True if one_folder else None, mask_names)
                self.masks[place.masks] = masks
                self.readers[place.masks] = MaskReader(masks.values(), label=options.label)

    def elsewhere(self, name: str) -> bool:
        """Whether any folder has an image or a mask of this name."""
        return any(name in known for known in (*self.images.values(), *self.masks.values()))


@dataclass(frozen=True)
class _SplitReader:
    """Makes records of the rows of a split's table."""

    folder: Path
    files: _Files
    options: Options
    size: int
    complain: Complain

    def read(self, split: str, place: Place) -> list[Record]:
        """One split's pairs in the order of its table."""
        for path, known in ((place.images, self.files.images), (place.masks, self.files.masks)):
            if path not in known:
                self.complain(f"{self.folder / path}: no such folder; the layout needs it for {split}")
                return []
        table = choose_table(self.folder, split, place, self.options, self.complain)
        if table is None:
            return []
        rows = table.rows(self.complain)
        records = self._records(split, place, table, rows)
        if not records and not (split == "val" and not rows):  # PraNet's val tables may be empty
            self.complain(no_pair(table, rows, self.files.images[place.images], self.folder / place.images))
        return records

    def _records(self, split: str, place: Place, table: ChosenTable, rows: list[Row]) -> list[Record]:
        images, masks = self.files.images[place.images], self.files.masks[place.masks]
        reader, records = self.files.readers[place.masks], []
        first: dict[tuple[str, str], Row] = {}  # of each image and mask
        several_masks = _with_several_masks(rows)
        for row in rows:
            key, where = images.key(stem(row.name)) or stem(row.name), f"{table.path}: row {row.number}: {row.name}"
            mask_key = masks.key(stem(row.mask) if row.mask else key) or stem(row.mask) or key
            image, mask = images.get(key), masks.get(mask_key)
            earlier = first.setdefault((key, mask_key), row)
            same_prompt = earlier is not row and earlier.prompt == row.prompt
            if same_prompt or (table.shared and image is None and self.files.elsewhere(key)):
                continue
            if earlier is not row and not self.options.several:
                self.complain(f"{where} appears twice, with another prompt than in row {earlier.number}; keep one row")
            elif image is None:
                self.complain(f"{where} has no image in {self.folder / place.images}; {_hint(images, key)}")
            elif mask is None:
                named = f" (its mask: {row.mask})" if row.mask and stem(row.mask) != key else ""
                self.complain(f"{where}{named} has no mask in {self.folder / place.masks}; {_hint(masks, mask_key)}")
            else:
                name = mask_key if stem(row.name) in several_masks else key
                name = name if earlier is row else f"{name}#{row.number}"
                load = partial(load_pair, image, mask, reader, self.options.mask_rule, self.size)
                files = image, mask
                records.append(Record(name, split, row.prompt, load, files, subject=row.subject, reader=reader))
        return records


def _with_several_masks(rows: Sequence[Row]) -> set[str]:
    """Stems of the images that the table gives several masks."""
    masks: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        masks[stem(row.name)].add(stem(row.mask))
    return {name for name, of_image in masks.items() if len(of_image) > 1}


def _hint(files: ByName[Path], key: str) -> str:
    near = files.near(key)
    return f"{files[near[0]].name} is near; correct the name, or delete the row" if near else "add it or delete the row"


def _refuse_shared(records: list[Record], complain: Complain) -> None:
    """Complain of an image's file in two splits."""
    first: dict[Path, str] = {}
    for record in records:
        image = record.files[0]
        other = first.setdefault(image, record.split)
        if other != record.split:
            complain(f"{image}: has a row in {other} and one in {record.split}; keep one of them")


def load_pair(image: Path, mask: Path, reader: MaskReader, rule: str, size: int) -> ImageAndMask:
    """The pair as `Record.load` gives it: as the files are, or at the cache's size where the rule resizes itself."""
    whole = read_image(image)
    if rule == "half":
        return whole, reader.read(mask)
    return resized_image(whole, size), reader.read_as_lvit(mask, size)
