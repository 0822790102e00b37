"""What a schema is made of: a table, a column with type, unit and meaning, and the columns that several tables have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "integer", "number", "yes/no"]


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        unit: of a number; empty where it has none.
        always: False for a column that only some runs have.
    """

    name: str
    type: Type
    meaning: str
    unit: str = ""
    always: bool = True


@dataclass(frozen=True)
class Table:
    """One file, what one of its rows is, and its columns in their order."""

    file: str
    row: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


def text(name: str, meaning: str, always: bool = True) -> Column:
    return Column(name, "text", meaning, always=always)


def number(name: str, meaning: str, unit: str = "", always: bool = True) -> Column:
    return Column(name, "number", meaning, unit, always)


def integer(name: str, meaning: str, unit: str = "", always: bool = True) -> Column:
    return Column(name, "integer", meaning, unit, always)


def share(name: str, meaning: str, always: bool = True) -> Column:
    return number(name, meaning, "share of 1", always)


def interval(what: str, unit: str = "unit of the metric") -> tuple[Column, Column]:
    """Both ends; the second is understood from the first, beside which it stands."""
    return number("lo", f"lower end of the 95 % interval of {what}", unit), number("hi", "upper end", unit)


DATASET = text("dataset", "the suite's name of the dataset")
METHOD = text("method", "label of the method in the suite")
PREDICTOR = text("method", "label of the method, or `empty`, `full`, `mean mask`, `prompt only`, which never look")
METRIC = text("metric", "name of the metric; metrics.csv says what it is")
