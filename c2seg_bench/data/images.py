"""Pictures and masks from files, upright, with a stated rule for what of a mask is lesion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from c2seg_bench.errors import InputError

RULES = ("half", "lvit")


def read_image(path: Path) -> np.ndarray:
    """(H, W, 3) uint8 RGB, 16 bits brought down to 8; InputError names a file that is not a whole picture."""
    with _open(path) as found:
        if found.mode.startswith("I"):
            return np.repeat((np.asarray(found).astype(np.uint32) >> 8).astype(np.uint8)[..., None], 3, axis=2)
        return np.asarray(found.convert("RGB"))


def read_grey(path: Path) -> np.ndarray:
    """(H, W) uint8, or a wider type where the file has 16 bits: a mask's values as they are, colours by luminance.

    InputError names a file that is not a whole picture.
    """
    with _open(path) as found:
        return np.asarray(found if found.mode.startswith("I") else found.convert("L"))


def read_mask(path: Path, rule: str = "half", size: int | None = None) -> np.ndarray:
    """(H, W) uint8, 1 where the mask is lesion.

    Args:
        rule: "half": where `lesion` says so. "lvit": LViT's code, which resizes bilinearly to `size` and takes
            everything above 0, and so lets lesions grow where the sizes differ, and takes JPEG's noise for lesion.
        size: side of the result under "lvit"; the file's own where None.
    """
    grey = read_grey(path)
    if rule == "half":
        return lesion(grey)
    if size is not None and grey.shape != (size, size):
        import cv2

        grey = cv2.resize(np.ascontiguousarray(grey), (size, size), interpolation=cv2.INTER_LINEAR)
    return (grey > 0).astype(np.uint8)


def lesion(grey: np.ndarray) -> np.ndarray:
    """(H, W) uint8: 1 above 127 (JPEG artefacts stay below); above 32767 if any value is over 255; above 0 if all
    are 0 or 1."""
    top = int(grey.max(initial=0))
    return (grey > (0 if top <= 1 else 127 if top <= 255 else 32767)).astype(np.uint8)


def _open(path: Path) -> Image.Image:
    # Pillow, not OpenCV: OpenCV's decoders print lines of their own about a broken file
    try:
        found = Image.open(path)
        found.load()
        return ImageOps.exif_transpose(found)  # as a viewer shows it: left is left
    except FileNotFoundError:
        raise InputError(f"{path}: no such picture; mend the folder or the table that names it") from None
    except Exception as e:  # every decoder has its own; all mean the same to the caller
        reason = " ".join(str(e).replace(f"'{path}'", "").split())[:80]
        raise InputError(f"{path}: not a readable picture ({reason}); replace the file") from None
