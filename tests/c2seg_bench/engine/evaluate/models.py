"""A model of a few lines, the suite that it is scored on, and a user's script that answers a pack with it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import cv2
import nibabel
import numpy as np
import pandas as pd
from rich.console import Console

SUITE = {
    "name": "small",
    "device": "cpu",
    "datasets": {"phantom": {"source": "phantom", "size": 32, "options": {"train": 8, "val": 4, "test": 8}}},
    "methods": ["unet", "c2seg"],
    "train": {"epochs": 2, "batch": 4},
    "stress": {"families": ["keyboard", "swap_side"], "severities": [1, 3], "images": 6},
    "score": {"bootstrap": 100},
}

QUIET = Console(quiet=True)
CLASSICAL = '''
import numpy as np


def predict(image, prompt):
    """Bright pixels on the side that the prompt names; torch is not needed."""
    grey = image.mean(axis=2)
    mask = grey > np.quantile(grey, 0.8)
    half = image.shape[1] // 2
    if "left" in prompt and "right" not in prompt:
        mask[:, half:] = False
    if "right" in prompt and "left" not in prompt:
        mask[:, :half] = False
    return mask
'''


def scores_of(run: Path, method: str) -> pd.DataFrame:
    scores = pd.read_parquet(run / "scores.parquet")
    return scores[scores["method"] == method].drop(columns=["method", "seed", "request"]).reset_index(drop=True)


def answer(pack: Path, folder: Path, suffix: str = ".png") -> list[dict[str, str]]:
    """A user's script: reads requests.csv and writes a mask per id."""
    folder.mkdir()
    namespace: dict[str, Callable] = {}
    exec(CLASSICAL, namespace)
    with open(pack / "requests.csv", encoding="utf-8", newline="") as file:
        requests = list(csv.DictReader(file))
    for request in requests:
        image = cv2.imread(str(pack / request["image"]))[..., ::-1]
        mask = namespace["predict"](image, request["prompt"])
        path = folder / f"{request['id']}{suffix}"
        if suffix == ".nii.gz":
            nibabel.save(nibabel.Nifti1Image(mask.astype(np.uint8), np.eye(4)), path)
        elif suffix == ".npy":
            np.save(path, mask)
        else:
            cv2.imwrite(str(path), mask.astype(np.uint8) * 255)
    return requests
