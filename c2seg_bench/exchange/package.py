"""The zip that carries one method's results from one person to another: per-image scores and where they come from.

It has no image and no prompt. It is read as untrusted: only the entries named here, none larger than a bound,
nothing unpacked to disk, and every table checked against what it must be.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic
from c2seg_bench.results import schema
from c2seg_bench.rundir import CLEAN
from c2seg_bench.suite import digest
from metrics.consistency.axes import ALL

MANIFEST, SCORES, CEILING = "manifest.json", "scores.parquet", "ceiling.parquet"
TABLES = ("main", "axes", "stress", "robustness", "adherence")
LARGEST = {".json": 1 << 20, ".parquet": 1 << 28}  # bytes of an entry
ROWS = 5_000_000  # of a table
STAMP = (1980, 1, 1, 0, 0, 0)  # of every entry, so that equal results are equal files
Short = Annotated[str, Field(max_length=200)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class DatasetRecord(BaseModel):
    """What decides whether two results on a dataset can be compared.

    Args:
        images: of the test split.
        split, images, prompts: digests of the test images' names, of their pixels with the experts' masks, and of
            their prompts.
        size: side of the images in pixels.
        frame: digest of the frame that positions were judged in.
        noise: condition -> digest of its prompts.
    """

    model_config = ConfigDict(extra="forbid")

    source: Short
    images: int = Field(ge=1)
    split: Digest
    pictures: Digest
    prompts: Digest
    size: int = Field(ge=1)
    ontology: Short
    frame: Digest
    noise: dict[Short, Digest] = Field(max_length=1000)


class Manifest(BaseModel):
    """`scoring` is the version of the scores: equal masks have equal scores where it is the same."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    method: Short
    title: Short
    uses_text: bool | None = None
    params_m: float | None = Field(None, ge=0, description="millions of trained parameters")
    link: Short = ""
    suite: Short
    scoring: int
    threshold: float
    datasets: dict[Short, DatasetRecord] = Field(min_length=1, max_length=100)
    provenance: dict[str, Any] = Field(default_factory=dict, max_length=100)


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


def split_digest(images: list[str]) -> str:
    return digest(sorted(images))


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


def read_package(path: Path) -> Package:
    """Read such a zip, from whomever it comes. InputError names the file and what is wrong in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {name: _entry(archive, name) for name in _checked_names(archive)}
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; give a zip that c2seg-bench export wrote") from None
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, ValueError) as e:
        raise InputError(f"{path}: {_one_line(e)}; give a zip that c2seg-bench export wrote") from None
    try:
        manifest = Manifest.model_validate_json(entries.pop(MANIFEST))
        tables = {name: _table(data, name) for name, data in entries.items()}
        package = Package(
            manifest,
            tables.pop(SCORES),
            tables.pop(CEILING),
            {Path(name).stem: table for name, table in tables.items()},
        )
        _check(package)
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}: {MANIFEST}: {where}: {first['msg']}; export it again") from None
    except ValueError as e:
        raise InputError(f"{path}: {_one_line(e)}; export it again") from None
    return package


def _checked_names(archive: zipfile.ZipFile) -> list[str]:
    """The entries. ValueError if one is none of an export, is there twice, is too large or is missing."""
    known = {MANIFEST, SCORES, CEILING, *(f"tables/{name}.parquet" for name in TABLES)}
    names = [entry.filename for entry in archive.infolist()]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"has the entry {unknown[0]!r:.80}, which no export has")
    if len(set(names)) < len(names):
        raise ValueError("has an entry twice")
    if missing := {MANIFEST, SCORES, CEILING} - set(names):
        raise ValueError(f"has no {min(missing)}")
    return names


def _entry(archive: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of an entry, read no further than the bound, whatever size the archive states."""
    largest = LARGEST[Path(name).suffix]
    with archive.open(name) as stream:
        data = stream.read(largest + 1)
    if len(data) > largest:
        raise ValueError(f"{name} is larger than {largest >> 20} MB")
    return data


def _table(data: bytes, name: str) -> pd.DataFrame:
    """A parquet table of plain columns: text, numbers and yes/no."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        rows = file.metadata.num_rows
        size = sum(file.metadata.row_group(k).total_byte_size for k in range(file.metadata.num_row_groups))
        if rows > ROWS or size > 4 * LARGEST[".parquet"]:
            raise ValueError(f"{name} has {rows} rows of {size >> 20} MB; there are at most {ROWS} rows")
        for column in file.schema_arrow:
            kind = column.type
            plain = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
            if not (plain or pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)):
                raise ValueError(f"{name}: column {column.name!r:.40} is {kind}; there are numbers and text only")
        return file.read().replace_schema_metadata(None).to_pandas()
    except pa.ArrowException as e:
        raise ValueError(f"{name}: not a parquet table ({_one_line(e)})") from None


def _check(package: Package) -> None:
    """ValueError if the scores are not those that the manifest describes."""
    expected = [c.name for c in schema.SCORES.columns if c.always and c.name != "prompt"]
    if missing := [name for name in expected if name not in package.scores]:
        raise ValueError(f"{SCORES} has no column {missing[0]}")
    keys = ["dataset", "seed", "condition", "image"]
    if package.scores.duplicated(keys).any():
        raise ValueError(f"{SCORES} has two rows for one image, seed and condition")
    if set(package.scores["method"]) != {package.method}:
        raise ValueError(f"{SCORES} has other methods than {package.method!r}")
    for column in ("dice", "iou", "score", "chance"):
        values = package.scores[column].dropna().to_numpy(float)
        if not ((values >= 0) & (values <= 1)).all():
            raise ValueError(f"{SCORES}: {column} is not within 0 and 1")
    clean = package.scores[package.scores["condition"] == str(CLEAN)]
    if set(clean["dataset"]) != set(package.manifest.datasets):
        raise ValueError(f"{SCORES} has other datasets than {MANIFEST}")
    for dataset, rows in clean.groupby("dataset"):
        record = package.manifest.datasets[str(dataset)]
        for _, of_seed in rows.groupby("seed"):
            if split_digest(list(of_seed["image"])) != record.split:
                raise ValueError(f"{SCORES}: the images of {dataset} are not those of {MANIFEST}")
        if lacking := [c for c in ALL.columns[1:] if c not in package.ceiling]:
            raise ValueError(f"{CEILING} has no column {lacking[0]}")
        experts = package.ceiling[package.ceiling["dataset"] == dataset]
        if len(experts) != record.images or split_digest(list(experts["image"])) != record.split:
            raise ValueError(f"{CEILING}: the images of {dataset} are not those of {MANIFEST}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
