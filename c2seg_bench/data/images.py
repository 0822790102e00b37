"""Pictures from files, upright and of 8 bits; what would lose its values on the way there is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from c2seg_bench.errors import InputError

FULL = 16384  # a 16-bit picture whose brightest pixel is below holds 12 bits or fewer
WINDOW = "convert it to 8 bits with the window you want"


def read_image(path: Path) -> np.ndarray:
    """(H, W, 3) uint8 RGB, 16 bits brought down to 8.

    InputError names a file that is not a whole picture, and one whose values would not survive: fractions, values below
    0, and 16 bits that use so few of them that the upper eight are black.
    """
    with open_upright(path) as found:
        if found.mode == "F":
            raise InputError(f"{path}: a picture of fractions; {WINDOW}")
        if found.mode.startswith("I"):
            return np.repeat(_upper_byte(np.asarray(found), path)[..., None], 3, axis=2)
        return np.asarray(found.convert("RGB"))


def read_grey(path: Path) -> np.ndarray:
    """(H, W) uint8, or a wider type where the file has 16 bits: values as they are, colours by luminance.

    InputError names a file that is not a whole picture.
    """
    with open_upright(path) as found:
        return np.asarray(found if found.mode.startswith("I") else found.convert("L"))


def lesion(grey: np.ndarray) -> np.ndarray:
    """(H, W) uint8: 1 above 127 (JPEG artefacts stay below); above 32767 if any value is over 255; above 0 if all
    are 0 or 1."""
    top = int(grey.max(initial=0))
    return (grey > (0 if top <= 1 else 127 if top <= 255 else 32767)).astype(np.uint8)


def open_upright(path: Path) -> Image.Image:
    """The whole picture as a viewer shows it, so that left is left; InputError where it is none."""
    # Pillow, not OpenCV: OpenCV's decoders print lines of their own about a broken file
    try:
        found = Image.open(path)
        found.load()
        return ImageOps.exif_transpose(found)
    except FileNotFoundError:
        raise InputError(f"{path}: no such picture; mend the folder or the table that names it") from None
    except Exception as e:  # every decoder has its own; all mean the same to the caller
        reason = " ".join(str(e).replace(f"'{path}'", "").split())[:80]
        raise InputError(f"{path}: not a readable picture ({reason}); replace the file") from None


def _upper_byte(values: np.ndarray, path: Path) -> np.ndarray:
    """(H, W) uint8 of 16 bits."""
    low, top = int(values.min()), int(values.max())
    if low < 0 or top > 65535:
        raise InputError(f"{path}: values from {low} to {top}, not those of 16 bits; {WINDOW}")
    if 0 < top < FULL:
        raise InputError(f"{path}: 16 bits, but no value above {top}, which would be nearly black; {WINDOW}")
    return (values.astype(np.uint32) >> 8).astype(np.uint8)
