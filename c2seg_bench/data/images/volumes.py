"""NIfTI volumes as stacks of images. What a header claims is checked before memory is taken for it."""

from __future__ import annotations

import gzip
import logging
from math import isfinite, prod
from pathlib import Path

import numpy as np

from c2seg_bench.errors import InputError
from c2seg_bench.files.bounds import ARRAY_BYTES, too_large

DEFLATE = 1032  # how many times its size a gzip file may unpack to
CHUNK = 1 << 20  # bytes
AS_UINT8 = "save masks as uint8, or in several files"


def read_nifti(path: Path) -> np.ndarray:
    """(D, H, W) with the patient's right on the left and front at the top, as radiologists see axial slices.

    A file whose affine is the identity states no orientation: its axes are rows, columns and slices.

    Raises:
        InputError: names a file that is no whole volume of numbers, or takes more than `ARRAY_BYTES`.
    """
    import nibabel

    image = _load(path)
    kind = image.get_data_dtype()
    scaled = (image.dataobj.slope, image.dataobj.inter) != (1.0, 0.0)
    size = prod(image.shape) * (8 if scaled else kind.itemsize)  # scaled values are float64
    if size > ARRAY_BYTES:
        raise too_large(path, size, ARRAY_BYTES, "bytes in the volume", AS_UINT8)
    try:
        stated = not np.allclose(image.affine, np.eye(4))
        values = np.asanyarray(nibabel.as_closest_canonical(image).dataobj if stated else image.dataobj)
    except Exception as e:  # a cut file: zlib, gzip and OSError
        raise _unreadable(path, e) from None
    values = values.squeeze() if values.ndim > 3 else values
    if values.ndim not in (2, 3) or 0 in values.shape or values.dtype.kind not in "buif":
        raise InputError(f"{path}: shape {values.shape} of {kind}; give one mask of two or three axes")
    volume = values.reshape(*values.shape[:2], -1)
    if stated:  # from right to left and back to front, to columns and rows of the image
        volume = volume[::-1, ::-1].transpose(1, 0, 2)
    return np.ascontiguousarray(np.moveaxis(volume, 2, 0))


def steps_of(path: Path) -> tuple[float, float, float]:
    """(slice, row, column) step in mm by the header, 1 for a slice without one; InputError if they are no sizes."""
    steps = [float(step) for step in _load(path).header.get_zooms()[:3]]
    if len(steps) < 2 or not all(isfinite(step) and step > 0 for step in steps):
        raise InputError(f"{path}: a spacing of {steps} in the header; give --spacing ROW,COLUMN in mm")
    column, row, *slices = steps
    return (slices[0] if slices else 1.0, row, column)


def _load(path: Path):  # type: ignore[no-untyped-def]  # nibabel has no types
    import nibabel

    logging.getLogger("nibabel.global").setLevel(logging.CRITICAL)  # lines of its own about odd headers
    try:
        _check_unpacked(path)
        return nibabel.load(path)
    except InputError:
        raise
    except Exception as e:  # nibabel, gzip and zlib each have their own
        raise _unreadable(path, e) from None


def _check_unpacked(path: Path) -> None:
    """InputError if a gzip file unpacks to more than a volume may have; small files cannot."""
    if not path.name.lower().endswith(".gz") or path.stat().st_size * DEFLATE <= ARRAY_BYTES:
        return
    size = 0
    with gzip.open(path) as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            size += len(chunk)
            if size > ARRAY_BYTES + CHUNK:  # a header and its extensions besides
                raise too_large(path, size, ARRAY_BYTES, "bytes when unpacked", AS_UINT8)


def _unreadable(path: Path, error: Exception) -> InputError:
    reason = " ".join(str(error).replace(str(path), "").split())[:80]
    return InputError(f"{path}: not a readable volume ({reason}); save it again")
