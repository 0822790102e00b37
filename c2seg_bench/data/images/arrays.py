"""NumPy's files, .npy and .npz. What a header claims is checked before memory is taken for it."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile, is_zipfile

import numpy as np

from c2seg_bench.errors import InputError
from c2seg_bench.files.bounds import ARRAY_BYTES, too_large

AS_UINT8 = "save masks as uint8, or in several files"


def read_array(path: Path) -> np.ndarray:
    """(D, H, W) of a .npy array, or of the only one of a .npz archive.

    Axes of length 1 are dropped, but for the last two. Nothing is unpickled.

    Raises:
        InputError: names a file that is no array of numbers, has several, other axes, or more than `ARRAY_BYTES`.
    """
    try:
        values = _of_archive(path) if is_zipfile(path) else _of_file(path)
    except InputError:
        raise
    except Exception as e:  # NumPy, zipfile and zlib each have their own; all mean the same to the caller
        reason = " ".join(str(e).split())[:80]
        raise InputError(f"{path}: not a readable array ({reason}); write it with numpy.save") from None
    if values.dtype.kind not in "buif":
        raise InputError(f"{path}: not one array of numbers; write the mask alone with numpy.save")
    image = values.squeeze() if values.ndim > 3 else values
    if image.ndim == 3 and image.shape[-1] == 1:  # (H, W, 1)
        image = image[..., 0]
    if image.ndim not in (2, 3) or 0 in image.shape:
        raise InputError(f"{path}: shape {str(values.shape)[:60]}; give one mask (H, W), or slices (D, H, W)")
    return image.reshape(-1, *image.shape[-2:])


def _of_file(path: Path) -> np.ndarray:
    mapped = np.lib.format.open_memmap(path, mode="r")  # ValueError if the file is shorter than its header says
    if mapped.nbytes > ARRAY_BYTES:
        raise too_large(path, mapped.nbytes, ARRAY_BYTES, "bytes in the array", AS_UINT8)
    return np.array(mapped)


def _of_archive(path: Path) -> np.ndarray:
    with ZipFile(path) as archive:
        names = [part.filename for part in archive.infolist()]
        if len(names) != 1:
            listed = ", ".join(name.removesuffix(".npy") for name in names[:5]) or "none"
            raise InputError(f"{path}: arrays {listed}; write the mask alone")
        size = archive.getinfo(names[0]).file_size
        if size > ARRAY_BYTES:
            raise too_large(path, size, ARRAY_BYTES, "bytes in the array", AS_UINT8)
        with archive.open(names[0]) as file:
            major, _ = np.lib.format.read_magic(file)
            read_header = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
            shape, _, dtype = read_header(file)
        count = 1
        for length in shape:
            count *= length
        if count * dtype.itemsize > size:
            raise InputError(f"{path}: cut: its header claims {count} numbers; write it again with numpy.savez")
        with archive.open(names[0]) as file:
            return np.lib.format.read_array(file, allow_pickle=False)
