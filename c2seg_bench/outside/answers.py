"""Answers as they come in, kept on disk so that a killed evaluation continues where it was."""

from __future__ import annotations

import json
import shutil
import zlib
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from c2seg_bench.data.masks.packed import PackedMasks
from c2seg_bench.files import beside

THERE = 1 << 32  # above every CRC-32: 0 means that there is no answer


class Answers:
    """N masks (S, S) of a bit a pixel, and the checksum of each that is there, in files that are written in place.

    A mask whose checksum is not that of its bits is not there: neither a kill nor a power failure between the two
    writes leaves a wrong one.
    """

    def __init__(self, folder: Path, size: int):
        self.shape = (size, size)
        self._bits = open_memmap(folder / "masks.npy", "r+")
        self._sums = open_memmap(folder / "sums.npy", "r+")
        self.known = np.array([self._is_there(k) for k in range(len(self._sums))], bool)

    @classmethod
    def open(cls, folder: Path, key: str, number: int, size: int) -> Answers:
        """Those in the folder if they answer the same `key`; else none, in new files."""
        content = json.dumps({"key": key, "number": number, "size": size})
        stored = folder / "about.json"
        if not (stored.exists() and stored.read_text(encoding="utf-8") == content):
            folder.parent.mkdir(parents=True, exist_ok=True)
            part = beside(folder)
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            open_memmap(part / "masks.npy", "w+", np.uint8, (number, -(-size * size // 8))).flush()
            open_memmap(part / "sums.npy", "w+", np.uint64, (number,)).flush()
            (part / "about.json").write_text(content, encoding="utf-8")
            shutil.rmtree(folder, ignore_errors=True)
            part.rename(folder)
        return cls(folder, size)

    def missing(self) -> NDArray[np.int64]:
        """Positions without an answer, ascending."""
        return np.flatnonzero(~self.known)

    def put(self, position: int, mask: NDArray[np.bool_]) -> None:
        """Keep the mask (S, S) of a position."""
        bits = PackedMasks.pack(mask[None]).bits[0]
        self._bits[position] = bits
        self._sums[position] = THERE | zlib.crc32(bits.tobytes())
        self.known[position] = True

    def take(self, positions: NDArray[np.int64]) -> PackedMasks:
        """The masks of these positions; an empty one where there is no answer."""
        return PackedMasks(np.where(self.known[positions, None], self._bits[positions], 0), self.shape)

    def _is_there(self, position: int) -> bool:
        return int(self._sums[position]) == THERE | zlib.crc32(self._bits[position].tobytes())
