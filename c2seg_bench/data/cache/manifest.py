"""What a prepared dataset says of itself: its source, counts, subjects, and hashes of its content."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.data.source import SPLITS, Record, Source
from c2seg_bench.files.digests import digest

FORMAT = 3  # 2: masks are shrunk by area; 3: with subjects


def manifest_of(
    source: Source,
    records: list[Record],
    index: pd.DataFrame,
    size: int,
    root: Path | None,
    options: dict[str, Any],
    request: str,
    files: Mapping[str, object],
) -> dict[str, Any]:
    """The manifest.

    Args:
        request: digest of the arguments: source, size, options, pairs.
        files: digests of the files that were read, as `source_files` gives them.
    """
    splits = Counter(r.split for r in records)
    return {
        "format": FORMAT,
        "request": request,
        "files": dict(files),
        "source": source.name,
        "title": source.title,
        "options": options,
        "root": str(root) if root else None,
        "size": size,
        "ontology": source.ontology,
        "frame": source.frame,
        "published": source.published,
        "counts": {s: splits[s] for s in SPLITS},
        "subjects": _subjects(index, options),
        "text_sha256": text_sha256(records),
        "hash": digest(index[["name", "split", "prompt", "image_sha", "mask_sha"]].to_numpy().tolist()),
    }


def _subjects(index: pd.DataFrame, options: dict) -> dict[str, Any]:
    """How many persons the images are of, of how many images that is known, and what says so."""
    known = index["subject"] != ""
    column = options.get("subject")
    origin = f"column {column}" if column else "file names" if known.any() else None
    return {"n": int(index["subject"][known].nunique()), "pictures": int(known.sum()), "from": origin}


def text_sha256(records: list[Record]) -> str:
    """Hash of every name with its prompt: several versions of a dataset's texts are public."""
    return digest([(r.name, r.prompt) for r in records])


def sha_of(array: np.ndarray) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()[:16]
