"""What each cell of a run recorded, checked when it is read: what its scores answer, and how it was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from c2seg_bench.errors import InputError
from c2seg_bench.files import read_object

AGAIN = "delete its folder and run the suite again"


class Answered(BaseModel):
    """cell.json: what the masks and scores of a cell answer.

    Args:
        data: hashes of splits, or in earlier versions one of all pairs.
    """

    request: str
    scoring: str
    settings: dict[str, Any]
    data: str | dict[str, str]


class Made(BaseModel):
    """On which machine a cell was made, and when; earlier versions did not write the date."""

    machine: str
    date: str | None = None


class OutsideRecord(Made):
    """cell.json of a model that was trained elsewhere: how many masks were requested, and how many are missing."""

    requests: int
    missing: int


class Parameters(BaseModel):
    """Millions of parameters that are trained, and as the counter of the field's papers counts them."""

    trainable: float
    thop: float


class Description(BaseModel):
    """What the code says of a method.

    Args:
        title, published, deviations, link: of the method's card.
        weights: option -> name on the hub or folder of what training starts from; empty: from scratch.
    """

    title: str
    published: str | None
    deviations: list[str]
    link: str = ""
    weights: dict[str, str]


class TrainedRecord(Made):
    """checkpoint.json of a method that was trained here. Earlier versions wrote no description."""

    uses_text: bool
    params: Parameters
    seconds: float
    epochs: float
    torch: str = ""
    description: Description | None = None


Record = TypeVar("Record", bound=BaseModel)


def read_record(path: Path, kind: type[Record]) -> Record | None:
    """A cell's record; None if there is no such file.

    Raises:
        InputError: the file is damaged, or lacks what this version needs.
    """
    stored = read_object(path)
    if stored is None:
        return None
    try:
        return kind.model_validate(stored)
    except ValidationError as e:
        first = e.errors()[0]
        problem = f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}"
        raise InputError(f"{path}: damaged, or of an earlier version ({problem}); {AGAIN}") from None
