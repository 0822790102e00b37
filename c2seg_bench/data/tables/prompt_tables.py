"""Tables of prompts in the layouts in use: which columns name the image, the mask and the prompt."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from c2seg_bench.data.faults import Complain, refuse
from c2seg_bench.data.names import stem
from c2seg_bench.data.tables.table_files import Table, read_table
from c2seg_bench.errors import InputError
from c2seg_bench.files.bounds import NAME_LENGTH, PROMPT_LENGTH, too_large

IMAGE_COLUMNS = ("image", "filename", "file", "name", "img_name", "image_name", "file_name", "img")
MASK_COLUMNS = ("mask", "mask_name", "ground truth", "ground_truth")
TEXT_COLUMNS = ("description", "text", "prompt", "prompts", "caption", "report")
SHOWN_HEADERS = 20  # in a message
EMPTY = {"", "nan", "none", "null", "n/a", "#n/a", "na", "nil", "-", "--", "---", "–", "—", "?"}


class Row(NamedTuple):
    """A row of a table.

    Args:
        number: in the file, 2 for the first below the header.
        name: of the image (or its mask), without folders.
        prompt: with single spaces.
        mask: name of the mask's file; "" where no column names it.
        subject: person that the image is of; "" where no column says.
        split: as the split column says it; "" where there is no such column.
    """

    number: int
    name: str
    prompt: str
    mask: str = ""
    subject: str = ""
    split: str = ""


class Columns(NamedTuple):
    """Which columns of a table are read; None: those with the usual names.

    Args:
        prompt: header of the prompts, or in JSON the key of one of several.
        subject, split: headers; `split` may be missing in the table.
        sheet: of a workbook; None: the first.
    """

    prompt: str | None = None
    subject: str | None = None
    split: str | None = None
    sheet: str | None = None


def read_prompts(path: Path, complain: Complain = refuse, columns: Columns = Columns()) -> list[Row]:  # noqa: B008
    """Every row with a name and a prompt, in the file's order.

    Headers are compared without case, folders before a name are dropped (Windows' too), rows without anything in them
    are skipped. A cell that stands for nothing (nan, None, N/A, a dash) is empty.

    Args:
        path: of the table, see `read_table`.
        complain: gets a line for every row that is wrong or longer than `bounds` allow, which is left out.
        columns: that are read.

    Raises:
        InputError: names the file, and the columns it has; two columns of prompts that differ.
    """
    table = read_table(path, complain, columns.prompt, columns.sheet)
    image, mask = _first(table, IMAGE_COLUMNS), _first(table, MASK_COLUMNS)
    if image is None:
        image = mask
    if image is None:
        raise _missing(table, f"an image's name ({', '.join((*IMAGE_COLUMNS, *MASK_COLUMNS))})")
    prompts = _text_column(table, columns.prompt)
    subject = _named(table, columns.subject, "options: subject")
    split = None if columns.split is None else table.index(columns.split)
    rows = []
    for number, cells in table.rows:
        name, prompt = _name(cells[image]), _cell(cells[prompts])
        if problem := _too_long(name, prompt, f"{path}: row {number}"):
            complain(problem)
        elif name and prompt:
            of_mask, person, part = (_name(cells[c]) if c is not None else "" for c in (mask, subject, split))
            rows.append(Row(number, name, prompt, of_mask, person, part))
        elif prompt:
            complain(f"{path}: row {number}: no name of an image; fill it in or delete the row")
        elif name:
            complain(f"{path}: row {number}: {name} has no prompt; fill it in or delete the row")
    return rows


def _too_long(name: str, prompt: str, where: str) -> str:
    for what, text, bound in (("name", name, NAME_LENGTH), ("prompt", prompt, PROMPT_LENGTH)):
        if len(text) > bound:
            return str(too_large(where, len(text), bound, f"characters in the {what}", "shorten it"))
    return ""


def without_repetitions(rows: list[Row], path: Path) -> list[Row]:
    """The rows without those that say the same again; InputError: an image and mask have two prompts."""
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        earlier = first.setdefault((stem(row.name), stem(row.mask)), row)
        if earlier.prompt != row.prompt:
            raise InputError(
                f"{path}: rows {earlier.number} and {row.number} give two prompts for {stem(row.name)}; keep one"
            )
    return list(first.values())


def other_sheets(path: Path, columns: Columns) -> str:
    """The end of a message about names: which of several sheets was read; "" where there is one."""
    sheets = read_table(path, lambda line: None, columns.prompt).sheets
    if len(sheets) < 2:
        return ""
    which = f"sheet {columns.sheet or sheets[0]} was read of {', '.join(sheets)}"
    return f"; {which} (--prompt-sheet, in a suite options: sheet)"


def has_column(path: Path, header: str) -> bool:
    """Whether a table has this column; False if it cannot be read."""
    try:
        return read_table(path, lambda message: None).index(header) is not None
    except InputError:
        return False


def _first(table: Table, headers: tuple[str, ...]) -> int | None:
    return next((c for header in headers if (c := table.index(header)) is not None), None)


def _named(table: Table, header: str | None, option: str) -> int | None:
    if header is None:
        return None
    column = table.index(header)
    if column is None:
        raise InputError(f"{table.path}: no column {header!r} ({option}); it has {_headers(table)}")
    return column


def _text_column(table: Table, prompt: str | None) -> int:
    """The column of prompts: the one of this header, else the only one with a usual header, or the first of equals."""
    if prompt is not None and (column := table.index(prompt)) is not None:
        return column
    known = [c for c, header in enumerate(table.headers) if header.strip().lower() in TEXT_COLUMNS]
    if not known:
        raise _missing(table, f"a prompt ({', '.join(TEXT_COLUMNS)})")
    if prompt is not None and table.path.suffix.lower() != ".json":  # where it is a key within a cell
        raise InputError(f"{table.path}: no column {prompt!r} of prompts; it has {_headers(table)}")
    known.sort(key=lambda c: TEXT_COLUMNS.index(table.headers[c].strip().lower()))
    for number, cells in table.rows:
        texts = [_cell(cells[c]) for c in known]
        if len(set(texts)) > 1:
            names = " and ".join(table.headers[c].strip() for c in known)
            raise InputError(
                f"{table.path}: row {number}: columns {names} differ, and both may be the prompt; say which is "
                "(--prompt-column, in a suite options: prompt)"
            )
    return known[0]


def _missing(table: Table, what: str) -> InputError:
    if not table.headers:
        return InputError(f"{table.path}: the table is empty; give one with a header, an image's name and its prompt")
    return InputError(f"{table.path}: no column for {what}; it has {_headers(table)}; rename the column that has it")


def _headers(table: Table) -> str:
    more = ", ..." if len(table.headers) > SHOWN_HEADERS else ""
    return (", ".join(table.headers[:SHOWN_HEADERS]) or "none") + more


def _name(cell: str) -> str:
    """Without folders and outer spaces; two spaces within a name are the file's own."""
    name = re.sub(r"[\r\n\t\f\v]+", " ", cell).strip()
    return "" if name.lower() == "nan" else name.replace("\\", "/").rsplit("/", 1)[-1]


def _cell(cell: str) -> str:
    text = " ".join(cell.split())
    return "" if text.lower() in EMPTY else text
