"""Before a run: what is damaged in its folder is set aside, so that the step that wrote it runs again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from c2seg_bench.data.masks.packed import load_masks
from c2seg_bench.files import SUMS, DamagedFile, has_checksum, read_object, read_rows, set_aside, verify
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import AnyCell, Cell

READERS: dict[str, Callable[[Path], Any]] = {".json": read_object, ".parquet": read_rows, ".npz": load_masks}


def repair(run: RunDir, cells: Iterable[AnyCell]) -> None:
    """Set aside every damaged file of the run and of these cells, and what follows from it in the same cell.

    Scores of lost masks go, and so does the record of a cell whose weights are lost: it is trained, predicted and
    scored again, with the same result.
    """
    for path in (run.suite, run.scores):
        _is_damaged(path)
    for cell in cells:
        damaged = [path for path in _files(cell.folder) if _is_damaged(path)]
        masks_lost = any(path.parent != cell.folder for path in damaged)
        weights_lost = any(path.stem == cell.files.checkpoint.name for path in damaged) or _lacks_description(cell)
        if masks_lost or weights_lost:
            cell.files.scores.unlink(missing_ok=True)
        if weights_lost:
            cell.files.record.unlink(missing_ok=True)


def _lacks_description(cell: AnyCell) -> bool:
    """Whether a finished cell has lost the file that says what its weights answer."""
    finished = isinstance(cell, Cell) and cell.files.record.exists()
    return finished and not cell.files.checkpoint.with_suffix(".json").exists()


def _files(folder: Path) -> Iterator[Path]:
    """The files of a cell's folder that a run reads back. Answers of a model have checksums of their own."""
    for place in (folder, folder / "predictions"):
        yield from sorted(path for path in place.glob("[!.]*") if path.is_file() and path.name != SUMS)


def _is_damaged(path: Path) -> bool:
    """Whether the file had to be set aside. One without a checksum, of an earlier version, is read as a test."""
    try:
        verify(path)
        if not has_checksum(path) and path.suffix in READERS and path.name != "progress.json":
            READERS[path.suffix](path)
    except FileNotFoundError:
        return False
    except DamagedFile as e:
        set_aside(path, e.reason)
        return True
    return False
