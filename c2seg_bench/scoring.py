"""The library behind `c2seg-bench score`: folders of masks in, one row per image and a summary out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from c2seg_bench.data.companions import lungs_of, pictures_of, prompts_of
from c2seg_bench.data.pairs import MaskPairs, pair_up
from c2seg_bench.errors import InputError
from c2seg_bench.seeding import seed
from metrics.catalogue import DEFAULT, POLICIES, Metric, mask_metrics, with_default
from metrics.stats import bootstrap_corrected, bootstrap_mean
from metrics.table import COUNTS, FLAGS, fill_empty, score_pair, summarise, table_of

if TYPE_CHECKING:
    from metrics.consistency import Evaluation

STRICT = ("count_ok", "laterality_ok", "position_ok", "consistent")
GRADED = ("count_score", "laterality_score", "position_score")
AXES = ("count", "laterality", "position", "size", "all")
ONTOLOGY, FRAME = "chest", "thirds"


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
    frame: str = FRAME,
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
    texts = None if prompts is None else prompts_of(pairs.names, prompts)
    ontology = ontology or (ONTOLOGY if texts is None else ontology_of(frame))
    if texts is not None:
        check_words(ontology, frame, images, lungs)  # before the masks are read, which may take a while
    names = pairs.names
    looks = None if images is None else pictures_of(names, images)
    inside = None if lungs is None else lungs_of(names, lungs)
    loaded = load(pairs, keep=texts is not None, workers=workers, metrics=with_default(metrics))
    pairs.warn_of_probabilities()
    rows = loaded.rows
    rows.insert(0, "image", names)
    summary = overlap_summary(rows, empty, listed)
    if texts is None:
        return Scores(arrange(rows), summary)
    # the targets first: of a warning that both give, theirs is told
    truth, found = (consistency_of(m, texts, ontology, frame, looks, inside) for m in (loaded.targets, loaded.preds))
    for column in found.rows.columns:
        rows[column] = found.rows[column].to_numpy()
    rows["prompt"] = texts
    summary["consistency"] = {"ontology": ontology, "frame": frame, **consistency_summary(found, truth)}
    return Scores(arrange(rows), plain(summary))


def consistency_of(
    masks: np.ndarray | Sequence[np.ndarray],
    prompts: list[str],
    ontology: str,
    frame: str,
    images: Sequence[np.ndarray] | np.ndarray | None = None,
    lungs: Sequence[np.ndarray] | None = None,
) -> Evaluation:
    """`metrics.consistency.evaluate` with the frame by its name or file.

    Args:
        images: the pictures (N, H, W, 3), which a frame that looks for the lungs needs; others leave them unread.
        lungs: masks of the lungs instead; only for a frame whose rows are shares of the lungs.
    """
    from metrics.consistency import Frame, evaluate

    return evaluate(masks, prompts, ontology=ontology, frame=Frame.load(frame), images=images, lungs=lungs)


def looked_at(frame: str, images: np.ndarray, rows: np.ndarray) -> np.ndarray | None:
    """The pictures of these rows where the frame looks at them; None where it does not, and they need not be read."""
    from metrics.consistency import Frame

    return images[rows] if Frame.load(frame).lungs is not None else None


def ontology_of(frame: str) -> str:
    """The ontology that the frame was calibrated with; `ONTOLOGY` where it does not say."""
    from metrics.consistency import Frame

    about = Frame.load(frame).about
    return str(about.get("ontology", ONTOLOGY)) if isinstance(about, dict) else ONTOLOGY


def check_words(ontology: str, frame: str, images: Path | None, lungs: Path | None) -> None:
    """InputError where there is no such ontology or frame, or the frame does not go with what is given to look at."""
    from metrics.consistency import Frame, parse

    parse("", ontology)
    loaded = Frame.load(frame)
    if images is not None and lungs is not None:
        raise InputError(f"--images {images}: where the lungs lie is in --lungs {lungs}; give one of the two")
    if images is not None and loaded.lungs is None:
        mend = "give masks of the lungs (--lungs)" if loaded.relative == "lungs" else "leave it out"
        raise InputError(f"--images {images}: frame {frame} does not look at pictures; {mend}, or take qata-lungs")
    some_of = [] if images is None and lungs is None else [np.ones((1, 1))]
    loaded.extents(len(some_of), None if images is None else some_of, None if lungs is None else some_of)


def listed_metrics(names: Sequence[str]) -> tuple[Metric, ...]:
    """The metrics of these names; InputError that names the option."""
    try:
        return mask_metrics(names)
    except ValueError as e:
        raise InputError(f"--metrics: {e}") from None


def load(
    pairs: MaskPairs, keep: bool, workers: int | None = None, metrics: Sequence[Metric] = with_default()
) -> Loaded:
    """Read and score the pairs, many at a time; without `keep` no more of them is held than is at work."""

    def one(i: int) -> tuple[dict[str, float], tuple[np.ndarray, np.ndarray] | None]:
        masks = pairs.read(i)
        return score_pair(*masks, metrics=metrics), masks if keep else None

    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        done = list(pool.map(one, range(len(pairs))))
    held = [masks for _, masks in done if masks is not None]
    return Loaded(table_of([raw for raw, _ in done], metrics), [m[0] for m in held], [m[1] for m in held])


def arrange(rows: pd.DataFrame) -> pd.DataFrame:
    """The fixed columns first, in their order, and all others after; answers as 0/1, empty where there is none."""
    rows = rows.copy()
    for name in (*STRICT, *GRADED):
        values = pd.to_numeric(rows[name]) if name in rows else pd.Series(np.nan, index=rows.index)
        rows[name] = values.astype("Float64" if name in GRADED else "Int64")
    first = ["image", *DEFAULT, *FLAGS, *STRICT, *GRADED]
    last = [*COUNTS, *(["prompt"] if "prompt" in rows else [])]
    between = [c for c in rows.columns if c not in first and c not in last]
    return rows[[*first, *between, *last]]


def overlap_summary(rows: pd.DataFrame, empty: str, metrics: Sequence[Metric] = with_default()) -> dict[str, Any]:
    """Per-image means with 95 % intervals, the pooled Dice and IoU, and what the empty-mask policy touched."""
    about = summarise(rows, empty)
    pooled = summarise(rows, empty, aggregation="pooled")
    filled = fill_empty(rows, empty)
    about["pooled"] = {name: pooled[name] for name in ("dice", "iou")}
    about["interval"] = {
        metric.name: list(bootstrap_mean(filled[metric.column], seed("score", "bootstrap"))[1:])
        for metric in metrics
        if not np.isnan(about[metric.name])
    }
    return plain(about)


def consistency_summary(found: Evaluation, truth: Evaluation) -> dict[str, Any]:
    """What evaluate says of the predictions, and each axis beside its ceiling: the targets under the same prompts."""
    axes: dict[str, dict[str, Any]] = {}
    for axis in AXES:
        names = (
            ("score", "chance", "consistent")
            if axis == "all"
            else tuple(f"{axis}_{kind}" for kind in ("score", "chance", "ok"))
        )
        score, chance, strict = (pd.to_numeric(found.rows[name]).to_numpy(float) for name in names)
        ceiling = pd.to_numeric(truth.rows[names[0]]).to_numpy(float)
        stated = np.isfinite(score)
        axes[axis] = {"coverage": float(stated.mean()), "n": int(stated.sum())}
        if not stated.any():
            continue
        value = bootstrap_corrected(score, chance, ceiling, seed("score", "bootstrap"))
        axes[axis] |= {
            "strict": float(np.nanmean(strict)),
            "score": float(score[stated].mean()),
            "chance": float(chance[stated].mean()),
            "ceiling": float(ceiling[stated].mean()),
            "corrected": value.mean,
            "corrected_interval": [value.lo, value.hi],
        }
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
