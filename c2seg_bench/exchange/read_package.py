"""Reading a package from whomever it comes.

It is untrusted: only the entries of an export are read, none larger than a bound, nothing is unpacked to disk, and
every table is checked against its manifest.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from c2seg_bench.errors import InputError
from c2seg_bench.exchange.manifest import Manifest, split_digest
from c2seg_bench.exchange.package import CEILING, MANIFEST, SCORES, TABLES, Package
from c2seg_bench.results import schema
from c2seg_bench.results.check_scores import fault_of_columns, fault_of_names
from c2seg_bench.rundir import CLEAN
from metrics.consistency.axes import ALL

LARGEST = {".json": 1 << 20, ".parquet": 1 << 28}  # bytes of an entry
ROWS = 5_000_000  # of a table


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
        _check_columns(entries[SCORES])
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


def _check_columns(scores: bytes) -> None:
    """ValueError if the scores lack a column, or have one of another type."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        stored = pq.read_schema(pa.BufferReader(scores))
    except pa.ArrowException as e:
        raise ValueError(f"{SCORES}: not a parquet table ({_one_line(e)})") from None
    if fault := fault_of_columns(stored, [c.name for c in schema.SCORES.columns if c.always and c.name != "prompt"]):
        raise ValueError(f"{SCORES}: {fault}")


def _check(package: Package) -> None:
    """ValueError if the scores are not those that the manifest describes."""
    keys = ["dataset", "seed", "condition", "image"]
    if fault := fault_of_names(package.scores[["method", *keys]].drop_duplicates()):
        raise ValueError(f"{SCORES}: {fault}")
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
