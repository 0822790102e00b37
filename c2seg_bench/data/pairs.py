"""Two folders of masks that belong together, predictions and targets: paired by name, read pair by pair."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from c2seg_bench.data.mask_files import MASKS
from c2seg_bench.data.masks import MaskReader
from c2seg_bench.data.names import ByName, list_files, some
from c2seg_bench.data.source import refuse
from c2seg_bench.errors import InputError


class Pair(NamedTuple):
    """A prediction and its target; `name` is the prediction's stem."""

    name: str
    pred: Path
    target: Path


class MaskPairs:
    """All pairs of two folders.

    Args:
        pairs: in order of their names.
        predictions, targets: read the masks of either folder.
    """

    def __init__(self, pairs: Sequence[Pair], predictions: MaskReader, targets: MaskReader):
        self.pairs = list(pairs)
        self.predictions, self.targets = predictions, targets

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def names(self) -> list[str]:
        return [pair.name for pair in self.pairs]

    def read(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """Both masks (H, W) bool of a pair; InputError names a file that cannot be read, and a pair of two sizes."""
        pair = self.pairs[i]
        pred, target = self.predictions.read(pair.pred), self.targets.read(pair.target)
        if pred.shape != target.shape:
            sizes = ["x".join(map(str, m.shape)) for m in (pred, target)]
            raise InputError(
                f"{pair.pred}: {sizes[0]}, its target {pair.target}: {sizes[1]} (height x width); "
                "resize the prediction to the target's size, nearest neighbour"
            )
        return pred.astype(bool), target.astype(bool)

    def warn_of_probabilities(self) -> None:
        """Say which predictions that were read so far had shades, and how these were understood."""
        names = sorted(path.name for path in self.predictions.read_as_probabilities)
        if names:
            folder = self.pairs[0].pred.parent
            warnings.warn(
                f"{folder}: {len(names)} of {len(self)} predictions are read as probabilities, lesion above one half "
                f"of white ({some(names)}); where these are masks, save them with 0 and 255",
                stacklevel=2,
            )


def pair_up(predictions: Path, targets: Path) -> MaskPairs:
    """The pairs of two folders; InputError where a file has no partner."""
    preds, truths = list_folder(predictions, "--predictions"), list_folder(targets, "--targets")
    partners = {name: key for name in preds if (key := truths.key(name)) is not None and preds.key(key) == name}
    lonely = {
        f"{predictions}: {{}} of {len(preds)} without a target": [preds[n].name for n in preds if n not in partners],
        f"{targets}: {{}} of {len(truths)} without a prediction": [
            truths[n].name for n in truths if n not in set(partners.values())
        ],
    }
    messages = [f"{what.format(len(names))} ({some(names)})" for what, names in lonely.items() if names]
    if messages:
        raise InputError("; ".join(messages) + "; names must be the same on both sides, but for ending and mask_")
    pairs = [Pair(name, preds[name], truths[partner]) for name, partner in partners.items()]
    return MaskPairs(pairs, MaskReader(preds.values(), probabilities=True), MaskReader(truths.values()))


def list_folder(folder: Path, option: str, endings: tuple[str, ...] = MASKS) -> ByName[Path]:
    """Files by stem of a folder; InputError names the option: no such folder, nothing in it, two files of a stem."""
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "no such folder"
        raise InputError(f"{option} {folder}: {what}; give the folder that holds the pictures")
    files = list_files(folder, endings, refuse)
    if not files:
        kinds = ", ".join(ending[1:] for ending in endings)
        raise InputError(f"{option} {folder}: no picture in it; give a folder of {kinds} files")
    return files
