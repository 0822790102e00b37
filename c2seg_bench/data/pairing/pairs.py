"""Two folders of masks that belong together, predictions and targets: paired by name, read pair by pair."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from c2seg_bench.data.masks.mask_reader import MaskReader
from c2seg_bench.data.names import some
from c2seg_bench.errors import InputError

STACKS = ("slices", "volumes")
SUBSETS = ("predictions", "prompts")


@dataclass(frozen=True)
class Pairing:
    """How the files of two folders are paired and read.

    Args:
        prediction_names, target_names: how files are named but for the ending, such as {name}_pred; None: by the rule
            of `names`.
        prediction_label, target_label: the value that is lesion, of label maps; None: masks are black and white.
        stacks: "slices": every slice of a file is a pair, named NAME#0 and so on. "volumes": a file is one pair with
            three axes. None: files have one slice.
        resize: give a prediction of another size the target's, nearest pixel.
        subset: "predictions": pair what was predicted, whatever else there are targets for. "prompts": what has a
            prompt. None: everything.
    """

    prediction_names: str | None = None
    target_names: str | None = None
    prediction_label: int | None = None
    target_label: int | None = None
    stacks: str | None = None
    resize: bool = False
    subset: str | None = None

    def __post_init__(self) -> None:
        for option, value, known in (("--stacks", self.stacks, STACKS), ("--subset", self.subset, SUBSETS)):
            if value is not None and value not in known:
                raise InputError(f"{option} {value}: there are {', '.join(known)}")


class Pair(NamedTuple):
    """A prediction and its target; `name` is the prediction's stem, `page` the slice where every slice is a pair."""

    name: str
    pred: Path
    target: Path
    page: int | None = None


class MaskPairs:
    """All pairs of two folders.

    Args:
        pairs: in order of their names.
        predictions, targets: read the masks of either folder.
        how: they are read.
    """

    def __init__(self, pairs: Sequence[Pair], predictions: MaskReader, targets: MaskReader, how: Pairing):
        self.pairs, self.how = list(pairs), how
        self.predictions, self.targets = predictions, targets
        self.resized: set[str] = set()  # names of predictions that were resized so far

    def __len__(self) -> int:
        return len(self.pairs)

    @property
    def names(self) -> list[str]:
        return [pair.name for pair in self.pairs]

    def read(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """Both masks of a pair, (H, W) or (D, H, W) bool; InputError names a file that cannot be read, or two sizes."""
        pair = self.pairs[i]
        if self.how.stacks == "volumes":
            pred, target = self.predictions.read_volume(pair.pred), self.targets.read_volume(pair.target)
        else:
            pred, target = (
                self.predictions.read(pair.pred, pair.page),
                self.targets.read(pair.target, pair.page),
            )
        if pred.shape != target.shape:
            pred = self._resized(pair, pred, target.shape)
        return pred.astype(bool), target.astype(bool)

    def _resized(self, pair: Pair, pred: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        if not self.how.resize or pred.ndim != 2:
            sizes = ["x".join(map(str, s)) for s in (pred.shape, shape)]
            raise InputError(
                f"{pair.pred}: {sizes[0]}, its target {pair.target}: {sizes[1]} (height x width); resize the "
                "prediction to the target's size, nearest neighbour (--resize-predictions does)"
            )
        import cv2

        self.resized.add(pair.name)
        return cv2.resize(pred, shape[::-1], interpolation=cv2.INTER_NEAREST_EXACT)

    def check_labels(self, target_empty: np.ndarray) -> None:
        """InputError where targets are label maps and none of them has the label."""
        label = self.how.target_label
        if label is not None and len(self) and target_empty.all():
            raise InputError(f"--label {label}: no target has it; give a value that the label maps have")

    def warn(self) -> None:
        """Say which predictions that were read so far had shades or another size, and what was made of them."""
        if not self.pairs:
            return
        folder, count = self.pairs[0].pred.parent, len(self)
        shades = sorted(path.name for path in self.predictions.read_as_probabilities)
        if shades:
            warnings.warn(
                f"{folder}: {len(shades)} of {count} predictions are read as probabilities, lesion above one half "
                f"of white ({some(shades)}); where these are masks, save them with 0 and 255",
                stacklevel=2,
            )
        if self.resized:
            names = some(sorted(self.resized))
            warnings.warn(
                f"{folder}: {len(self.resized)} of {count} predictions were resized to their target, nearest pixel "
                f"({names}); distances are in pixels of the targets",
                stacklevel=2,
            )
