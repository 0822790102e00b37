"""tables/explorer.json, read and checked: images, prompts, masks and verdicts of single cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from reports.errors import InputError

Base64 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]
Number = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Thousandths = Annotated[int, Field(ge=-1, le=1000)]


class Record(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class Condition(Record):
    """How prompts are worded: `clean`, or a family of noise at a severity.

    `edited`: the axis of an edited meaning; `flipped`: the image and its masks are flipped left to right.
    """

    name: str
    family: str
    severity: Number
    kind: Literal["clean", "kept", "missing", "changed", "referring"]
    edited: str
    flipped: bool = False


class Dataset(Record):
    """Clean scores of all N images: `dice` and `score` have N whole numbers for each training, -1 for none.

    `images` has N numbers of pictures, -1 where an image is not in the file; `methods` and `seeds` say which training
    is meant, the first of a method being the one that is shown first.
    """

    name: str
    methods: list[str]
    seeds: list[int]
    conditions: list[Condition]
    images: list[Annotated[int, Field(ge=-1)]]
    dice: list[list[Thousandths]]
    score: list[list[Thousandths]]


class Total(Record):
    """What the run has, of which the file may have less."""

    pictures: Number
    pairs: Number


class Picture(Record):
    """An image as JPEG, and the experts' mask as run lengths of `height` by `width` pixels."""

    dataset: Number
    name: str
    height: Annotated[int, Field(gt=0, le=4096)]
    width: Annotated[int, Field(gt=0, le=4096)]
    jpeg: Base64
    truth: Base64


class Prompt(Record):
    """A prompt cut into (text, kind), the constraints (axis, value, rule), what was left out (text, why), and notes."""

    parts: list[tuple[str, str]]
    read: list[tuple[str, str, str]]
    left_out: list[tuple[str, str]]
    notes: list[str]


class Case(NamedTuple):
    """What one method drew: scores, mask ("=": that of the clean prompt), and verdicts (axis, holds, why).

    The first verdicts are on the clean prompt, the last on an edited one.
    """

    dice: Share
    score: Share | None
    consistent: Share | None
    stability: Share | None
    mask: Base64 | Literal["="] | None
    answers: list[tuple[str, Literal[0, 1], str]]
    edited: list[tuple[str, Literal[0, 1], str]]


class Pair(Record):
    """An image with a prompt, by their numbers, and a case for each training of the dataset.

    `target`: the correct mask, where it is not the experts' of the image.
    """

    picture: Number
    prompt: Number
    condition: Number
    cases: list[Case | None]
    target: Base64 | None = None


class Explorer(Record):
    """The whole file."""

    datasets: list[Dataset]
    total: Total
    pictures: list[Picture]
    prompts: list[Prompt]
    pairs: list[Pair]


def read_cases(path: Path, datasets: list[str], methods: list[str]) -> Explorer | None:
    """Read explorer.json; None where the run has none.

    Args:
        datasets, methods: that the run's other tables know.

    Raises:
        InputError: the file is malformed, or refers to something that is not there.
    """
    try:
        explorer = Explorer.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as e:
        first = e.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise InputError(f"{path}: {where}: {first['msg']}; run c2seg-bench report again") from None
    if wrong := _dangling(explorer, datasets, methods):
        raise InputError(f"{path}: {wrong}; run c2seg-bench report again")
    return explorer


def _dangling(explorer: Explorer, datasets: list[str], methods: list[str]) -> str:
    """The first reference to something that is not there; "" where there is none."""
    for d in explorer.datasets:
        if d.name not in datasets:
            return f"dataset {d.name!r} is not in run.json"
        if unknown := [m for m in d.methods if m not in methods]:
            return f"method {unknown[0]!r} is not in methods.csv"
        if max(d.images, default=-1) >= len(explorer.pictures):
            return f"dataset {d.name!r} has an image that is not in the file"
        columns = [*d.dice, *d.score]
        if len(d.seeds) != len(d.methods) or len(columns) != 2 * len(d.methods):
            return f"dataset {d.name!r} has not one seed and two lists of scores for each method"
        if any(len(column) != len(d.images) for column in columns):
            return f"dataset {d.name!r} has not one score for each image"
    for i, picture in enumerate(explorer.pictures):
        if picture.dataset >= len(explorer.datasets):
            return f"picture {i} is of a dataset that is not in the file"
    for i, pair in enumerate(explorer.pairs):
        if pair.picture >= len(explorer.pictures) or pair.prompt >= len(explorer.prompts):
            return f"pair {i} has an image or a prompt that is not in the file"
        dataset = explorer.datasets[explorer.pictures[pair.picture].dataset]
        if pair.condition >= len(dataset.conditions) or len(pair.cases) != len(dataset.methods):
            return f"pair {i} does not fit the conditions and methods of dataset {dataset.name!r}"
    return ""
