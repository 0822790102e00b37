"""What a dataset is: a `Source` that lists `Record`s. One module per layout registers itself with `@source`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from baselines.plugins import Registry, unknown_name
from c2seg_bench.data.faults import Complain
from c2seg_bench.errors import InputError
from c2seg_bench.files import user_path
from c2seg_bench.files.bounds import SPLIT_IMAGES

if TYPE_CHECKING:
    from c2seg_bench.data.masks.mask_reader import MaskReader

ImageAndMask = tuple[np.ndarray, np.ndarray]  # (H, W, 3) uint8, and (H, W) uint8 of 0 and 1
SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Record:
    """One image with its mask and prompt; the pixels are read when `load` is called.

    `files` are the image's and the mask's, where there are any: a change in them makes a cache stale. `subject` is
    the person that the image is of, "" where that is not known. `reader` reads the mask's file.
    """

    name: str
    split: str
    prompt: str
    load: Callable[[], ImageAndMask]
    files: tuple[Path, ...] = ()
    subject: str = ""
    reader: MaskReader | None = None


@dataclass(frozen=True)
class Source:
    """A dataset layout.

    Args:
        name: in suites and on the command line.
        title, licence, url: for people; `how` says in one line how to get it.
        ontology, frame: how its prompts are read and where its cells lie.
        published: the dataset's key in the paper's tables, or None.
        records: `records(root, size=..., **options)` lists all pairs; `root` is None for what is generated. `size` is
            the side that the cache will have: what is drawn is drawn at that size. One that reads a folder takes
            `complain` as well, and continues after a complaint.
        needs_root: whether a folder must be given.
        subject: the person that an image's name says it is of, or None if it does not say.
        study: the study or case (one scan of many slices) that an image's name says it is of, or None.
        official: (train, val, test) counts of the splits in use, by the name of each; empty: not known.
    """

    name: str
    title: str
    ontology: str
    frame: str
    licence: str
    url: str
    how: str
    published: str | None
    records: Callable[..., list[Record]]
    needs_root: bool = True
    subject: Callable[[str], str | None] = lambda name: None
    study: Callable[[str], str | None] = lambda name: None
    official: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)

    @property
    def options(self) -> list[str]:
        """What `records` takes from a suite file or the command line."""
        return [o for o in inspect.signature(self.records).parameters if o not in ("root", "size", "complain")]

    def check_options(self, options: Iterable[str]) -> None:
        """InputError if the source does not take one of these."""
        for option in options:
            if option not in self.options:
                raise InputError(f"{self.name}: options: {unknown_name('option', option, self.options)}")

    def all_records(
        self, root: Path | None, size: int, complain: Complain | None = None, **options: Any
    ) -> list[Record]:
        """All pairs, with the subjects that their names say where no table does.

        Args:
            complain: gets a line for every fault in a folder; None: the first one raises InputError.
        """
        self.check_options(options)
        if complain is not None and "complain" in inspect.signature(self.records).parameters:
            options["complain"] = complain
        records = self.records(root, size=size, **options)
        return [r if r.subject else replace(r, subject=self.subject(r.name) or "") for r in records]


SOURCES: Registry[Source] = Registry(
    "dataset source", "c2seg_bench.data.sources", plugins="c2seg_bench.sources", error=InputError
)


def source(**description: Any) -> Callable[[Callable[..., list[Record]]], Callable[..., list[Record]]]:
    """Decorator of a `records` function: register the source. `description` has the other arguments of `Source`."""

    def register(records: Callable[..., list[Record]]) -> Callable[..., list[Record]]:
        SOURCES.add(description["name"], Source(records=records, **description), records)
        return records

    return register


def list_records(name: str, root: str | Path | None, size: int, **options: Any) -> list[Record]:
    """All pairs of a source. InputError if an option is unknown, the folder is wrong, or there are no pairs."""
    source = SOURCES[name]
    folder = user_path(root, "root") if root is not None else None
    records = source.all_records(folder, size, **options)
    if not records:
        raise InputError(f"{folder or name}: no pairs; {source.how}")
    return records


def how_many(option: str, n: Any) -> None:
    """InputError unless n is None or a whole number from 1 to `SPLIT_IMAGES`."""
    if n is None:
        return
    if not isinstance(n, int) or isinstance(n, bool) or n < 1:
        raise InputError(f"options: {option}: {n!r} images; give a whole number, 1 or more")
    if n > SPLIT_IMAGES:
        raise InputError(f"options: {option}: more than {SPLIT_IMAGES:,} images; give fewer")


def thin(records: list[Any], n: int | None) -> list[Any]:
    """n of them, evenly spaced over the list; all where n is None or too large."""
    if n is None or n >= len(records):
        return records
    return [records[i * len(records) // n] for i in range(n)]


def require_folder(root: Path | None, name: str) -> Path:
    """The root as an existing folder, or an InputError that says what to give."""
    if root is None:
        raise InputError(f"{name}: root: a folder is needed; see c2seg-bench datasets list")
    if not root.is_dir():
        raise InputError(f"{root}: no such folder; give the folder with the images of {name}")
    return root
