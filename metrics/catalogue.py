"""The metrics, one entry each: its names, how it is printed, which direction is better, and how it is computed.

Tables, captions, intervals, ranks, robustness and the command line use the entries. To add a metric: write its
function, add its entry here, and test it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.boundary import assd_of, hd95_of, hd100_of, masd_of, nsd_of
from metrics.errors import InputError
from metrics.lesions import lesion_f1_of, lesion_precision_of, lesion_recall_of, panoptic_quality_of
from metrics.overlap import (
    area_error_of,
    dice_of,
    iou_at_least,
    iou_of,
    precision_of,
    recall_of,
    specificity_of,
)
from metrics.pair import MaskPair

NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
POLICIES = ("diagonal", "skip", "nan")


@dataclass(frozen=True)
class Empty:
    """The values under the policy `diagonal` for a metric that is undefined because a mask is empty.

    Args:
        one: value if one mask is empty; "diagonal" is the image's diagonal in the unit of the spacing.
        both: value if both are.
    """

    one: float | Literal["diagonal"]
    both: float


FARTHEST = Empty(one="diagonal", both=0.0)
WORST = Empty(one=0.0, both=1.0)
TOLERANCE = 2.0  # pixels
MATCH = " (components with an IoU above 0.5)"


@dataclass(frozen=True)
class Metric:
    """One metric.

    Args:
        name: in suites, on the command line and in the tables' column `metric`.
        title: heading of a printed column.
        meaning: one sentence for captions and documentation.
        column: of the per-image rows; empty for a metric that no single image has.
        unit: of a printed value, after `scale`.
        scale: printed value per stored value: 100 where shares are printed in percent.
        higher_is_better: False for distances and errors.
        perfect: the stored value of a faultless prediction.
        empty: None if the metric is defined for empty masks; otherwise it is nan for them, and the policy decides.
        function: from a measured pair to the value; None for a metric that needs the prompt.
        printed: whether the report's main table has a column for it.
    """

    name: str
    title: str
    meaning: str
    column: str
    unit: str = ""
    scale: float = 1.0
    higher_is_better: bool = True
    perfect: float = 1.0
    empty: Empty | None = None
    function: Callable[[MaskPair], float] | None = None
    printed: bool = True

    @property
    def reads_prompt(self) -> bool:
        """Whether the metric compares the mask with the prompt."""
        return self.function is None

    def filled(
        self, values: ArrayLike, pred_empty: NDArray[np.bool_], target_empty: NDArray[np.bool_], diagonal: ArrayLike
    ) -> NDArray[np.float64]:
        """The values (N,), with those of the policy `diagonal` where the metric is undefined because a mask is empty.

        Args:
            values: (N,) of the metric, nan where it is undefined.
            pred_empty, target_empty: (N,) bool.
            diagonal: of the images, (N,) or one number, in the unit of the spacing.
        """
        values = np.asarray(values, float)
        if self.empty is None:
            return values
        one = diagonal if self.empty.one == "diagonal" else self.empty.one
        unknown = np.isnan(values)
        values = np.where(unknown & (pred_empty ^ target_empty), one, values)
        return np.where(unknown & pred_empty & target_empty, self.empty.both, values)


def percent(
    name: str, title: str, meaning: str, function: Callable[[MaskPair], float], empty: Empty | None = None
) -> Metric:
    """A share of 1, printed in percent."""
    return Metric(name, title, meaning, name, "%", 100.0, empty=empty, function=function)


def distance(name: str, title: str, meaning: str, function: Callable[[MaskPair], float]) -> Metric:
    """A distance between the outlines in the unit of the spacing, pixels where none is given."""
    return Metric(name, title, meaning, name, "px", 1.0, False, 0.0, FARTHEST, function)


def nsd(tolerance: float) -> Metric:
    """NSD at a tolerance in the unit of the spacing, pixels where none is given."""
    name = "nsd" if tolerance == TOLERANCE else f"nsd@{shortest(tolerance)}"
    meaning = f"share of both outlines' pixels within {shortest(tolerance)} pixels of the other outline"
    return percent(name, name.upper(), meaning, lambda pair: nsd_of(pair, tolerance), WORST)


def share_above(threshold: float) -> Metric:
    """P@threshold, the share of images whose IoU is at least the threshold."""
    name = f"p@{shortest(threshold)}"
    meaning = f"share of images with an IoU of at least {shortest(threshold)}"
    return percent(name, name.upper(), meaning, lambda pair: iou_at_least(pair, threshold))


def shortest(number: float) -> str:
    """The number with as many digits as it needs, so that a metric's name gives the same metric again."""
    return np.format_float_positional(number, trim="-")


MASK_METRICS = (
    percent(
        "dice",
        "Dice",
        "2 |A and B| / (|A| + |B|), 1 where both masks are empty",
        dice_of,
    ),
    percent(
        "iou",
        "IoU",
        "|A and B| / |A or B| of the foreground, 1 where both masks are empty; papers call its mean over images mIoU",
        iou_of,
    ),
    distance("hd95", "HD95", "95th percentile of both directions' boundary distances together", hd95_of),
    distance("assd", "ASSD", "mean of both directions' boundary distances together", assd_of),
    nsd(TOLERANCE),
    distance("hd100", "HD100", "largest boundary distance of either direction", hd100_of),
    distance("masd", "MASD", "mean of the two directions' mean boundary distances", masd_of),
    percent("precision", "Precision", "share of the predicted pixels that are lesion", precision_of, WORST),
    percent("recall", "Recall", "share of the lesion's pixels that are predicted", recall_of, WORST),
    percent("specificity", "Specificity", "share of the background's pixels that are not predicted", specificity_of),
    *(share_above(threshold) for threshold in (0.5, 0.6, 0.7, 0.8, 0.9)),
    percent("lesion_precision", "Lesion precision", f"share of the predicted lesions that match{MATCH}",
            lesion_precision_of, WORST),
    percent("lesion_recall", "Lesion recall", f"share of the target's lesions that are matched{MATCH}",
            lesion_recall_of, WORST),
    percent("lesion_f1", "Lesion F1", f"2 matches / all lesions of both masks{MATCH}", lesion_f1_of, WORST),
    percent("pq", "PQ", f"panoptic quality: Lesion F1 times the mean IoU of the matches{MATCH}", panoptic_quality_of,
            WORST),
    Metric("area_error", "Area error", "| |A| - |B| | / |B|, A predicted", "area_error", "%", 100.0, False, 0.0,
           Empty(one=1.0, both=0.0), area_error_of),
)  # fmt: skip
PROMPT_METRICS = (
    Metric(
        "consistent",
        "Strict",
        "share of images whose mask satisfies everything that the prompt states",
        "consistent",
        "%",
        100.0,
    ),
    Metric(
        "consistency",
        "Consistency",
        "mean over images of the graded score of what the prompt states",
        "score",
        "%",
        100.0,
        printed=False,  # the consistency table has it
    ),
    Metric(
        "corrected",
        "Corrected",
        "graded text-mask consistency, 1 as the experts' masks, 0 as with another image's prompt",
        "",
    ),
)
METRICS = {metric.name: metric for metric in (*MASK_METRICS, *PROMPT_METRICS)}
DEFAULT = ("dice", "iou", "hd95", "assd")  # computed always; others when they are chosen
FAMILIES = {"nsd": nsd, "p": share_above}  # name -> the metric at a number, written NAME@NUMBER
MOST = {"nsd": inf, "p": 1.0}  # the largest of these numbers


def find(name: str) -> Metric | None:
    """The metric of masks with this name, such as `nsd`, `nsd@3` or `p@0.75`; None if there is none.

    `p@` takes an IoU, so a number of at most 1.
    """
    metric = METRICS.get(name)
    if metric:
        return None if metric.reads_prompt else metric
    family, _, number = name.partition("@")
    if family not in FAMILIES or not NUMBER.fullmatch(number) or float(number) > MOST[family]:
        return None
    return FAMILIES[family](float(number))


def mask_metrics(names: Iterable[str] = DEFAULT) -> tuple[Metric, ...]:
    """The metrics of these names, each once, in the order given.

    Raises:
        InputError: no name, or one that no metric of a mask has.
    """
    metrics: dict[str, Metric] = {}
    for name in names:
        metric = find(name)
        if metric is None:
            known = ", ".join(m.name for m in MASK_METRICS)
            raise InputError(f"metric {name!r} is unknown; there are {known}, and nsd@TOLERANCE, p@IOU")
        metrics.setdefault(metric.name, metric)
    if not metrics:
        raise InputError("no metric is named; give one or more, such as dice")
    return tuple(metrics.values())


def with_default(names: Sequence[str] = ()) -> tuple[Metric, ...]:
    """The default metrics, then those of `names` that are not among them: the metrics of per-image rows."""
    return mask_metrics((*DEFAULT, *names))
