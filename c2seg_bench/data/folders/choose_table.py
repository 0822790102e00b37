"""Which table has a split's prompts, and the error where its names do not pair."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from c2seg_bench.data.faults import Complain
from c2seg_bench.data.folders.folder_options import Options
from c2seg_bench.data.folders.layout import TEXT_FOLDERS, Place, whole_table_names
from c2seg_bench.data.folders.splits import split_of
from c2seg_bench.data.names import ByName, find, some, stem
from c2seg_bench.data.tables.prompt_tables import Columns, Row, has_column, other_sheets, read_prompts
from c2seg_bench.data.tables.table_files import FORMATS
from c2seg_bench.errors import InputError


@dataclass(frozen=True)
class ChosenTable:
    """A table of one split.

    Args:
        path: of the file.
        split: of the rows.
        columns: that are read; with a split column, rows of other splits are left out.
        shared: whether it may have rows of images in another split's folder.
    """

    path: Path
    split: str
    columns: Columns
    shared: bool = False

    def rows(self, complain: Complain) -> list[Row]:
        """The split's rows; complains of a split that is none."""
        rows = read_prompts(self.path, complain, self.columns)
        if self.columns.split is None:
            return rows
        for row in rows:
            if self.split == "train" and split_of(row.split) is None:
                complain(
                    f"{self.path}: row {row.number}: {self.columns.split} is {row.split!r}; give train, val or test"
                )
        return [row for row in rows if split_of(row.split) == self.split]


def choose_table(folder: Path, split: str, place: Place, options: Options, complain: Complain) -> ChosenTable | None:
    """A split's own table, else one it may share, else one for all splits with a column that says which.

    Complains where there is none, unless the split may be empty, and of a second table that says something else.
    """
    for tables, shared in ((place.tables, False), (place.other_tables, True)):
        paths = list(dict.fromkeys(path for x in tables if (path := find(folder, x))))
        if paths:
            _refuse_different(paths, options.columns, complain)
            columns = options.columns
            if options.prompts and "{split}" not in options.prompts and has_column(paths[0], options.split):
                columns = columns._replace(split=options.split)
            return ChosenTable(paths[0], split, columns, shared)
    for path in (find(folder, x) for x in whole_table_names(*TEXT_FOLDERS)):
        if path and not options.prompts and has_column(path, options.split):
            return ChosenTable(path, split, options.columns._replace(split=options.split))
    if not place.optional and not (split == "val" and options.validation is not None):
        names = [x for x in place.tables if x.endswith(FORMATS[0])] or place.tables
        share = ", or take a share of train (options: validation: 0.1)" if split == "val" else ""
        complain(f"{folder}: no table of prompts for {split}; put one of these there: {some(names)}{share}")
    return None


def _refuse_different(tables: list[Path], columns: Columns, complain: Complain) -> None:
    """Complain of tables that differ from the first; what is wrong with that is reported when it is read."""
    first = _content(tables[0], columns) if len(tables) > 1 else None
    for other in tables[1:]:
        if first is not None and _content(other, columns) != first:
            complain(f"{other}: differs from {tables[0]}, and both are tables of one split; keep one of the two")


def _content(table: Path, columns: Columns) -> set[tuple[str, str]] | None:
    """Names and prompts, in no order; None if the table cannot be read."""
    try:
        rows = read_prompts(table, lambda message: None, columns._replace(subject=None))
        return {(stem(row.name), row.prompt) for row in rows}
    except InputError:
        return None


def no_pair(table: ChosenTable, rows: list[Row], images: ByName[Path], folder: Path) -> str:
    """Why none of a table's rows belongs to an image: the names on both sides, what is near, and other sheets."""
    message = f"{table.path}: no prompt belongs to an image in {folder}; names do not pair"
    if not rows:
        message += ": the table has no rows" + (f" of {table.split}" if table.columns.split else "")
    elif not images:
        message += ": the folder has no images"
    else:
        message += (
            f": the table has {some(row.name for row in rows)}, the folder {some(p.name for p in images.values())}"
        )
    return message + other_sheets(table.path, table.columns)
