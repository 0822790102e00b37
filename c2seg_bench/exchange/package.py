"""The zip that carries one method's results from one person to another, without images and prompts."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from c2seg_bench.exchange.manifest import Manifest
from c2seg_bench.files import atomic

MANIFEST, SCORES, CEILING = "manifest.json", "scores.parquet", "ceiling.parquet"
TABLES = ("main", "axes", "stress", "robustness", "adherence")
STAMP = (1980, 1, 1, 0, 0, 0)  # of every entry, so that equal results are equal files


@dataclass(frozen=True)
class Package:
    """One method's results.

    Args:
        manifest: what the method and the data are.
        scores: columns of scores.parquet without `prompt`, the rows of the method.
        ceiling: `dataset`, `image` and the experts' masks' graded score and chance on every axis.
        tables: name -> the method's rows of the run's tidy tables.
    """

    manifest: Manifest
    scores: pd.DataFrame
    ceiling: pd.DataFrame
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.manifest.method

    @property
    def title(self) -> str:
        return self.manifest.title


def write_package(package: Package, out: Path) -> None:
    """Write the zip, whole or not at all; the same package gives the same bytes."""
    entries = {MANIFEST: (package.manifest.model_dump_json(indent=1) + "\n").encode()}
    tables = {SCORES: package.scores, CEILING: package.ceiling}
    tables |= {f"tables/{name}.parquet": table for name, table in package.tables.items()}
    for name, table in tables.items():
        buffer = io.BytesIO()
        table.to_parquet(buffer, index=False)
        entries[name] = buffer.getvalue()
    with atomic(out) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name, STAMP), data, zipfile.ZIP_DEFLATED)
