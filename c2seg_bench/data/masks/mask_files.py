"""The values of a mask's file, whichever format it has; colours and several pages are refused here."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from c2seg_bench.data.images.image_files import converted, is_lossy, open_upright
from c2seg_bench.data.images.stacks import read_stack
from c2seg_bench.data.names import ARRAY_ENDINGS, IMAGE_ENDINGS, VOLUME_ENDINGS
from c2seg_bench.errors import InputError

MASK_ENDINGS = (*IMAGE_ENDINGS, *ARRAY_ENDINGS, *VOLUME_ENDINGS)
JPEG_NOISE = 32  # how far JPEG may bring a pixel from black, white or grey; 14 in Kvasir-SEG, 30 when saved once more
ROUNDING = 1e-6  # how far float32 sums may bring a probability out of [0, 1]
SAVE_GREY = "save it in grey, 255 where the lesion is and 0 elsewhere"


class MaskValues(NamedTuple):
    """What a mask's file contains.

    Args:
        values: (H, W) bool, whole numbers of any width, or float32 in [0, 1].
        lossy: whether compression may have changed values (JPEG, lossy WebP).
    """

    values: np.ndarray
    lossy: bool = False


def is_array(path: Path) -> bool:
    """Whether the file has numbers instead of an image."""
    return path.name.lower().endswith((*ARRAY_ENDINGS, *VOLUME_ENDINGS))


def read_values(path: Path, page: int | None = None) -> MaskValues:
    """The values of an image or an array; InputError names a file that does not contain one mask.

    Args:
        page: slice of a stack, from 0; None: the file must have one.
    """
    return MaskValues(_numbers(_slice(path, page), path)) if is_array(path) else _image(path, page)


def read_label(path: Path, label: int, page: int | None = None) -> MaskValues:
    """(H, W) bool, where a label map has this value; InputError names a file that is no label map."""
    if is_array(path):
        values = _numbers(_slice(path, page), path)
    else:
        with open_upright(path, page) as image:
            if is_lossy(path):
                raise InputError(f"{path}: JPEG does not keep labels; save the label map as PNG")
            if image.mode not in ("1", "L", "P") and not image.mode.startswith("I"):
                raise InputError(f"{path}: a label map in colours; save the numbers of the classes in grey")
            values = np.asarray(image)
    if values.dtype.kind == "f" and ((values == 0) | (values == 1)).all():
        values = values.astype(np.uint8)
    if values.dtype.kind == "f" or (values.max() >= 255 and label < 255 and len(np.unique(values)) <= 2):
        raise InputError(f"{path}: a mask in black and white, not a label map with {label}; leave the label out")
    return MaskValues(values == label)


def _image(path: Path, page: int | None) -> MaskValues:
    with open_upright(path, page) as image:
        if image.mode.startswith("I"):
            return MaskValues(np.asarray(image))
        if image.mode == "F":
            return MaskValues(_numbers(np.asarray(image), path))
        if _partly_transparent(image, path):
            raise InputError(f"{path}: partly transparent, so the lesion may be in two places; {SAVE_GREY}")
        lossy = is_lossy(path)
        if image.mode not in ("1", "L", "LA") and _coloured(image, path, JPEG_NOISE if lossy else 0):
            raise InputError(f"{path}: a mask in colours, which may be several classes; {SAVE_GREY}")
        return MaskValues(np.asarray(converted(image, "L", path)), lossy)


def _slice(path: Path, page: int | None) -> np.ndarray:
    stack = read_stack(path)
    if page is None and len(stack) > 1:
        raise InputError(f"{path}: shape {stack.shape}; give one mask (H, W), or score stacks with --stacks")
    return stack[page or 0]


def _numbers(image: np.ndarray, path: Path) -> np.ndarray:
    """Floats as probabilities in [0, 1], or as the whole numbers that they are; other types unchanged."""
    if image.dtype.kind != "f":
        return image
    low, top = float(image.min()), float(image.max())
    if not np.isfinite([low, top]).all() or low < -ROUNDING:
        raise InputError(f"{path}: negative or not a number; give 0/1, 0/255 or probabilities, not logits")
    if top <= 1 + ROUNDING:
        return np.clip(image, 0, 1).astype(np.float32)
    if top > 65535 or not (image == np.floor(image)).all():
        raise InputError(f"{path}: fractions up to {top:.7g}; give 0/1, 0/255 or probabilities, not logits")
    return image.astype(np.uint16)


def _partly_transparent(image: Image.Image, path: Path) -> bool:
    """Whether some pixels are more transparent than others; the same alpha everywhere means nothing."""
    if not image.has_transparency_data:
        return False
    low, high = converted(image, "RGBA", path).getchannel("A").getextrema()
    return low != high


def _coloured(image: Image.Image, path: Path, tolerance: int) -> bool:
    """Whether the channels of any pixel differ by more than the tolerance."""
    rgb = np.asarray(converted(image, "RGB", path)).astype(np.int16)
    return int((rgb.max(2) - rgb.min(2)).max(initial=0)) > tolerance
