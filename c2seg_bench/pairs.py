"""Two folders of masks that belong together: pairing by name, and reading."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from c2seg_bench.data.images import lesion, open_upright
from c2seg_bench.data.masks import read_shades
from c2seg_bench.errors import InputError

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
ARRAY = ".npy"
JPEG_NOISE = 16  # grey levels that compression may add to black
SHOWN = 3  # names given as examples in an error


class Pair(NamedTuple):
    """A prediction and its target; `name` is the stem they share."""

    name: str
    pred: Path
    target: Path


def key_of(file: str) -> str:
    """What pairs: the name without folders, without a picture's suffix, without a leading `mask_`."""
    path = Path(file)
    name = path.stem if path.suffix.lower() in (*PICTURES, ARRAY) else path.name
    return name.removeprefix("mask_")


def list_pictures(folder: Path, option: str) -> dict[str, Path]:
    """Key -> file of the pictures and arrays in a folder (not below it), in order of the keys.

    InputError: no such folder, nothing to read in it, two files of one key.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "no such folder"
        raise InputError(f"{option} {folder}: {what}; give the folder that holds the pictures")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() not in (*PICTURES, ARRAY) or not path.is_file():
            continue
        key = key_of(path.name)
        if key in found:
            raise InputError(
                f"{option} {folder}: {found[key].name} and {path.name} are both {key!r}; keep one of the two"
            )
        found[key] = path
    if not found:
        kinds = ", ".join(s[1:] for s in (*PICTURES, ARRAY))
        raise InputError(f"{option} {folder}: no picture in it; give a folder of {kinds} files")
    return dict(sorted(found.items()))


def pair_up(predictions: Path, targets: Path) -> list[Pair]:
    """The pairs of two folders in order of their names; InputError where a file has no partner."""
    preds, truths = list_pictures(predictions, "--predictions"), list_pictures(targets, "--targets")
    alone = []
    for folder, mine, other, partner in (
        (predictions, preds, truths, "target"),
        (targets, truths, preds, "prediction"),
    ):
        left = [path.name for key, path in mine.items() if key not in other]
        if left:
            alone.append(f"{folder}: {len(left)} of {len(mine)} without a {partner} ({some(left)})")
    if alone:
        raise InputError("; ".join(alone) + "; names must be the same on both sides, but for suffix and mask_")
    return [Pair(key, preds[key], truths[key]) for key in preds]


def some(names: Iterable[str]) -> str:
    """The first few names, and dots where there are more."""
    names = list(names)
    return ", ".join(names[:SHOWN]) + (", ..." if len(names) > SHOWN else "")


def read_pair(pair: Pair) -> tuple[np.ndarray, np.ndarray]:
    """Both masks (H, W) bool; InputError names a file that cannot be read, and a pair of two sizes."""
    pred, target = read(pair.pred), read(pair.target)
    if pred.shape != target.shape:
        sizes = ["x".join(map(str, m.shape)) for m in (pred, target)]
        raise InputError(
            f"{pair.pred}: {sizes[0]}, its target {pair.target}: {sizes[1]} (height x width); "
            "resize the prediction to the target's size, nearest neighbour"
        )
    return pred, target


def read(path: Path) -> np.ndarray:
    """One mask (H, W) bool, by the rule of `data.images.lesion`; InputError where that would be empty without a word.

    A file's largest value is 0, 1, or in the upper half of 255 or 65535. All else is a label map (0, 1, 2, ...), a
    dark one, or of another scale. Fractions are shares in [0, 1], lesion above one half.
    """
    values = _array(path) if path.suffix.lower() == ARRAY else _picture(path)
    low, top = float(values.min(initial=0)), float(values.max(initial=0))
    noise = JPEG_NOISE if path.suffix.lower() in (".jpg", ".jpeg") else 1
    if low < 0:
        raise InputError(f"{path}: negative values; give 0/1 or 0/255")
    if noise < top <= 127 or 255 < top <= 32767 or top > 65535:
        raise InputError(f"{path}: largest value {top:.7g}, where white is 1, 255 or 65535; give 0/1 or 0/255")
    return lesion(values).astype(bool)


def _picture(path: Path) -> np.ndarray:
    """(H, W) the values of a picture; of one of fractions as in `_array`. Colours and transparency are refused."""
    if path.suffix.lower() in (".tif", ".tiff"):  # the only ones that hold fractions
        with open_upright(path) as found:
            if found.mode == "F":
                return _numbers(np.asarray(found), path)
    return read_shades(path)


def _array(path: Path) -> np.ndarray:
    """(H, W) the values of a .npy file, as `_numbers` takes them."""
    try:
        values = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as e:
        reason = " ".join(str(e).split())[:80]
        raise InputError(f"{path}: not a readable array ({reason}); write it with numpy.save") from None
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "buif":
        raise InputError(f"{path}: not one array of numbers; write the mask alone with numpy.save")
    picture = values.squeeze() if values.ndim > 2 else values
    if picture.ndim != 2:
        raise InputError(f"{path}: shape {values.shape}; give one mask (H, W)")
    return _numbers(picture, path)


def _numbers(picture: np.ndarray, path: Path) -> np.ndarray:
    """(H, W) uint8 or wider: bool or whole numbers as they are, shares in [0, 1] as 1 above 0.5."""
    if picture.dtype.kind == "f":
        if not (np.isfinite(picture).all() and picture.min(initial=0) >= 0):
            raise InputError(f"{path}: negative or not a number; give 0/1, 0/255 or probabilities, not logits")
        if picture.max(initial=0) <= 1:
            return (picture > 0.5).astype(np.uint8)
    return picture.astype(np.uint8) if picture.dtype.kind == "b" else picture
