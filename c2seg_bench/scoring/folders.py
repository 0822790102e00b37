"""The library behind `c2seg-bench score`: folders of masks in, one row per image and a summary out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from c2seg_bench.data.companions import lungs_of, pictures_of, prompts_by_image, prompts_of, subjects_of
from c2seg_bench.data.packed import PackedList
from c2seg_bench.data.pairs import MaskPairs, Pairing, pair_up
from c2seg_bench.data.spacing import spacings_of
from c2seg_bench.data.tables import Columns
from c2seg_bench.errors import InputError
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.scoring.summary import consistency_summary, json_ready, overlap_summary
from metrics.catalogue import DEFAULT, POLICIES, Metric, mask_metrics, with_default
from metrics.consistency.axes import ALL, AXES
from metrics.table import COUNTS, FLAGS, score_pair, table_of

FIRST_AXES = [AXES[name] for name in ("count", "laterality", "position")]  # the CSV starts with these
STRICT = [*(axis.ok for axis in FIRST_AXES), ALL.ok]
GRADED = [axis.score for axis in FIRST_AXES]
DEFAULT_FRAME = "thirds"


class Scores(NamedTuple):
    """`rows`: the CSV, one row per image; `summary`: what `--json` prints."""

    rows: pd.DataFrame
    summary: dict[str, Any]


def score_folders(
    predictions: Path,
    targets: Path,
    prompts: Path | None = None,
    ontology: str | None = None,
    frame: str = DEFAULT_FRAME,
    images: Path | None = None,
    empty: str = "diagonal",
    workers: int | None = None,
    lungs: Path | None = None,
    metrics: Sequence[str] = DEFAULT,
    pairing: Pairing = Pairing(),  # noqa: B008
    columns: Columns = Columns(),  # noqa: B008
    spacing: str | None = None,
    groups: str | None = None,
) -> Scores:
    """Scores of a folder of masks against a folder of targets, and against the words where prompts are given.

    Args:
        predictions, targets: folders; pictures pair by stem, without a leading `mask_`.
        prompts: table (csv, xlsx) of a picture's name and its prompt, for every pair at least.
        ontology, frame: how the prompts are read and what their words mean in the picture; `metrics.consistency`.
            Without an ontology, that which the frame was calibrated with.
        images: folder of the pictures themselves, for a frame that looks for the lungs in them.
        empty: policy for distances of empty masks; `metrics.summarise`.
        workers: threads; the scores do not depend on it.
        lungs: folder of masks of the lungs, for a frame whose rows are shares of the lungs.
        metrics: names of the metrics that the summary lists; those that are not default have a column each.
        pairing: how files are paired and read.
        columns: that are read of the table of prompts.
        spacing: of a pixel in mm, see `data.spacing`; None: distances are in pixels.
        groups: column of the prompts' table, or a pattern with one group for names, that says whose picture it is;
            intervals then draw subjects with all their images.

    Returns:
        `rows` with the columns of the `score` command in their fixed order, then the pixel counts and the prompt;
        `summary`, ready for JSON (nan as None).

    Raises:
        InputError: one line that names the file or folder that is wrong.
    """
    if empty not in POLICIES:
        raise InputError(f"--empty {empty}: there are {', '.join(POLICIES)}")
    listed = listed_metrics(metrics)
    if prompts is not None and pairing.stacks == "volumes":
        raise InputError("--stacks volumes: prompts describe pictures; give --stacks slices, or leave out --prompts")
    by_image = None if prompts is None else prompts_by_image(prompts, columns)
    pairs = pair_up(predictions, targets, pairing, by_image)
    names = pairs.names
    texts = None if prompts is None or by_image is None else prompts_of(names, by_image, prompts, columns)
    subjects = None if groups is None else subjects_of(names, groups, prompts, columns)
    judge = None if texts is None else judge_of(names, frame, ontology, images, lungs)
    steps = None if spacing is None else spacings_of(pairs, spacing)
    rows, predicted, expected = score_pairs(pairs, texts is not None, workers, with_default(metrics), steps)
    rows.insert(0, "image", names)
    if subjects is not None:
        rows["subject"] = subjects
    summary = overlap_summary(rows, empty, listed, steps, subjects) | {
        "unit": "px" if steps is None else "mm",
        "subjects": None if subjects is None else len(set(subjects) - {""}),
        "probabilities": len(pairs.predictions.read_as_probabilities),
        "resized": len(pairs.resized),
    }
    if steps is not None:
        rows["unit"] = "mm"
        rows["spacing"] = [" x ".join(f"{step:g}" for step in row) for row in steps]
    if texts is None or judge is None:
        return Scores(in_fixed_order(rows), json_ready(summary))
    of_targets = judge.evaluate(expected, texts)  # first, because of two equal warnings only one is shown
    of_predictions = judge.evaluate(predicted, texts)
    verdicts = {column: of_predictions.rows[column].to_numpy() for column in of_predictions.rows}
    summary["consistency"] = {
        "ontology": judge.ontology,
        "frame": judge.frame_name,
        **consistency_summary(of_predictions, of_targets, subjects),
    }
    return Scores(in_fixed_order(rows.assign(**verdicts, prompt=texts)), json_ready(summary))


def in_fixed_order(rows: pd.DataFrame) -> pd.DataFrame:
    """The columns that scripts rely on first, in their order; answers as 0/1, empty where the prompt states nothing."""
    rows = rows.copy()
    for name in (*STRICT, *GRADED):
        values = pd.to_numeric(rows[name]) if name in rows else pd.Series(np.nan, index=rows.index)
        rows[name] = values.astype("Float64" if name in GRADED else "Int64")
    first = ["image", *DEFAULT, *FLAGS, *STRICT, *GRADED]
    last = [*COUNTS, *(["prompt"] if "prompt" in rows else [])]
    between = [c for c in rows.columns if c not in first and c not in last]
    return rows[[*first, *between, *last]]


def judge_of(names: Sequence[str], frame: str, ontology: str | None, images: Path | None, lungs: Path | None) -> Judge:
    """The judge of these images. What is missing or useless is an InputError before a mask is read."""
    judge = Judge.load(frame, ontology)
    if images is not None and lungs is not None:
        raise InputError(f"--images {images}: where the lungs lie is in --lungs {lungs}; give one of the two")
    if images is not None and not judge.looks_at_pictures:
        fix = "give masks of the lungs (--lungs)" if judge.frame.relative == "lungs" else "leave it out"
        raise InputError(f"--images {images}: frame {frame} does not look at pictures; {fix}, or take qata-lungs")
    if images is not None:
        return replace(judge, images=pictures_of(names, images))
    judge.frame.extents(0 if lungs is None else 1, lungs=None if lungs is None else [np.ones((1, 1))])
    return judge if lungs is None else replace(judge, lungs=lungs_of(names, lungs))


def listed_metrics(names: Sequence[str]) -> tuple[Metric, ...]:
    """The metrics of these names; InputError that names the option."""
    try:
        return mask_metrics(names)
    except ValueError as e:
        raise InputError(f"--metrics: {e}") from None


def score_pairs(
    pairs: MaskPairs,
    keep_masks: bool,
    workers: int | None = None,
    metrics: Sequence[Metric] = with_default(),
    spacings: np.ndarray | None = None,
) -> tuple[pd.DataFrame, PackedList, PackedList]:
    """Read and score the pairs, many at a time.

    Args:
        pairs: N of them.
        keep_masks: without it, no more masks are in memory than threads are at work.
        workers: threads; by default one per core.
        metrics: of masks.
        spacings: (N, axes) of a pixel; None: 1.

    Returns:
        The N rows of `metrics.score_masks`, the predictions and the targets (H, W) bool; no masks where not kept.
    """

    def score(i: int) -> tuple[dict[str, float], PackedList]:
        masks = pairs.read(i)
        steps = (1, 1) if spacings is None else spacings[i]
        return score_pair(*masks, spacing=steps, metrics=metrics), PackedList(masks if keep_masks else ())

    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        scored = list(pool.map(score, range(len(pairs))))
    pairs.warn()
    rows = table_of([row for row, _ in scored], metrics)
    pairs.check_labels(rows["target_empty"].to_numpy() == 1)
    kept = [both for _, both in scored if len(both)]
    return rows, PackedList.joined(both[:1] for both in kept), PackedList.joined(both[1:] for both in kept)
