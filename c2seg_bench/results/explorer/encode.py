"""Images and masks as short text: JPEG and run lengths, both in base64."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LARGEST_SIDE = 256  # pixels; a larger image is shrunk, its masks are not
QUALITY = 75


def jpeg(image: NDArray[np.uint8]) -> str:
    """An image (H, W, 3) as JPEG in base64; grey where its three channels are equal."""
    grey = bool((image == image[..., :1]).all())
    encoded = Image.fromarray(np.ascontiguousarray(image[..., 0] if grey else image))
    encoded.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    stream = io.BytesIO()
    encoded.save(stream, "JPEG", quality=QUALITY)
    return base64.b64encode(stream.getvalue()).decode("ascii")


def run_lengths(mask: NDArray[np.bool_]) -> str:
    """A mask (H, W) as base64 of its run lengths, row by row.

    The first run is background, of length 0 where the first pixel is mask. Each length is a varint: seven bits a byte,
    the lowest first, the eighth set on all bytes but the last. A last run of background is left out, so an empty mask
    is "".
    """
    flat = np.concatenate([[0], mask.ravel().astype(np.int8), [0]])
    changes = np.flatnonzero(np.diff(flat))
    lengths = np.diff(changes, prepend=0)
    return base64.b64encode(varints(lengths)).decode("ascii")


def varints(values: NDArray[np.int64]) -> bytes:
    """Non-negative whole numbers, seven bits a byte, the lowest first."""
    encoded = bytearray()
    for value in values.tolist():
        while value > 127:
            encoded.append(value & 127 | 128)
            value >>= 7
        encoded.append(value)
    return bytes(encoded)
