"""The one rule of names: which image, mask and row of a table belong together.

They do if their names are the same without folder, known ending and a mask's mark (`mask_`, ISIC's `_segmentation`).
A name is looked up as it is; only where nothing has it, case, runs of spaces and the two ways to encode an accented
letter make no difference. Where files are named otherwise, a template such as {name}_pred says how.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Generic, TypeVar

from c2seg_bench.errors import InputError

IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
ARRAY_ENDINGS = (".npy", ".npz")
VOLUME_ENDINGS = (".nii.gz", ".nii")
OTHER_ENDINGS = (".gif", ".dcm", ".jfif")  # of names in tables whose images were converted since
ENDINGS = (*IMAGE_ENDINGS, *ARRAY_ENDINGS, *VOLUME_ENDINGS, *OTHER_ENDINGS)
MARK = re.compile("^mask_|_segmentation$", re.IGNORECASE)  # of a mask's file
NAMES_SHOWN = 3  # names given as examples in a message

T = TypeVar("T")


def stem(name: str) -> str:
    """covid_1 of labelcol/mask_covid_1.png: what an image, its mask and its row in a table have in common.

    Only a known ending is cut: that of s.0.1 is a part of the name.
    """
    return MARK.sub("", without_ending(name))


def without_ending(name: str) -> str:
    """The name without folders and a known ending."""
    file = Path(name).name
    ending = next((e for e in ENDINGS if file.lower().endswith(e) and len(file) > len(e)), "")
    return file[: len(file) - len(ending)]


def name_pattern(template: str, option: str) -> re.Pattern[str]:
    """What matches a file's name without its ending, group 1 being the name that pairs; InputError names the option."""
    before, brace, after = template.partition("{name}")
    if not brace or "{name}" in after:
        raise InputError(f"{option} {template}: give {{name}} once, such as {{name}}_pred")
    return re.compile(f"{re.escape(before)}(.+){re.escape(after)}", re.IGNORECASE | re.DOTALL)


def fold(key: str) -> str:
    """The key without case, with single spaces, in NFC: macOS takes an accented letter apart in a file's name."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", key).lower())


class ByName(Mapping[str, T], Generic[T]):
    """Things by stem, for a name as it is, or where nothing has it, for the only one that `fold` makes the same."""

    def __init__(self, known: Mapping[str, T]) -> None:
        self._known = dict(known)
        self._alike: dict[str, list[str]] = defaultdict(list)
        for key in self._known:
            self._alike[fold(key)].append(key)

    def key(self, name: str) -> str | None:
        """The key that a name means; None if there is none, or several that are only alike."""
        if name in self._known:
            return name
        alike = self._alike.get(fold(name), [])
        if not alike and re.fullmatch(r"\d+\.0", name):  # a number that a spreadsheet made of the name 1
            alike = self._alike.get(name[:-2], [])
        return alike[0] if len(alike) == 1 else None

    def near(self, name: str) -> list[str]:
        """Keys that nearly match, best first; for messages."""
        folded = fold(name)
        same_number = [k for k in self._alike if folded.isdecimal() and k.isdecimal() and int(k) == int(folded)]
        close = get_close_matches(folded, self._alike, n=NAMES_SHOWN)
        return [self._alike[key][0] for key in dict.fromkeys([*same_number, *close])]

    def __getitem__(self, name: str) -> T:
        key = self.key(name)
        if key is None:
            raise KeyError(name)
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def list_files(
    folder: Path,
    endings: tuple[str, ...],
    complain: Callable[[str], None],
    marked: bool | None = None,
    pattern: re.Pattern[str] | None = None,
) -> ByName[Path]:
    """Files of a folder by stem, in order of their names; hidden ones are left out.

    A folder without such files but with a folder 0 in it (as of U-Net++'s data) stands for that.

    Args:
        endings: of the files that are listed.
        complain: gets a line for every second file of one stem, which is left out.
        marked: where an image and its mask (`mask_`) lie in one folder, whether the mask is meant; None: neither.
        pattern: of `name_pattern`; other files are left out.
    """
    path_by_stem: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.name.lower().endswith(endings) or not path.is_file():
            continue
        match = pattern.fullmatch(without_ending(path.name)) if pattern else None
        if pattern and not match:
            continue
        key = match.group(1) if match else stem(path.name)
        first = path_by_stem.setdefault(key, path)
        if first == path:
            continue
        if marked is None or is_marked(first.name) == is_marked(path.name):
            complain(f"{path}: {first.name} has the same name but for ending and mask_; move one to another folder")
        elif is_marked(path.name) == marked:
            path_by_stem[key] = path
    if not path_by_stem and (folder / "0").is_dir():
        return list_files(folder / "0", endings, complain, marked, pattern)
    return ByName(dict(sorted(path_by_stem.items())))


def is_marked(name: str) -> bool:
    """Whether the name says that the file is a mask."""
    return MARK.search(without_ending(name)) is not None


def find(folder: Path, relative: str) -> Path | None:
    """folder/relative, names compared without case; None if there is no such thing."""
    place = folder
    for part in Path(relative).parts:
        exact = place / part
        if not exact.exists():
            same = [p for p in place.iterdir() if p.name.lower() == part.lower()] if place.is_dir() else []
            if not same:
                return None
            exact = min(same)
        place = exact
    return place


def some(names: Iterable[str]) -> str:
    """The first few names, and dots where there are more."""
    names = list(names)
    return ", ".join(names[:NAMES_SHOWN]) + (", ..." if len(names) > NAMES_SHOWN else "")
