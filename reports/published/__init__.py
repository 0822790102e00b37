"""The paper's two result tables as data; README.md beside this file says what the numbers mean."""

from __future__ import annotations

import math
from importlib.resources import files

import pandas as pd

from reports.errors import InputError

COLUMNS = {"dice": "dice", "iou": "miou", "hd95": "hd95", "assd": "assd"}  # metric -> column of the paper's tables
NUMBERS = {"qata": 1, "mosmed": 1, "clinicdb": 2, "kvasir": 2}  # dataset -> the paper's table
ROUNDING = 0.015  # points: what two decimals of Dice and IoU can add up to in Dice - 2 IoU / (1 + IoU)
SPREAD = 0.1  # standard deviation of IoU between images; the other published pairs imply 0.11 to 0.31


def load(dataset: str) -> pd.DataFrame:
    """The published rows of one dataset.

    Args:
        dataset: `qata`, `mosmed`, `clinicdb` or `kvasir`.

    Returns:
        One row per method, indexed by its name in the paper: citation, params_m (millions), text (bool), dice and miou
        (percent), hd95 and assd (pixels), aggregation (see `aggregation`).

    Raises:
        InputError: no such dataset in the paper.
    """
    if dataset not in NUMBERS:
        raise InputError(f"published dataset {dataset!r}: not in the paper; there are {', '.join(NUMBERS)}")
    with files(__package__).joinpath(f"table{NUMBERS[dataset]}.csv").open(encoding="utf-8") as f:
        table = pd.read_csv(f, keep_default_na=False)
    table = table[table["dataset"] == dataset].drop(columns="dataset").set_index("method")
    table["text"] = table["text"] == "yes"
    table["aggregation"] = [aggregation(d, i) for d, i in zip(table["dice"], table["miou"], strict=True)]
    return table


def aggregation(dice: float, iou: float) -> str:
    """How a published pair of Dice and IoU (percent, two decimals) must have been averaged.

    Dice = f(IoU) = 2 IoU / (1 + IoU) is true of each image and of a pooled score. f is concave, so that a mean over
    images lies below it, by about -f''/2 times the variance of IoU between images.

    Returns:
        `dataset-level`: f fits within rounding, or so nearly that IoU would vary by less than SPREAD between images;
        pooled over the dataset or over batches. `mixed`: Dice above f, which no average of one set of masks can be: the
        two numbers are of different kinds or runs. `per-image`: all others.
    """
    share = iou / 100
    gap = dice / 100 - 2 * share / (1 + share)
    if gap > ROUNDING / 100:
        return "mixed"
    curvature = 4 / (1 + share) ** 3
    spread = math.sqrt(2 * max(-gap - ROUNDING / 100, 0) / curvature)
    return "dataset-level" if spread < SPREAD else "per-image"
