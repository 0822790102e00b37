"""The one rule for what of a mask's file is lesion; what could mean several things is refused.

A mask is black and white: 0 and 1, 0 and 255, or 0 and 65535 in 16 bits. JPEG's noise around both is ignored, and so is
a thin grey rim, as resizing leaves it. Labels (0, 1, 2, ...), colours and transparency could stand for several things,
and are refused. Whether 1 is white is a question to the folder: beside files that reach 255 it is a probability of
1/255, and in a mask of an expert a mistake.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Lock

import numpy as np

from c2seg_bench.data.images.stacks import depth_of
from c2seg_bench.data.masks.mask_files import JPEG_NOISE, SAVE_GREY, MaskValues, is_array, read_label, read_values
from c2seg_bench.errors import InputError

RULES = ("half", "lvit")
RIM = 5  # pixels: a grey square of that side is no rim
FEW_SHADES = 8  # distinct values; classes have fewer, probabilities more


class MaskReader:
    """Reads the masks of one folder.

    Args:
        paths: all masks of the folder.
        probabilities: the masks are a model's, so that shades may be probabilities, lesion above one half. Those of
            an expert may not have shades.
        label: the value that is lesion, of masks that are label maps; None: the masks are black and white.
    """

    def __init__(self, paths: Iterable[Path], probabilities: bool = False, label: int | None = None):
        self.paths = list(paths)
        self.label = label
        self.probabilities = probabilities
        self.read_as_probabilities: set[Path] = set()  # files with shades that were read so far
        self._brighter: dict[tuple[bool, int], Path | None] = {}
        self._lock = Lock()

    def read(self, path: Path, page: int | None = None) -> np.ndarray:
        """(H, W) uint8, 1 where the mask is lesion; InputError names a file that is not plainly black and white.

        Args:
            page: slice of a stack, from 0; None: the file must have one.
        """
        return self.lesion(self.values(path, page), path)

    def read_volume(self, path: Path) -> np.ndarray:
        """(D, H, W) uint8, the slices of a stack."""
        return np.stack([self.read(path, page) for page in range(depth_of(path))])

    def values(self, path: Path, page: int | None = None) -> MaskValues:
        """What the file contains, for `lesion`."""
        return read_values(path, page) if self.label is None else read_label(path, self.label, page)

    def read_as_lvit(self, path: Path, size: int | None = None) -> np.ndarray:
        """(size, size) uint8 as LViT's code has it: resized bilinearly, then everything above 0.

        So lesions grow where the sizes differ, and noise of JPEG is lesion. None: the file's own size.
        """
        mask = self.values(path)
        self.lesion(mask, path)  # refuses what is no mask
        values: np.ndarray = mask.values.astype(np.float32)
        if size is not None and values.shape != (size, size):
            import cv2

            values = cv2.resize(values, (size, size), interpolation=cv2.INTER_LINEAR)
        return (values > 0).astype(np.uint8)

    def read_foreground(self, path: Path) -> np.ndarray:
        """(H, W) uint8, 1 where the file is not black, whatever its labels; for masks of organs."""
        values, lossy = read_values(path)
        if lossy and 0 < values.max() <= 127:
            raise InputError(f"{path}: a JPEG with no value above {values.max()}; {SAVE_GREY}")
        return (values > (JPEG_NOISE if lossy else 0)).astype(np.uint8)

    def lesion(self, mask: MaskValues, path: Path) -> np.ndarray:
        """`read` for values that were read already."""
        values, lossy = mask
        if values.dtype.kind == "b":
            return values.astype(np.uint8)
        if values.dtype.kind == "f":
            return self._of_probabilities(values, path)
        low, top = int(values.min()), int(values.max())
        white = 255 if top <= 255 else 65535
        if low < 0 or top > white:
            raise InputError(f"{path}: mask values from {low} to {top}; {SAVE_GREY}")
        if top == 0:
            return values.astype(np.uint8)
        if lossy and top <= 127:
            raise InputError(
                f"{path}: a JPEG with no value above {top}, and JPEG does not keep labels; save it as PNG, 255 where "
                "the lesion is and 0 elsewhere"
            )
        if top == 1:
            return self._of_ones(values, path)
        if top <= white // 2:
            return self._of_dark_values(values, path)
        if _has_other_classes(values, white):
            self._allow_shades(values, lossy, path, f"grey values between black and white all over; {SAVE_GREY}")
        return (values > white // 2).astype(np.uint8)

    def _of_probabilities(self, values: np.ndarray, path: Path) -> np.ndarray:
        if not ((values == 0) | (values == 1)).all():
            if not self.probabilities:
                raise InputError(f"{path}: a mask of fractions; {SAVE_GREY}")
            self.read_as_probabilities.add(path)
        return (values > 0.5).astype(np.uint8)

    def _of_ones(self, values: np.ndarray, path: Path) -> np.ndarray:
        """Of a file of 0 and 1: the ones, unless another file of the folder goes beyond 1."""
        brighter = self._brighter_file(path, 1)
        if brighter is None:
            return values.astype(np.uint8)
        if not self.probabilities:
            raise InputError(f"{path}: mask values 0 and 1, but those of {brighter.name} go beyond; {SAVE_GREY}")
        self.read_as_probabilities.add(path)
        return np.zeros(values.shape, np.uint8)

    def _of_dark_values(self, values: np.ndarray, path: Path) -> np.ndarray:
        """Of a file that stays below one half: nothing, where other files show that its shades are probabilities."""
        why = f"mask values {some_values(values)}, none of them white; {SAVE_GREY}"
        if self._brighter_file(path, 127 if values.max() <= 255 else 32767) is None:
            raise InputError(f"{path}: {why}")
        self._allow_shades(values, False, path, why)
        return np.zeros(values.shape, np.uint8)

    def _allow_shades(self, values: np.ndarray, lossy: bool, path: Path, otherwise: str) -> None:
        """Take the shades for probabilities; InputError for an expert's mask, for few shades (classes) and JPEG."""
        if not self.probabilities or lossy or len(np.unique(values)) < FEW_SHADES:
            raise InputError(f"{path}: {otherwise}")
        self.read_as_probabilities.add(path)

    def _brighter_file(self, path: Path, limit: int) -> Path | None:
        """The first file of the folder, image or array as `path` is, with a value above the limit."""
        key = is_array(path), limit
        with self._lock:
            if key not in self._brighter:
                alike = (p for p in self.paths if is_array(p) == key[0])
                self._brighter[key] = next((p for p in alike if _goes_beyond(p, limit)), None)
            return self._brighter[key]


def some_values(values: np.ndarray) -> str:
    """0, 1, 2 or 0, 3, 7, ... 90."""
    distinct = [str(v) for v in np.unique(values)]
    return ", ".join(distinct if len(distinct) <= 4 else [*distinct[:3], f"... {distinct[-1]}"])


def _goes_beyond(path: Path, limit: int) -> bool:
    try:
        return any(read_values(path, page).values.max() > limit for page in range(depth_of(path)))
    except InputError:  # reported when it is read itself
        return False


def _has_other_classes(values: np.ndarray, white: int) -> bool:
    """Whether an area, not only a rim, is neither black nor white."""
    near = JPEG_NOISE * white // 255
    if _solid((values > near) & (values < white - near)):
        return True
    return _solid((values > 0) & (values <= near)) and len(np.unique(values)) < FEW_SHADES  # JPEG leaves more


def _solid(area: np.ndarray) -> bool:
    """Whether a square of RIM pixels lies in the area and in the image."""
    import cv2

    if not area.any():
        return False
    square = np.ones((RIM, RIM), np.uint8)
    return bool(cv2.erode(area.astype(np.uint8), square, borderType=cv2.BORDER_CONSTANT, borderValue=0).any())
