"""The library behind `c2seg-bench score`: folders of masks in, one row per image and a summary out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

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
from c2seg_bench.seeding import seed
from metrics.consistency.axes import TABLE_AXES, summarise_axis
from metrics.stats import bootstrap_mean
from metrics.table import COLUMNS, COUNTS, POLICIES, fill_empty, frame_of, score_pair, summarise

if TYPE_CHECKING:
    from metrics.consistency import Evaluation

STRICT = ("count_ok", "laterality_ok", "position_ok", "consistent")
GRADED = ("count_score", "laterality_score", "position_score")
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

    Returns:
        `rows` with the columns of the `score` command in their fixed order, then the pixel counts and the prompt;
        `summary`, ready for JSON (nan as None).

    Raises:
        InputError: one line that names the file or folder that is wrong.
    """
    if empty not in POLICIES:
        raise InputError(f"--empty {empty}: there are {', '.join(POLICIES)}")
    pairs = pair_up(predictions, targets)
    texts = None if prompts is None else prompts_of(pairs, prompts)
    names = [p.name for p in pairs]
    judge = None if texts is None else judge_of(names, frame, ontology, images, lungs)
    loaded = load(pairs, keep=texts is not None, workers=workers)
    rows = loaded.rows
    rows.insert(0, "image", [p.name for p in pairs])
    summary = overlap_summary(rows, empty)
    if texts is None or judge is None:
        return Scores(arrange(rows), summary)
    truth = judge.evaluate(loaded.targets, texts)  # first, because of two equal warnings only one is shown
    found = judge.evaluate(loaded.preds, texts)
    rows = rows.assign(**{column: found.rows[column].to_numpy() for column in found.rows}, prompt=texts)
    summary["consistency"] = {
        "ontology": judge.ontology,
        "frame": judge.frame_name,
        **consistency_summary(found, truth),
    }
    return Scores(arrange(rows), plain(summary))


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


def load(pairs: list[Pair], keep: bool, workers: int | None = None) -> Loaded:
    """Read and score the pairs, many at a time; without `keep` no more of them is held than is at work."""

    def one(pair: Pair) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray] | None]:
        masks = read_pair(pair)
        return score_pair(*masks), masks if keep else None

    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        done = list(pool.map(one, pairs))
    held = [masks for _, masks in done if masks is not None]
    return Loaded(frame_of(np.array([raw for raw, _ in done])), [m[0] for m in held], [m[1] for m in held])


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


def arrange(rows: pd.DataFrame) -> pd.DataFrame:
    """The fixed columns first, in their order, and all others after; answers as 0/1, empty where there is none."""
    rows = rows.copy()
    for name in (*STRICT, *GRADED):
        values = pd.to_numeric(rows[name]) if name in rows else pd.Series(np.nan, index=rows.index)
        rows[name] = values.astype("Float64" if name in GRADED else "Int64")
    first = ["image", *COLUMNS, *STRICT, *GRADED]
    last = [*COUNTS, *(["prompt"] if "prompt" in rows else [])]
    between = [c for c in rows.columns if c not in first and c not in last]
    return rows[[*first, *between, *last]]


def overlap_summary(rows: pd.DataFrame, empty: str) -> dict[str, Any]:
    """Per-image means with 95 % intervals, the pooled Dice and IoU, and what the empty-mask policy touched."""
    about = summarise(rows, empty)
    pooled = summarise(rows, empty, aggregation="pooled")
    filled = fill_empty(rows, empty)
    about["pooled"] = {name: pooled[name] for name in ("dice", "iou")}
    about["interval"] = {
        name: list(bootstrap_mean(filled[name], seed("score", "bootstrap"))[1:])
        for name in COLUMNS[:4]
        if not np.isnan(about[name])
    }
    return plain(about)


def consistency_summary(found: Evaluation, truth: Evaluation) -> dict[str, Any]:
    """Each axis of the predictions next to its ceiling: the targets under the same prompts; then both by themselves."""
    axes: dict[str, dict[str, Any]] = {}
    for axis in TABLE_AXES:
        values: dict[str, Any] = summarise_axis(
            axis, found.rows, truth.rows[axis.score], seed=seed("score", "bootstrap")
        )
        if "lo" in values:
            values["corrected_interval"] = [values.pop("lo"), values.pop("hi")]
        axes[axis.name] = values
    return {"axes": axes, "predictions": found.summary(), "targets": truth.summary()}


def plain(value: Any) -> Any:
    """The value with what JSON knows only: numpy's numbers as Python's, nan as None."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
