"""The written schema of what a run leaves: every table, and every column's type, unit and meaning.

docs/schema.md is generated from it, the writer refuses a column that is not in it, and a test compares both.
"""

from c2seg_bench.results.schema.columns import Column, Table
from c2seg_bench.results.schema.scores import SCORES
from c2seg_bench.results.schema.tables import (
    ADHERENCE,
    AXES_TABLE,
    MAIN,
    METHODS,
    METRICS,
    REFERRING,
    REFERRING_COVERAGE,
    ROBUSTNESS,
    STRESS,
)

TABLES = {
    table.file: table
    for table in (
        SCORES, METRICS, METHODS, MAIN, AXES_TABLE, STRESS, ROBUSTNESS, ADHERENCE, REFERRING, REFERRING_COVERAGE
    )
}  # fmt: skip

__all__ = [
    "ADHERENCE",
    "AXES_TABLE",
    "Column",
    "MAIN",
    "METHODS",
    "METRICS",
    "REFERRING",
    "REFERRING_COVERAGE",
    "ROBUSTNESS",
    "SCORES",
    "STRESS",
    "TABLES",
    "Table",
]
