"""The prepared form of any dataset: uint8 arrays to map into memory, an index, and a manifest with hashes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.data.cache.manifest import FORMAT
from c2seg_bench.errors import InputError
from c2seg_bench.files import SUMS, DamagedFile, verify
from c2seg_bench.files.digests import digest

CONTENT = ("manifest.json", "images.npy", "masks.npy", "index.parquet")
FILES = {*CONTENT, SUMS}
COLUMNS = ("name", "split", "prompt", "subject", "height", "width", "image_sha", "mask_sha")
KEYS = ("source", "ontology", "frame", "published", "counts", "text_sha256", "hash")  # of the manifest, that are read


@dataclass
class Cache:
    """An opened cache.

    images (N, S, S, 3) uint8 and masks (N, S, S) uint8 0/1 are memory maps; index has the columns name, split, prompt,
    subject (the person that the image is of, "" where that is not known), height, width (of the original), image_sha,
    mask_sha; manifest says where all of it came from.
    """

    folder: Path
    images: np.ndarray
    masks: np.ndarray
    index: pd.DataFrame
    manifest: dict[str, Any]

    @classmethod
    def open(cls, folder: str | Path) -> Cache:
        """Open a prepared folder; InputError if it is not one, or a file in it is damaged."""
        folder = Path(folder)
        try:
            for name in CONTENT:
                verify(folder / name)
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            images, masks = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("images", "masks"))
            index = pd.read_parquet(folder / "index.parquet")
        except FileNotFoundError as e:
            missing = Path(e.filename).name
            raise InputError(f"{folder}: not a prepared dataset ({missing} is missing); prepare it") from None
        except DamagedFile as e:
            raise InputError(f"{folder}: {e.path.name} is damaged ({e.reason}); prepare it again") from None
        except (ValueError, OSError, EOFError) as e:
            reason = " ".join(str(e).split())
            raise InputError(f"{folder}: cannot be read ({reason}); prepare it again") from None
        if not isinstance(manifest, dict):
            raise InputError(f"{folder}: cannot be read (manifest.json is no object); prepare it again")
        if manifest.get("format") != FORMAT:
            raise InputError(f"{folder}: prepared by another version; prepare it again")
        cache = cls(folder, images, masks, index, manifest)
        if fault := cache._fault():
            raise InputError(f"{folder}: cannot be read ({fault}); prepare it again")
        return cache

    def _fault(self) -> str | None:
        """What is wrong with a file, by itself or beside the manifest."""
        pairs, size = len(self.index), self.manifest.get("size")
        for name, array, shape in (
            ("images", self.images, (pairs, size, size, 3)),
            ("masks", self.masks, (pairs, size, size)),
        ):
            if array.shape != shape or array.dtype != np.uint8:
                return f"{name}.npy is {array.dtype} {array.shape} instead of uint8 {shape}"
        if missing := [column for column in COLUMNS if column not in self.index]:
            return f"index.parquet has no column {missing[0]}"
        if gaps := [column for column in COLUMNS[:3] if self.index[column].isna().any()]:
            return f"index.parquet has a row without {gaps[0]}"
        if missing := [key for key in KEYS if key not in self.manifest]:
            return f"manifest.json has no {missing[0]}"
        wrong = [key for key in ("source", "ontology", "frame") if not isinstance(self.manifest[key], str)]
        return f"manifest.json: {wrong[0]} is no text" if wrong else None

    def rows(self, split: str) -> np.ndarray:
        """(n,) int, the rows of a split in the order of the index."""
        return np.flatnonzero(self.index["split"].to_numpy() == split)

    def split_hash(self, split: str) -> str:
        """Digest of the pairs of a split: their rows, names, prompts, pixels and subjects."""
        columns = ["name", "prompt", "subject", "image_sha", "mask_sha"]
        rows = self.rows(split)
        return digest([self.manifest["size"], rows.tolist(), self.index[columns].iloc[rows].to_numpy().tolist()])
