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

from c2seg_bench.data.images import read_grey, read_image
from c2seg_bench.data.tables import read_prompts
from c2seg_bench.errors import InputError
from c2seg_bench.pairs import (
    ARRAY,
    JPEG_NOISE,
    Pair,
    key_of,
    list_pictures,
    pair_up,
    read,
    read_pair,
    some,
)
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


class Loaded(NamedTuple):
    """The scored pairs: rows of `metrics.table`, and the masks themselves where they are asked for."""

    rows: pd.DataFrame
    preds: list[np.ndarray]
    targets: list[np.ndarray]


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

    Returns:
        `rows` with the columns of the `score` command in their fixed order, then the pixel counts and the prompt;
        `summary`, ready for JSON (nan as None).

    Raises:
        InputError: one line that names the file or folder that is wrong.
    """
    if empty not in POLICIES:
        raise InputError(f"--empty {empty}: there are {', '.join(POLICIES)}")
    listed = listed_metrics(metrics)
    pairs = pair_up(predictions, targets)
    texts = None if prompts is None else prompts_of(pairs, prompts)
    names = [p.name for p in pairs]
    judge = None if texts is None else judge_of(names, frame, ontology, images, lungs)
    loaded = load(pairs, keep=texts is not None, workers=workers, metrics=with_default(metrics))
    rows = loaded.rows
    rows.insert(0, "image", names)
    summary = overlap_summary(rows, empty, listed)
    if texts is None or judge is None:
        return Scores(arrange(rows), json_ready(summary))
    of_targets = judge.evaluate(loaded.targets, texts)  # first, because of two equal warnings only one is shown
    of_predictions = judge.evaluate(loaded.preds, texts)
    verdicts = {column: of_predictions.rows[column].to_numpy() for column in of_predictions.rows}
    summary["consistency"] = {
        "ontology": judge.ontology,
        "frame": judge.frame_name,
        **consistency_summary(of_predictions, of_targets),
    }
    return Scores(arrange(rows.assign(**verdicts, prompt=texts)), json_ready(summary))


def arrange(rows: pd.DataFrame) -> pd.DataFrame:
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


def load(
    pairs: list[Pair], keep: bool, workers: int | None = None, metrics: Sequence[Metric] = with_default()
) -> Loaded:
    """Read and score the pairs, many at a time; without `keep` no more of them is held than is at work."""

    def one(pair: Pair) -> tuple[dict[str, float], tuple[np.ndarray, np.ndarray] | None]:
        masks = read_pair(pair)
        return score_pair(*masks, metrics=metrics), masks if keep else None

    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        done = list(pool.map(one, pairs))
    held = [masks for _, masks in done if masks is not None]
    return Loaded(table_of([raw for raw, _ in done], metrics), [m[0] for m in held], [m[1] for m in held])


def prompts_of(pairs: list[Pair], table: Path) -> list[str]:
    """The prompt of each pair; InputError where one is missing, or an image has two that differ."""
    found = texts_of(table)
    missing = [p.name for p in pairs if p.name not in found]
    if missing:
        raise InputError(
            f"{table}: no prompt for {len(missing)} of {len(pairs)} images ({some(missing)}); add a row for each"
        )
    return [found[p.name] for p in pairs]


def texts_of(table: Path) -> dict[str, str]:
    """Key of an image -> its prompt; InputError where it has two that differ."""
    found: dict[str, tuple[int, str]] = {}
    for row, name, text in read_prompts(table):
        key = key_of(name)
        before, other = found.setdefault(key, (row, text))
        if other != text:
            raise InputError(f"{table}: rows {before} and {row} give two prompts for {key}; keep one")
    return {key: text for key, (_, text) in found.items()}


def pictures_of(names: Sequence[str], folder: Path) -> list[np.ndarray]:
    """The picture (H, W, 3) uint8 of each mask; the folder may hold more."""
    return [read_image(path) for path in found_of(names, folder, "--images", "picture")]


def lungs_of(names: Sequence[str], folder: Path) -> list[np.ndarray]:
    """The mask (H, W) of bool of each picture's lungs; InputError names a file that holds none."""
    paths = found_of(names, folder, "--lungs", "lung mask")
    masks = [read_lungs(path) for path in paths]
    for path, mask in zip(paths, masks, strict=True):
        if not mask.any():
            raise InputError(f"{path}: no lung in it; give a mask that is not 0 where the lungs are")
    return masks


def read_lungs(path: Path) -> np.ndarray:
    """(H, W) bool: what is not 0, in a JPEG what is above its noise; an array as `pairs.read` takes it."""
    if path.suffix.lower() == ARRAY:
        return read(path)
    return read_grey(path) > (JPEG_NOISE if path.suffix.lower() in (".jpg", ".jpeg") else 0)


def found_of(names: Sequence[str], folder: Path, option: str, what: str) -> list[Path]:
    """The file of each name; InputError where one is missing."""
    found = list_pictures(folder, option)
    missing = [name for name in names if name not in found]
    if missing:
        raise InputError(f"{option} {folder}: no {what} for {len(missing)} of {len(names)} masks ({some(missing)})")
    return [found[name] for name in names]
