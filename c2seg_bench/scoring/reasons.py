"""Why each verdict is as it is, image by image: "2 stated, 3 found"; and on which side the lesions lie."""

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


def described_by(judge: Judge, masks: PackedList) -> Features:
    """What the judge sees of the masks."""
    frame = fit_grid(judge.frame, load_ontology(judge.ontology))
    return features(masks, frame, extents=frame.extents(len(masks), judge.images, judge.lungs))


def explanations(judge: Judge, seen: Features, findings: Sequence[Findings]) -> list[dict[str, str]]:
    """Of N masks against a prompt each: axis -> what the prompt states and what the mask shows, stated or not."""
    ontology = load_ontology(judge.ontology)
    frame = fit_grid(judge.frame, ontology)
    return [explain(seen[i : i + 1], finding, frame, ontology) for i, finding in enumerate(findings)]


def reasons(judge: Judge, seen: Features, findings: Sequence[Findings], verdicts: pd.DataFrame) -> pd.DataFrame:
    """N rows of `REASONS`: what the prompt states on an axis and what the mask shows; "" where it states nothing.

    Args:
        judge: of the verdicts.
        seen: of N masks.
        findings: of their prompts.
        verdicts: `Evaluation.rows`; an axis is stated where its score is a number.
    """
    said = explanations(judge, seen, findings)
    columns: dict[str, Any] = {}
    for column in REASONS:
        axis = column.removesuffix("_reason")
        stated = verdicts[f"{axis}_score"].notna().to_numpy()
        columns[column] = [row[axis] if is_stated else "" for row, is_stated in zip(said, stated, strict=True)]
    return pd.DataFrame(columns, index=verdicts.index)


def warn_if_predictions_are_mirrored(experts: Features, predicted: Features, findings: Sequence[Findings]) -> None:
    """Warn where the experts' masks lie on the side that is stated and the predictions on the other.

    Whether the frame's convention is wrong is decided from the experts' masks, when those are judged. Predictions that
    lie on the wrong side while the experts' do not are flipped, or of a model that confuses the sides.

    Warns:
        UserWarning: at least 8 prompts of one side, and fewer than 40 % of the predictions on it, more than chance
            explains.
    """
    (right, of_experts), (agree, n) = (on_stated_side(seen, findings) for seen in (experts, predicted))
    if of_experts and right > of_experts / 2 and seems_mirrored(agree, n):
        warnings.warn(
            f"predictions may be mirrored: {agree} of {n} lie on the side that their prompt states, of the experts' "
            f"masks {right} of {of_experts}; flip the predictions left to right if they were saved so",
            stacklevel=2,
        )
