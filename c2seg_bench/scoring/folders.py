"""The library behind `c2seg-bench score`: folders of masks in, one row per image and a summary out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from c2seg_bench.data.pairing.companions import images_of, lungs_of, prompts_by_image, prompts_of, subjects_of
from c2seg_bench.data.pairing.pair_up import pair_up
from c2seg_bench.data.pairing.pairs import MaskPairs
from c2seg_bench.data.pairing.spacing import spacings_of
from c2seg_bench.errors import InputError
from c2seg_bench.scoring.columns import in_fixed_order
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.scoring.pair_scores import PairScores, Progress, score_pairs
from c2seg_bench.scoring.reasons import features_of, reasons, warn_if_predictions_are_mirrored
from c2seg_bench.scoring.request import DEFAULT_FRAME, ScoreRequest
from c2seg_bench.scoring.summary import consistency_summary, json_ready, overlap_summary
from metrics.catalogue import with_default
from metrics.consistency.judge.check import fit_grid
from metrics.consistency.reader.ontology import load_ontology


class Scores(NamedTuple):
    """`rows`: the CSV, one row per image; `summary`: what `--json` prints; `pairs`: the files, in the same order."""

    rows: pd.DataFrame
    summary: dict[str, Any]
    pairs: MaskPairs


class Companions(NamedTuple):
    """Data of N images besides their masks.

    Args:
        prompts: N texts; None if none are given.
        subjects: N names, "" where unknown; None if not requested.
        judge: None without prompts.
        spacings: (N, axes) of a pixel in mm; None: distances are in pixels.
    """

    prompts: list[str] | None
    subjects: list[str] | None
    judge: Judge | None
    spacings: np.ndarray | None


def score_folders(request: ScoreRequest, progress: Progress | None = None) -> Scores:
    """Score a folder of masks against a folder of targets and, if given, against prompts.

    Args:
        request: the folders, and how to read them.
        progress: called after each pair.

    Returns:
        `rows` with the columns of the `score` command in their fixed order, then the pixel counts, the prompt and the
        reasons; `summary`, ready for JSON (nan as None).

    Raises:
        InputError: one line that names the file or folder that is wrong.
    """
    by_image = None if request.prompts is None else prompts_by_image(request.prompts, request.columns)
    pairs = pair_up(request.predictions, request.targets, request.pairing, by_image)
    companions = companions_of(pairs, request, by_image)
    judge, prompts = companions.judge, companions.prompts
    metrics = with_default(request.metrics)
    scored = score_pairs(pairs, judge is not None, request.workers, metrics, companions.spacings, progress)
    summary = summary_of(scored.rows, request, companions, pairs)
    rows = with_companions(scored.rows, pairs.names, companions)
    if judge is not None and prompts is not None:
        verdicts, summary["consistency"] = judged(judge, scored, prompts, companions.subjects)
        rows = pd.concat([rows.assign(prompt=prompts), verdicts], axis=1)
    return Scores(in_fixed_order(rows), json_ready(summary), pairs)


def companions_of(pairs: MaskPairs, request: ScoreRequest, by_image: Any) -> Companions:
    """The data of the pairs' images, read before a mask is scored."""
    names, table = pairs.names, request.prompts
    prompts = None if table is None else prompts_of(names, by_image, table, request.columns)
    subjects = None if request.groups is None else subjects_of(names, request.groups, table, request.columns)
    judge = None if table is None else judge_of(names, request)
    return Companions(
        prompts, subjects, judge, None if request.spacing is None else spacings_of(pairs, request.spacing)
    )


def summary_of(rows: pd.DataFrame, request: ScoreRequest, companions: Companions, pairs: MaskPairs) -> dict[str, Any]:
    """Means and intervals of overlap and distance, and how the masks were read."""
    subjects, spacings = companions.subjects, companions.spacings
    return overlap_summary(rows, request.empty, request.listed, spacings, subjects) | {
        "unit": "px" if spacings is None else "mm",
        "subjects": None if subjects is None else len(set(subjects) - {""}),
        "probabilities": len(pairs.predictions.read_as_probabilities),
        "resized": len(pairs.resized),
    }


def with_companions(rows: pd.DataFrame, names: Sequence[str], companions: Companions) -> pd.DataFrame:
    """The rows with each image's name, subject and spacing."""
    rows = rows.copy()
    rows.insert(0, "image", list(names))
    if companions.subjects is not None:
        rows["subject"] = companions.subjects
    if companions.spacings is not None:
        rows["unit"] = "mm"
        rows["spacing"] = [" x ".join(f"{step:g}" for step in row) for row in companions.spacings]
    return rows


def judged(
    judge: Judge, scored: PairScores, prompts: Sequence[str], subjects: Sequence[str] | None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The verdicts on the predictions with their reasons, and the summary of consistency.

    Whether the frame is mirrored is decided from the experts' masks.
    """
    of_targets = judge.evaluate(scored.targets, prompts)
    of_predictions = judge.evaluate(scored.predictions, prompts, warn=False)
    experts, predicted = features_of(judge, scored.targets), features_of(judge, scored.predictions)
    warn_if_predictions_are_mirrored(experts, predicted, of_targets.findings)
    reason_columns = reasons(judge, predicted, of_predictions.findings, of_predictions.rows)
    summary = {"ontology": judge.ontology, "frame": judge.frame_name}
    summary |= consistency_summary(of_predictions, of_targets, subjects)
    return pd.concat([of_predictions.rows, reason_columns], axis=1), summary


def judge_of(names: Sequence[str], request: ScoreRequest) -> Judge:
    """The judge of these images.

    Raises:
        InputError: a frame of another grid than the ontology's, or a folder that is missing or not used; all before a
            mask is read.
    """
    frame, images, lungs = request.frame or DEFAULT_FRAME, request.images, request.lungs
    judge = Judge.load(frame, request.ontology)
    fit_grid(judge.frame, load_ontology(judge.ontology))
    if images is not None and lungs is not None and request.sheet is None:
        raise InputError(f"--images {images}: --lungs {lungs} already says where the lungs are; give one of the two")
    if images is not None and not judge.looks_at_images and request.sheet is None:
        fix = "give lung masks (--lungs)" if judge.frame.relative == "lungs" else "leave it out"
        raise InputError(f"--images {images}: frame {frame} does not look at images; {fix}, or take qata-lungs")
    if images is not None and lungs is None and judge.looks_at_images:
        return replace(judge, images=images_of(names, images))
    check_extents(judge, lungs)
    return judge if lungs is None else replace(judge, lungs=lungs_of(names, lungs))


def check_extents(judge: Judge, lungs: Path | None) -> None:
    """InputError if images or lung masks are missing, or are given to a frame that does not use them."""
    judge.frame.extents(0 if lungs is None else 1, lungs=None if lungs is None else [np.ones((1, 1))])
