"""Why each verdict is as it is, image by image ("2 stated, 3 found"), and whether predictions are mirrored."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import pandas as pd

from c2seg_bench.data.masks.packed import PackedList
from c2seg_bench.scoring.columns import REASONS
from c2seg_bench.scoring.judge import Judge
from metrics.consistency import Findings
from metrics.consistency.judge.check import explain, fit_grid
from metrics.consistency.judge.features import Features, features
from metrics.consistency.judge.mirrored import on_stated_side, seems_mirrored
from metrics.consistency.reader.ontology import load_ontology


def features_of(judge: Judge, masks: PackedList) -> Features:
    """Features of N masks in the judge's frame, which the reasons are written from."""
    frame = fit_grid(judge.frame, load_ontology(judge.ontology))
    return features(masks, frame, extents=frame.extents(len(masks), judge.images, judge.lungs))


def explanations(judge: Judge, described: Features, findings: Sequence[Findings]) -> list[dict[str, str]]:
    """For each of N masks: axis -> what its prompt states and what the mask shows, also for axes that are not stated.

    Args:
        judge: of the masks.
        described: features of the N masks.
        findings: of their N prompts.
    """
    ontology = load_ontology(judge.ontology)
    frame = fit_grid(judge.frame, ontology)
    return [explain(described[i : i + 1], finding, frame, ontology) for i, finding in enumerate(findings)]


def reasons(judge: Judge, described: Features, findings: Sequence[Findings], verdicts: pd.DataFrame) -> pd.DataFrame:
    """N rows of `REASONS`: what the prompt states on an axis and what the mask shows; "" if it states nothing.

    Args:
        judge: of the verdicts.
        described: features of N masks.
        findings: of their prompts.
        verdicts: `Evaluation.rows`; an axis is stated if its score is a number.
    """
    reasons_by_axis = explanations(judge, described, findings)
    columns: dict[str, Any] = {}
    for column in REASONS:
        axis = column.removesuffix("_reason")
        stated = verdicts[f"{axis}_score"].notna().to_numpy()
        columns[column] = [
            reason[axis] if is_stated else "" for reason, is_stated in zip(reasons_by_axis, stated, strict=True)
        ]
    return pd.DataFrame(columns, index=verdicts.index)


def warn_if_predictions_are_mirrored(experts: Features, predicted: Features, findings: Sequence[Findings]) -> None:
    """Warn if the experts' masks are on the stated side and the predictions on the other.

    Whether the frame's convention is wrong is decided from the experts' masks, when these are judged. Predictions on
    the wrong side were flipped, or the model confuses the sides.

    Args:
        experts, predicted: features of N masks each.
        findings: of their N prompts.

    Warns:
        UserWarning: at least 8 prompts name one side, and fewer than 40 % of the predictions are on it, more than
            chance explains.
    """
    (experts_agree, experts_n), (agree, n) = (on_stated_side(masks, findings) for masks in (experts, predicted))
    if experts_n and experts_agree > experts_n / 2 and seems_mirrored(agree, n):
        warnings.warn(
            f"predictions may be mirrored: {agree} of {n} are on the side that their prompt states, of the experts' "
            f"masks {experts_agree} of {experts_n}; flip the predictions left to right if they were saved flipped",
            stacklevel=2,
        )
