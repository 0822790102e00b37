"""Which file a name means: folders, pictures, masks and rows of tables are written in several ways."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from c2seg_bench.data.source import Complain, refuse

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp")
OTHER_ENDINGS = (".gif", ".npy", ".dcm", ".nii", ".jfif")  # of names in tables whose pictures were converted since


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


class Files:
    """A folder's pictures, found by a name as it is, or where none has it, without regard to case and spaces."""

    def __init__(self, known: Mapping[str, Path]) -> None:
        self._known = known
        self._alike: dict[str, list[Path]] = defaultdict(list)
        for key, path in known.items():
            self._alike[_folded(key)].append(path)

    def get(self, key: str) -> Path | None:
        """The picture; None where there is none, or several that are only alike."""
        alike = self._alike.get(_folded(key), [])
        return self._known.get(key) or (alike[0] if len(alike) == 1 else None)


def _folded(key: str) -> str:
    """NFC: macOS takes an accented letter apart in a file's name."""
    return " ".join(unicodedata.normalize("NFC", key).lower().split())


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
    """covid_1 of mask_covid_1.png: what a picture, its mask and its row in a table have in common.

    Only a known ending is cut: that of s.0.1 is a part of the name.
    """
    path = Path(name)
    known = path.suffix.lower() in (*PICTURES, *OTHER_ENDINGS)
    return re.sub("^mask_", "", path.stem if known else path.name, flags=re.IGNORECASE)
