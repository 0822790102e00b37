"""Every metric as one entry: what it is called, how it is printed, which way is better, and how it is computed.

Tables, captions, intervals, ranks, robustness and the command line read the entries. To add a metric: write its
function, add its entry here, test it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.boundary import assd_of, hd95_of, nsd_of
from metrics.errors import InputError
from metrics.overlap import dice_of, iou_of
from metrics.pair import MaskPair

POLICIES = ("diagonal", "skip", "nan")


@dataclass(frozen=True)
class Empty:
    """What the policy `diagonal` puts where a metric is undefined because a mask is empty.

    Args:
        one: value where one mask is empty; "diagonal" is the image's diagonal in the unit of the spacing.
        both: value where both are.
    """

    one: float | Literal["diagonal"]
    both: float


FARTHEST = Empty(one="diagonal", both=0.0)


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
        empty: None where the metric has a value whatever mask is empty; else it is nan there, and the policy decides.
        function: of a measured pair; None for a metric that needs the prompt.
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
        return self.function is None

    def filled(
        self, values: ArrayLike, pred_empty: NDArray[np.bool_], target_empty: NDArray[np.bool_], diagonal: ArrayLike
    ) -> NDArray[np.float64]:
        """The values (N,) with what the policy `diagonal` puts where a mask is empty and the metric has no value.

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


MASK_METRICS = (
    percent(
        "dice",
        "Dice",
        "2 |A and B| / (|A| + |B|), 1 where both masks are empty",
        lambda pair: float(dice_of(pair.inter, pair.pred_area, pair.target_area)),
    ),
    percent(
        "iou",
        "mIoU",
        "|A and B| / |A or B| of the foreground, 1 where both masks are empty",
        lambda pair: float(iou_of(pair.inter, pair.pred_area, pair.target_area)),
    ),
    distance("hd95", "HD95", "95th percentile of both directions' boundary distances together", hd95_of),
    distance("assd", "ASSD", "mean of both directions' boundary distances together", assd_of),
    percent(
        "nsd",
        "NSD",
        "share of both outlines' pixels within 2 pixels of the other outline",
        nsd_of,
        Empty(one=0.0, both=1.0),
    ),
)
PROMPT_METRICS = (
    Metric(
        "consistent",
        "Strict",
        "share of prompts of which everything stated holds in the mask",
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
        "graded text-mask consistency, 1 as the experts' masks, 0 as with somebody else's prompt",
        "",
    ),
)
METRICS = {metric.name: metric for metric in (*MASK_METRICS, *PROMPT_METRICS)}
DEFAULT = ("dice", "iou", "hd95", "assd")  # computed always; others when they are chosen


def mask_metrics(names: Iterable[str] = DEFAULT) -> tuple[Metric, ...]:
    """The metrics of these names, each once, in the order given.

    Raises:
        InputError: a name that no metric of a mask has.
    """
    known = {metric.name: metric for metric in MASK_METRICS}
    chosen = list(dict.fromkeys(names))
    for name in chosen:
        if name not in known:
            raise InputError(f"metric {name!r} is unknown; there are {', '.join(known)}")
    return tuple(known[name] for name in chosen)


def with_default(names: Sequence[str] = ()) -> tuple[Metric, ...]:
    """The default metrics, then those of `names` that are not among them: what per-image rows hold."""
    return mask_metrics((*DEFAULT, *names))
