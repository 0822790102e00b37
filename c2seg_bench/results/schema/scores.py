"""The schema of scores.parquet."""

from __future__ import annotations

from c2seg_bench.results.schema.columns import DATASET, METHOD, Column, Table, integer, number, share, text
from metrics.catalogue import DEFAULT, MASK_METRICS, Metric
from metrics.consistency.axes import STATED, Axis


def _axis(axis: Axis) -> tuple[Column, ...]:
    return (
        integer(axis.ok, f"1 where the mask satisfies what the clean prompt states on {axis.name}; empty: not stated"),
        share(axis.score, f"graded score on {axis.name}; empty: not stated"),
        share(axis.chance, "mean score of this mask against all other images' prompts that state the axis"),
    )


def _metric(metric: Metric, always: bool) -> Column:
    unit = "share of 1" if metric.unit == "%" else "pixels" if metric.unit == "px" else metric.unit
    empty = "" if metric.empty is None else "; empty where a mask is empty and it is undefined"
    return number(metric.column, f"{metric.meaning}{empty}", unit, always)


def _overlap() -> tuple[Column, ...]:
    """The columns of masks against targets, in the order of `score_masks`."""
    return (
        *(_metric(metric, True) for metric in MASK_METRICS if metric.name in DEFAULT),
        integer("pred_empty", "1 where the predicted mask has no pixel"),
        integer("target_empty", "1 where the experts' mask has no pixel"),
        integer("inter", "area of both masks together", "pixels"),
        integer("pred_area", "area of the predicted mask", "pixels"),
        integer("target_area", "area of the experts' mask", "pixels"),
        integer("height", "of the masks", "pixels"),
        integer("width", "of the masks", "pixels"),
        *(_metric(metric, False) for metric in MASK_METRICS if metric.name not in DEFAULT),
    )


SCORES = Table(
    "scores.parquet",
    "one image under one condition, scored for one trained method",
    (
        DATASET,
        METHOD,
        integer("seed", "seed of the training"),
        text(
            "condition",
            "`clean`, FAMILY-SEVERITY of the noise in the prompt, or KIND-NUMBER of a prompt with a correct mask of "
            "its own, which is then the target: `part`, `nowhere`, `mirrored`, `conflict`",
        ),
        text("image", "name of the image in its dataset"),
        text("subject", "person that the image is of; empty where that is not known"),
        *_overlap(),
        share("stability", "Dice with the mask that the same method made with the clean prompt"),
        *(column for axis in STATED for column in _axis(axis)),
        integer("consistent", "1 where all that the clean prompt states holds in the mask; empty: nothing is stated"),
        share("score", "mean graded score of the axes that the clean prompt states"),
        share("chance", "mean `score` of this mask against all other images' prompts"),
        integer("components", "connected components of at least the frame's minimum area"),
        integer("empty", "1 where there is no such component"),
        text("prompt", "what the method read"),
        integer("edited_ok", "1 where the mask satisfies the edited axis of an edited prompt", always=False),
        share("edited_score", "graded score on the edited axis", always=False),
        integer("before_ok", "the same of the mask that was made with the clean prompt", always=False),
        share("before_score", "graded score of that mask", always=False),
        share(
            "whole_dice", "Dice with the experts' whole mask, of a prompt with a correct mask of its own", always=False
        ),
        share("own_dice", "Dice of the clean prompt's mask with that correct mask", always=False),
        text("request", "digest of what the row answers: settings, data, code, noise, frame", always=False),
    ),
)
