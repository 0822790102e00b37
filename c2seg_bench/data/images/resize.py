"""An image and its mask at the size of the cache."""

from __future__ import annotations

import cv2
import numpy as np

HALF = 0.5 - 1e-4  # float32 sums of a block's shares may fall short of one half


def resized_image(image: np.ndarray, size: int) -> np.ndarray:
    """(size, size, 3) uint8 of an image (H, W, 3): means of areas if it shrinks, linear interpolation if it grows."""
    height, width = image.shape[:2]
    if (height, width) == (size, size):
        return image
    interpolation = cv2.INTER_AREA if min(height, width) >= size else cv2.INTER_LINEAR
    return cv2.resize(image, (size, size), interpolation=interpolation)


def resized_mask(mask: np.ndarray, size: int) -> np.ndarray:
    """(size, size) uint8 of a mask (H, W) of 0 and 1, aligned with the image.

    Shrunk: 1 where lesion covers half of the pixel or more, and if that is nowhere, where it covers most. Enlarged: the
    nearest pixel. Not cv2.INTER_NEAREST, which takes a block's upper left pixel and so shifts the mask by half of one.
    """
    if mask.shape == (size, size):
        return mask
    if min(mask.shape) < size:
        return cv2.resize(mask, (size, size), interpolation=cv2.INTER_NEAREST_EXACT)
    share = cv2.resize(mask.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    small = (share >= HALF).astype(np.uint8)
    if mask.any() and not small.any():  # a target must not turn empty
        small.flat[share.argmax()] = 1
    return small
