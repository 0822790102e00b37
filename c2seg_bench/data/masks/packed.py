"""Masks packed to one bit per pixel, in memory and on disk. A sweep has one mask per image and condition."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from c2seg_bench.errors import InputError
from c2seg_bench.files import DamagedFile, atomic, verify


@dataclass
class PackedMasks:
    """N masks of `shape` (H, W): bits (N, ceil(H*W/8)) uint8, row by row, the first pixel in the highest bit."""

    bits: np.ndarray
    shape: tuple[int, int]

    @classmethod
    def pack(cls, masks: np.ndarray) -> PackedMasks:
        """(N, H, W) bool."""
        height, width = masks.shape[1:]
        return cls(np.packbits(masks.reshape(len(masks), height * width), axis=1), (height, width))

    @classmethod
    def empty(cls, count: int, shape: tuple[int, int]) -> PackedMasks:
        """`count` empty masks."""
        return cls(np.zeros((count, -(-shape[0] * shape[1] // 8)), np.uint8), shape)

    def unpack(self) -> np.ndarray:
        """(N, H, W) bool."""
        height, width = self.shape
        return np.unpackbits(self.bits, axis=1, count=height * width).reshape(-1, height, width).astype(bool)


class PackedList(Sequence[np.ndarray]):
    """Masks of any shapes, one bit per pixel in memory; an item is unpacked, (H, W) bool, when it is read."""

    def __init__(self, masks: Iterable[np.ndarray] = ()):
        self._packed = [(np.packbits(mask), mask.shape) for mask in masks]

    @classmethod
    def joined(cls, lists: Iterable[PackedList]) -> PackedList:
        """The masks of several lists, one list after another."""
        whole = cls()
        whole._packed = [packed for part in lists for packed in part._packed]
        return whole

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, i):  # type: ignore[no-untyped-def]  # of an int a mask, of a slice a list of these
        if isinstance(i, slice):
            part = PackedList()
            part._packed = self._packed[i]
            return part
        bits, shape = self._packed[i]
        return np.unpackbits(bits, count=int(np.prod(shape))).reshape(shape).astype(bool)


def save_masks(path: Path, names: list[str], masks: PackedMasks) -> None:
    """Write one condition's masks: names (N,) str, bits as in `PackedMasks`, shape (2,) int."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path, checksum=True) as temporary, open(temporary, "wb") as f:
        np.savez_compressed(f, names=np.array(names, dtype=np.str_), bits=masks.bits, shape=np.array(masks.shape))


def load_masks(path: Path) -> tuple[list[str], np.ndarray]:
    """Read names and (N, H, W) bool masks; InputError if the file is missing or damaged."""
    try:
        verify(path)
        with np.load(path, allow_pickle=False) as f:
            height, width = (int(x) for x in f["shape"])
            names, bits = [str(n) for n in f["names"]], f["bits"]
    except FileNotFoundError:
        raise InputError(f"{path}: no such predictions; run c2seg-bench predict first") from None
    except (KeyError, ValueError, TypeError, OSError, EOFError, BadZipFile, zlib.error) as e:
        if isinstance(e, DamagedFile):
            raise
        raise DamagedFile(path, f"not a packed prediction file: {' '.join(str(e).split())}") from None
    expected = (len(names), -(-height * width // 8))
    if bits.shape != expected or bits.dtype != np.uint8:
        raise DamagedFile(path, f"bits are {bits.dtype} {bits.shape} instead of uint8 {expected}")
    return names, PackedMasks(bits, (height, width)).unpack()
