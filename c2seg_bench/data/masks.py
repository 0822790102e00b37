"""Masks from files, with a stated rule for what of them is lesion; what could mean several things is refused.

A mask is black and white: 0 and 1, 0 and 255, or 0 and 65535 in 16 bits. JPEG's noise about both is passed over, and so
is a thin grey rim, as resizing leaves it. Labels (0, 1, 2, ...), colours and transparency could stand for several
things, of which one would be picked without a word.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from c2seg_bench.data.images import lesion, open_upright
from c2seg_bench.errors import InputError

RULES = ("half", "lvit")
JPEG = 32  # how far from black or white JPEG may bring a mask's pixel; 14 in Kvasir-SEG, 30 saved once more
RIM = 5  # pixels: a grey square of that side is no rim
MEND = "save it in grey, 255 where the lesion is and 0 elsewhere"


def read_mask(path: Path, rule: str = "half", size: int | None = None) -> np.ndarray:
    """(H, W) uint8, 1 where the mask is lesion; InputError where that is not plain.

    Args:
        rule: "half": where `lesion` says so. "lvit": LViT's code, which resizes bilinearly to `size` and takes
            everything above 0, and so lets lesions grow where the sizes differ, and takes JPEG's noise for lesion.
        size: side of the result under "lvit"; the file's own where None.
    """
    grey = read_shades(path)
    if (why := doubt(grey, path)) is not None:
        raise InputError(why)
    if rule == "half":
        return lesion(grey)
    if size is not None and grey.shape != (size, size):
        import cv2

        grey = cv2.resize(np.ascontiguousarray(grey), (size, size), interpolation=cv2.INTER_LINEAR)
    return (grey > 0).astype(np.uint8)


def read_shades(path: Path) -> np.ndarray:
    """(H, W) uint8 or wider, the values of a mask's file; InputError names a file with colours or transparency."""
    with open_upright(path) as found:
        if found.mode.startswith("I"):
            return np.asarray(found)
        if found.mode == "F":
            return _whole(np.asarray(found), path)
        if _see_through(found):
            raise InputError(f"{path}: partly transparent, so the lesion may be in two places; {MEND}")
        grey = np.asarray(found.convert("L"))
        if found.mode not in ("1", "L", "LA") and _coloured(found):
            raise InputError(f"{path}: a mask in colours, which may be several classes; {MEND}")
        return grey


def doubt(grey: np.ndarray, path: Path) -> str | None:
    """Why these values of a file are no mask, in one line with the mend; None where they are."""
    low, top = int(grey.min(initial=0)), int(grey.max(initial=0))
    white = 255 if top <= 255 else 65535
    if low < 0 or top > white:
        return f"{path}: mask values from {low} to {top}; {MEND}"
    if top <= 1:
        return None
    if top <= white // 2:
        # an empty mask may hold JPEG's noise, but other files hold what was written: labels
        noise = path.suffix.lower() in (".jpg", ".jpeg") and top <= JPEG
        return None if noise else f"{path}: mask values {some_values(grey)}, none of them white; {MEND}"
    near = JPEG * white // 255
    between = (grey > near) & (grey < white - near)
    if between.any() and _solid(between):
        return f"{path}: grey values between black and white all over; {MEND}"
    return None


def some_values(grey: np.ndarray) -> str:
    """0, 1, 2 or 0, 3, ... 90."""
    values = [str(v) for v in np.unique(grey)]
    return ", ".join(values if len(values) <= 4 else [*values[:3], f"... {values[-1]}"])


def _solid(area: np.ndarray) -> bool:
    """Whether a square of RIM pixels lies in the area; a square beyond the picture's border does not count."""
    import cv2

    square = np.ones((RIM, RIM), np.uint8)
    return bool(cv2.erode(area.astype(np.uint8), square, borderType=cv2.BORDER_CONSTANT, borderValue=0).any())


def _whole(values: np.ndarray, path: Path) -> np.ndarray:
    """(H, W) uint8 of a mask that was saved as fractions but holds whole numbers of 8 bits."""
    if not ((values >= 0) & (values <= 255) & (values == np.floor(values))).all():  # NaN is in none of them
        raise InputError(f"{path}: a mask of fractions or of values that 8 bits do not hold; {MEND}")
    return values.astype(np.uint8)


def _see_through(found: Image.Image) -> bool:
    """Whether some pixels are more transparent than others; one alpha all over means nothing."""
    if not found.has_transparency_data:
        return False
    low, high = found.convert("RGBA").getchannel("A").getextrema()
    return low != high


def _coloured(found: Image.Image) -> bool:
    """Whether any pixel is farther from grey than JPEG brings it."""
    rgb = np.asarray(found.convert("RGB")).astype(np.int16)
    return int((rgb.max(2) - rgb.min(2)).max(initial=0)) > JPEG
