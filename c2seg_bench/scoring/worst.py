"""A contact sheet of the worst cases of `score`: image, outlines of both masks, prompt, and why the mask fails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from c2seg_bench.data.cache.contact_sheet import write_sheet
from c2seg_bench.data.pairing.companions import images_of
from c2seg_bench.errors import InputError
from c2seg_bench.scoring.columns import REASONS
from c2seg_bench.scoring.request import ScoreRequest

if TYPE_CHECKING:
    from c2seg_bench.scoring.folders import Scores

SHOWN = 12  # images of the sheet


def draw_worst(scores: Scores, request: ScoreRequest, path: Path) -> None:
    """Write the sheet of the images with the lowest Dice, the worst first.

    Raises:
        InputError: there are no images of the request, or one is missing or cannot be read.
    """
    if request.images is None:
        raise InputError(f"--sheet {path}: shows masks on their images; give --images as well")
    chosen = worst_rows(scores.rows)
    names = [scores.pairs.names[i] for i in chosen]
    images = list(images_of(names, request.images))
    masks = [scores.pairs.read(int(i)) for i in chosen]
    rows = [scores.rows.iloc[int(i)] for i in chosen]
    write_sheet(
        path,
        images,
        [fit(target, image) for (_, target), image in zip(masks, images, strict=True)],
        [f"{name}: Dice {row['dice']:.3f}" for name, row in zip(names, rows, strict=True)],
        [caption(row) for row in rows],
        predictions=[fit(pred, image) for (pred, _), image in zip(masks, images, strict=True)],
    )


def worst_rows(rows: pd.DataFrame, count: int = SHOWN) -> np.ndarray:
    """Positions of the rows with the lowest Dice; of equal ones, the less consistent first, then in order."""
    consistency = pd.to_numeric(rows["score"]) if "score" in rows else pd.Series(0.0, index=rows.index)
    order = np.lexsort((consistency.fillna(1.0).to_numpy(), rows["dice"].to_numpy()))
    return order[:count]


def fit(mask: np.ndarray, image: np.ndarray) -> np.ndarray:
    """The mask in the image's size, nearest pixel."""
    import cv2

    height, width = image.shape[:2]
    return cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST_EXACT)


def caption(row: pd.Series) -> str:
    """The prompt, and the reasons for the axes on which the mask disagrees."""
    failed = [
        str(row[reason])
        for reason in REASONS
        if reason in row and row[reason] and row.get(f"{reason.removesuffix('_reason')}_ok") == 0
    ]
    prompt = [str(row["prompt"])] if "prompt" in row else []
    return "\n".join([*prompt, *failed])
