"""A frame: where the cells of a grid are in an image, with tolerances and whose left is meant. One JSON file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.arrays import LONGEST
from metrics.consistency.frame.experts import Experts
from metrics.consistency.frame.extents import Extents, extents_of_masks
from metrics.consistency.frame.lungs import Lungs
from metrics.consistency.json_file import read_json
from metrics.errors import InputError

FOLDER = Path(__file__).parent / "frames"
CONVENTIONS = ("image", "patient")
RELATIVE = ("picture", "lungs")
SIZES = ("small", "medium", "large")
CUTS = ("rows", "columns", "sizes")
MOST_CUTS = 100
SHARES = ("min_area", "side_share", "inside", "outside")


@dataclass(frozen=True)
class Frame:
    """The grid of a kind of image.

    Args:
        name: as in `Frame.load`.
        rows: cuts between the rows, as shares of the height from the top, ascending.
        columns: cuts between the columns, as shares of the width from the image's left, ascending; for lungs one cut,
            the midline.
        convention: "image": "left" is the left of the image. "patient": it is the patient's left, which is on the
            right of the image in the usual display.
        min_area: smallest component that counts, as a share of the image; smaller ones are specks.
        side_share: smallest share of the lesion, below one half, that makes a side affected.
        inside: share of one component that must be in a stated cell.
        outside: largest share of any component that may be in a cell that is not stated.
        sizes: end of small and beginning of large, as the mean lesion's share of the image; empty: sizes are not
            judged.
        experts: how likely an expert names each cell, learned from masks and prompts; None: the cuts decide.
        relative: what the rows are shares of: "picture", the image's height; "lungs", each lung's height from its top,
            with the lungs located by `extents`.
        lungs: locates the lungs in an image; None: lung masks are needed.
        about: where the frame comes from: the data that it was calibrated on, with hashes.
    """

    name: str
    rows: tuple[float, ...] = (1 / 3, 2 / 3)
    columns: tuple[float, ...] = (0.5,)
    convention: str = "image"
    min_area: float = 0.0005
    side_share: float = 0.02
    inside: float = 0.2
    outside: float = 0.4
    sizes: tuple[float, ...] = ()
    experts: Experts | None = None
    relative: str = "picture"
    lungs: Lungs | None = None
    about: dict[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for what, cuts in (("rows", self.rows), ("columns", self.columns)):
            if list(cuts) != sorted(set(cuts)) or not all(0 < cut < 1 for cut in cuts):
                raise InputError(
                    f"frame {self.name}: {what} {list(cuts)}: give cuts between 0 and 1 in ascending order"
                )
        if self.convention not in CONVENTIONS:
            raise InputError(f"frame {self.name}: convention {self.convention!r}; there are {', '.join(CONVENTIONS)}")
        if self.relative not in RELATIVE:
            raise InputError(f"frame {self.name}: relative {self.relative!r}; there are {', '.join(RELATIVE)}")
        if (self.relative == "lungs" and len(self.columns) != 1) or (self.relative != "lungs" and self.lungs):
            raise InputError(f"frame {self.name}: lungs go with relative 'lungs' and one column cut, the midline")
        if self.sizes and (len(self.sizes) != len(SIZES) - 1 or not 0 < self.sizes[0] < self.sizes[1] < 1):
            raise InputError(f"frame {self.name}: sizes {list(self.sizes)}: give the two ends of medium, ascending")
        for what, end in (("min_area", 1), ("side_share", 0.5), ("inside", 1), ("outside", 1)):
            if not 0 <= getattr(self, what) < end:
                raise InputError(f"frame {self.name}: {what} {getattr(self, what)}: give a share from 0 to below {end}")
        cells = (len(self.rows) + 1) * (len(self.columns) + 1)
        experts = self.experts
        if experts is not None and (len(experts.bias), len(experts.mean)) != (cells, len(self.columns) + 1):
            known = f"{len(experts.bias)} cells in {len(experts.mean)} columns"
            raise InputError(
                f"frame {self.name}: experts of {known} beside {cells} in {len(self.columns) + 1}; calibrate again"
            )

    def column_cells(self, width: int) -> NDArray[np.int64]:
        """(W,) the grid column of each column of pixels, mirrored under the convention "patient"."""
        column = np.searchsorted(self.columns, (np.arange(width) + 0.5) / width)
        return len(self.columns) - column if self.convention == "patient" else column

    def edges(self) -> NDArray[np.float64]:
        """(C, R + 1) bounds of the rows in each column, as shares of the image's height."""
        return np.tile(np.array([0.0, *self.rows, 1.0]), (len(self.columns) + 1, 1))

    def extents(
        self, n: int, images: Sequence[ArrayLike] | NDArray | None = None, lungs: Sequence[ArrayLike] | None = None
    ) -> Extents | None:
        """The lungs of n images, from lung masks or else from the images; None if the frame does not use them.

        Raises:
            InputError: images or lung masks are missing, their number is not n, or lung masks are given to a frame
                that does not use them.
        """
        for what, given in (("images", images), ("lung masks", lungs)):
            if given is not None and len(given) != n:
                raise InputError(f"{n} masks and {len(given)} {what}; give one of each per mask")
        if self.relative != "lungs":
            if lungs is not None:
                raise InputError(
                    f"frame {self.name}: its rows are relative to the image, so lung masks (--lungs) are not used; "
                    "leave them out, or take a frame relative to the lungs, such as lung-thirds"
                )
            return None
        if lungs is not None:
            return extents_of_masks(lungs, self.columns[0])
        if self.lungs is None:
            raise InputError(f"frame {self.name}: its rows are relative to the lungs; give lung masks (--lungs)")
        if images is None:
            raise InputError(
                f"frame {self.name}: it locates the lungs in each image; give images (--images) or lung masks (--lungs)"
            )
        return self.lungs.extents(images, self.columns[0])

    @classmethod
    def load(cls, name: str | Path) -> Frame:
        """A frame that ships (`thirds`, `lung-thirds`, `qata`, ...) by name, or a JSON file by path.

        Raises:
            InputError: there is no such frame, or the file is not a frame.
        """
        known = sorted(p.stem for p in FOLDER.glob("*.json"))
        path = FOLDER / f"{name}.json" if str(name) in known else Path(name)
        if path.suffix != ".json" or not is_file(path):
            raise InputError(
                f"frame {str(name)[:LONGEST]}: no such frame; take {', '.join(known)}, or a .json file from calibrate"
            )
        return cls.from_json(read_json(path, "frame", "write it again with calibrate"), str(path))

    @classmethod
    def from_json(cls, stored: Any, where: str) -> Frame:
        """The frame from the content of a JSON file.

        Args:
            stored: the object in the file.
            where: name of the file, for messages.

        Raises:
            InputError: it is not the content of a frame; the message names the file and the key.
        """
        names = set(cls.__dataclass_fields__)
        wrong = f"not an object with a name and some of {', '.join(sorted(names - {'name'}))}"
        if not isinstance(stored, dict) or not isinstance(stored.get("name"), str) or set(stored) - names:
            raise InputError(f"frame {where}: {wrong}")
        parts = dict(stored)
        for key in CUTS:
            if key in parts:
                parts[key] = _cuts(parts[key], f"frame {where}: {key}")
        for key in SHARES:
            if not isinstance(parts.get(key, 0.0), int | float) or isinstance(parts.get(key), bool):
                raise InputError(f"frame {where}: {key} {parts[key]!r}: give a number")
        if not isinstance(parts.get("about", {}), dict):
            raise InputError(f"frame {where}: about {parts['about']!r}: give an object that says where it came from")
        try:
            for key, kind in (("experts", Experts), ("lungs", Lungs)):
                parts[key] = kind.from_json(stored[key]) if stored.get(key) else None
        except ValueError as e:
            raise InputError(f"frame {where}: {e}; write it again with calibrate") from None
        return cls(**parts)

    def to_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        out = {key: getattr(self, key) for key in self.__dataclass_fields__ if key not in ("experts", "lungs")}
        for key in ("experts", "lungs"):
            if getattr(self, key) is not None:
                out[key] = asdict(getattr(self, key))
        return json.loads(json.dumps(out, default=_plain))


def is_file(path: Path) -> bool:
    """Whether there is such a file; False for a name that no file can have."""
    try:
        return path.is_file()
    except OSError:  # a name that is too long
        return False


def _cuts(value: Any, what: str) -> tuple[float, ...]:
    numbers = isinstance(value, list | tuple) and len(value) <= MOST_CUTS
    if not numbers or not all(isinstance(cut, int | float) and not isinstance(cut, bool) for cut in value):
        raise InputError(f"{what} {str(value)[:60]}: give a list of numbers, {MOST_CUTS} at most")
    return tuple(float(cut) for cut in value)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} in a frame")
