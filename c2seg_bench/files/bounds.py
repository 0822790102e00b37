"""How large an input may be. What goes beyond is broken or hostile, and is refused before it takes memory or hours.

The bounds lie far above what is in use: the largest table of the known datasets has 7,145 prompts, the longest of them
under 200 characters, and the largest image 4,280 x 4,280 pixels.
"""

from __future__ import annotations

from pathlib import Path

from c2seg_bench.errors import InputError

TABLE_BYTES = 32 << 20  # of a table, unpacked where it is a workbook: 200,000 prompts with names
TABLE_TAGS = 2_000_000  # in the XML of a workbook's sheet: a row of name and prompt has 10, each takes 4 microseconds
TABLE_ROWS = 1_048_576  # what a sheet of Excel has
TABLE_COLUMNS = 256  # a table of prompts has a few; a stray cell at the far corner of a sheet is in column 16,384
CELL_LENGTH = 32_767  # characters, what a cell of Excel has
HEADER_LENGTH = 200  # characters: headers are printed where a column is missing
NAME_LENGTH = 255  # characters: no file system takes a longer name
PROMPT_LENGTH = 10_000  # characters: a long radiology report has 5,000, and some noise takes the square of the length
PROMPT_FILE_BYTES = 32 << 20  # of a file with a prompt per line
PIXELS = 1 << 25  # of an image: 5,792 x 5,792; a detector for mammograms has 25 million
SPLIT_IMAGES = 1_000_000  # of a split, where a suite says how many
SLICES = 20_000  # of a stack; each is read and scored by itself
ARRAY_BYTES = 512 << 20  # of an array or a volume in memory: 512 x 512 x 2,048 voxels of 8 bits
SUITE_BYTES = 128 << 10  # of a suite file; those that ship have under 3 kB
SUITE_DEPTH = 20  # mappings and lists within each other; a suite needs 6
SUITE_NODES = 50_000  # keys and values, aliases counted each time they stand for something
SUITE_DIGITS = 18  # of a whole number: the next one does not fit 64 bits


def check_file_size(path: Path, bound: int, what: str, fix: str) -> None:
    """InputError if the file has more bytes than the bound. OSError if there is no such file."""
    size = path.stat().st_size
    if size > bound:
        raise too_large(path, size, bound, f"bytes of {what}", fix)


def too_large(path: Path | str, value: int, bound: int, what: str, fix: str) -> InputError:
    """The error of an input beyond a bound: `path: value what, more than bound; fix`."""
    return InputError(f"{path}: {value:,} {what}, more than {bound:,}; {fix}")
