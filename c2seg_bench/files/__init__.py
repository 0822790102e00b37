"""Files and folders: written whole or not at all, checked when they are read, of bounded size.

Everything but the bounds, in `bounds.py`, is imported from this package.
"""

from c2seg_bench.files.checksums import SUMS, DamagedFile, checksum_lines, has_checksum, sha256_of, verify
from c2seg_bench.files.lock import only_one
from c2seg_bench.files.machine import fault_of_machine
from c2seg_bench.files.paths import user_path
from c2seg_bench.files.reading import parquet_errors, read_json, read_object, read_rows, read_table, set_aside
from c2seg_bench.files.temporary import beside, remove_leftovers
from c2seg_bench.files.writing import atomic, is_full_disk, write_json

__all__ = [
    "SUMS",
    "DamagedFile",
    "atomic",
    "beside",
    "checksum_lines",
    "fault_of_machine",
    "has_checksum",
    "is_full_disk",
    "only_one",
    "parquet_errors",
    "read_json",
    "read_object",
    "read_rows",
    "read_table",
    "remove_leftovers",
    "set_aside",
    "sha256_of",
    "user_path",
    "verify",
    "write_json",
]
