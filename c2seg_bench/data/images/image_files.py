"""Images from files, upright and of 8 bits; what would lose its values on the way there is refused."""

from __future__ import annotations

import warnings
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from c2seg_bench.data.images.quiet_tiff import quiet_tiff
from c2seg_bench.errors import InputError
from c2seg_bench.files.bounds import PIXELS, too_large

warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # `PIXELS` is lower, and an error
# what is known by its first bytes whatever its name; Pillow's other decoders start programs, or read one format each
DECODERS = ("PNG", "JPEG", "TIFF", "BMP", "DIB", "WEBP", "JPEG2000", "GIF", "PPM")

FULL = 16384  # a 16-bit image whose brightest pixel is below holds 12 bits or fewer
WINDOW = "convert it to 8 bits with the window you want"


def read_image(path: Path) -> np.ndarray:
    """(H, W, 3) uint8 RGB, 16 bits brought down to 8.

    InputError names a file that is not one whole image, and one whose values would not survive: fractions, values
    below 0, and 16 bits that use so few of them that the upper eight are black.
    """
    with open_upright(path) as image:
        if image.mode == "F":
            raise InputError(f"{path}: an image of fractions; {WINDOW}")
        if image.mode.startswith("I"):
            return np.repeat(_upper_byte(np.asarray(image), path)[..., None], 3, axis=2)
        return np.asarray(converted(image, "RGB", path))


def open_upright(path: Path, page: int | None = None) -> Image.Image:
    """The whole image as a viewer shows it, so that left is left.

    InputError if it is none, or one of several in a file (pages of a TIFF, frames of an animation).

    Args:
        page: of a file with several, from 0; None: there must be one.
    """
    # Pillow, not OpenCV: OpenCV's decoders print lines of their own about a broken file
    try:
        image = Image.open(path, formats=DECODERS)
        _check_pixels(image, path)
        pages = getattr(image, "n_frames", 1)
        # MPO: a camera's JPEG with a preview after the image
        if page is not None or pages == 1 or image.format == "MPO":
            image.seek(page or 0)
            _check_pixels(image, path)
            with quiet_tiff() if image.format == "TIFF" else nullcontext():
                image.load()
            return ImageOps.exif_transpose(image)
    except FileNotFoundError:
        raise InputError(f"{path}: no such image; correct the folder or the table that names it") from None
    except InputError:
        raise
    except Exception as e:  # every decoder has its own; all mean the same to the caller
        reason = " ".join(str(e).replace(f"'{path}'", "").split())[:80]
        raise InputError(f"{path}: not a readable image ({reason}); replace the file") from None
    image.close()
    raise InputError(f"{path}: {pages} pages in one file; save each as a file of its own, or score with --stacks")


def converted(image: Image.Image, mode: str, path: Path) -> Image.Image:
    """The image in another of Pillow's modes; InputError if there is no way from its own."""
    try:
        return image.convert(mode)
    except (ValueError, OSError) as e:
        raise InputError(f"{path}: colours of mode {image.mode} ({e}); save it in grey or RGB") from None


def _check_pixels(image: Image.Image, path: Path) -> None:
    """InputError if a file of a few bytes claims more pixels than memory has room for, or none."""
    width, height = image.size
    if not width * height:
        raise InputError(f"{path}: {width}x{height} pixels; replace the file")
    if width * height > PIXELS:
        raise too_large(path, width * height, PIXELS, f"pixels ({width}x{height})", "save it smaller")


def is_lossy(path: Path) -> bool:
    """Whether the file's compression changes values: JPEG whatever its name, JPEG inside TIFF, and lossy WebP."""
    with open(path, "rb") as file:
        start = file.read(16)
    if start[:4] == b"RIFF":
        return start[12:16] != b"VP8L"
    if start[:2] == b"\xff\xd8":
        return True
    if start[:4] in (b"II*\0", b"MM\0*"):
        with Image.open(path) as image:
            return image.info.get("compression") in ("jpeg", "tiff_jpeg")
    return start[4:8] == b"jP  " or start[:4] == b"\xff\x4f\xff\x51"  # JPEG 2000


def _upper_byte(values: np.ndarray, path: Path) -> np.ndarray:
    """(H, W) uint8 of 16 bits."""
    low, top = int(values.min()), int(values.max())
    if low < 0 or top > 65535:
        raise InputError(f"{path}: values from {low} to {top}, not those of 16 bits; {WINDOW}")
    if 0 < top < FULL:
        raise InputError(f"{path}: 16 bits, but no value above {top}, which would be nearly black; {WINDOW}")
    return (values.astype(np.uint32) >> 8).astype(np.uint8)
