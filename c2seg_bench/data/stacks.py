"""Files with several slices: pages of a TIFF, arrays with three axes, NIfTI volumes. A slice is a picture (H, W)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from c2seg_bench.data.names import ARRAYS, VOLUMES
from c2seg_bench.errors import InputError

CACHED = 4  # arrays in memory while their slices are read one by one


def depth_of(path: Path) -> int:
    """Number of slices; 1 for a file of one picture. InputError where the file cannot be read."""
    if path.name.lower().endswith((*ARRAYS, *VOLUMES)):
        return len(read_stack(path))
    try:
        with Image.open(path) as picture:
            return 1 if picture.format == "MPO" else getattr(picture, "n_frames", 1)
    except (OSError, ValueError):
        return 1  # reported when it is read


def read_stack(path: Path) -> np.ndarray:
    """(D, H, W) the slices of an array or a volume, as numbers of any type; InputError names the file."""
    return _read_cached(path, path.stat().st_mtime_ns) if path.exists() else _missing(path)


def spacing_of(path: Path) -> tuple[float, float, float]:
    """(slice, row, column) step in mm, from a NIfTI file's header; InputError where the file has no such header."""
    if not path.name.lower().endswith(VOLUMES):
        raise InputError(f"{path}: has no spacing in a header, only NIfTI does; give --spacing ROW,COLUMN in mm")
    column, row, *slices = (float(step) for step in _load_nifti(path).header.get_zooms()[:3])
    return (slices[0] if slices else 1.0, row, column)


@lru_cache(maxsize=CACHED)
def _read_cached(path: Path, changed: int) -> np.ndarray:
    stack = _nifti(path) if path.name.lower().endswith(VOLUMES) else _array(path)
    stack.flags.writeable = False
    return stack


def _missing(path: Path) -> np.ndarray:
    raise InputError(f"{path}: no such file; correct the folder or the table that names it")


def _array(path: Path) -> np.ndarray:
    """A .npy array, or the only one of a .npz archive; axes of length 1 are dropped, but for the last two."""
    try:
        values = np.load(path, allow_pickle=False)
        if not isinstance(values, np.ndarray):
            with values as archive:
                if len(archive.files) != 1:
                    raise InputError(f"{path}: arrays {', '.join(archive.files)}; write the mask alone")
                values = archive[archive.files[0]]
    except (OSError, ValueError, EOFError, KeyError) as e:
        if isinstance(e, InputError):
            raise
        reason = " ".join(str(e).split())[:80]
        raise InputError(f"{path}: not a readable array ({reason}); write it with numpy.save") from None
    except Exception as e:  # zipfile and zlib have their own
        raise InputError(f"{path}: not a readable array ({e}); write it with numpy.savez") from None
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "buif":
        raise InputError(f"{path}: not one array of numbers; write the mask alone with numpy.save")
    picture = values.squeeze() if values.ndim > 3 else values
    if picture.ndim == 3 and picture.shape[-1] == 1:  # (H, W, 1)
        picture = picture[..., 0]
    if picture.ndim not in (2, 3) or 0 in picture.shape:
        raise InputError(f"{path}: shape {values.shape}; give one mask (H, W), or slices (D, H, W)")
    return picture.reshape(-1, *picture.shape[-2:])


def _nifti(path: Path) -> np.ndarray:
    """(D, H, W) with the patient's right on the left and front at the top, as radiologists see axial slices.

    A file whose affine is the identity states no orientation: its axes are rows, columns and slices.
    """
    import nibabel

    image = _load_nifti(path)
    try:
        stated = not np.allclose(image.affine, np.eye(4))
        values = np.asanyarray(nibabel.as_closest_canonical(image).dataobj if stated else image.dataobj)
    except Exception as e:  # a cut file: zlib, gzip and OSError
        raise InputError(f"{path}: not a readable volume ({' '.join(str(e).split())[:80]}); save it again") from None
    values = values.squeeze() if values.ndim > 3 else values
    if values.ndim not in (2, 3) or 0 in values.shape or values.dtype.kind not in "buif":
        raise InputError(f"{path}: shape {values.shape}; give one mask of two or three axes")
    volume = values.reshape(*values.shape[:2], -1)
    if stated:  # from right to left and back to front, to columns and rows of the picture
        volume = volume[::-1, ::-1].transpose(1, 0, 2)
    return np.ascontiguousarray(np.moveaxis(volume, 2, 0))


def _load_nifti(path: Path):  # type: ignore[no-untyped-def]  # nibabel has no types
    import nibabel

    try:
        return nibabel.load(path)
    except Exception as e:
        raise InputError(f"{path}: not a readable volume ({' '.join(str(e).split())[:80]}); save it again") from None
