"""Two folders of masks that belong together, predictions and targets: paired by name, read pair by pair."""

from __future__ import annotations

import warnings
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from c2seg_bench.data.faults import refuse
from c2seg_bench.data.images.stacks import depth_of
from c2seg_bench.data.masks.mask_files import MASK_ENDINGS
from c2seg_bench.data.masks.mask_reader import MaskReader
from c2seg_bench.data.names import ByName, list_files, name_pattern, some
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


def pair_up(
    predictions: Path,
    targets: Path,
    how: Pairing = Pairing(),
    prompted: Container[str] | None = None,  # noqa: B008
) -> MaskPairs:
    """The pairs of two folders; InputError where a file has no partner.

    Args:
        prompted: names that have a prompt, for the subset of these.
    """
    preds = list_folder(predictions, "--predictions", template=how.prediction_names)
    truths = list_folder(targets, "--targets", template=how.target_names)
    readers = (
        MaskReader(preds.values(), probabilities=True, label=how.prediction_label),
        MaskReader(truths.values(), label=how.target_label),
    )
    if how.subset == "prompts" and prompted is not None:
        preds, truths = (ByName({n: p for n, p in files.items() if n in prompted}) for files in (preds, truths))
        if not (preds or truths):
            raise InputError(f"--subset prompts: no name in {predictions} or {targets} has a prompt; correct the names")
    partners = {name: key for name in preds if (key := truths.key(name)) is not None and preds.key(key) == name}
    lonely = {
        f"{predictions}: {{}} of {len(preds)} without a target": [preds[n].name for n in preds if n not in partners]
    }
    if how.subset != "predictions":
        paired = set(partners.values())
        without = [truths[n].name for n in truths if n not in paired]
        lonely[f"{targets}: {{}} of {len(truths)} without a prediction"] = without
    messages = [f"{what.format(len(names))} ({some(names)})" for what, names in lonely.items() if names]
    if messages:
        fix = "names must be the same on both sides, but for ending and mask_; or give --suffix or --prediction-names"
        fix += "" if how.subset else ", or score a part with --subset"
        raise InputError(f"{'; '.join(messages)}; {fix}")
    pairs = [Pair(name, preds[name], truths[partner]) for name, partner in partners.items()]
    return MaskPairs(_by_slice(pairs) if how.stacks == "slices" else pairs, *readers, how)


def _by_slice(pairs: list[Pair]) -> list[Pair]:
    """A pair for every slice; InputError where prediction and target have not as many."""
    slices = []
    for pair in pairs:
        depth, other = depth_of(pair.pred), depth_of(pair.target)
        if depth != other:
            raise InputError(f"{pair.pred}: {depth} slices, its target {pair.target}: {other}; give as many")
        slices += [pair._replace(name=f"{pair.name}#{page}", page=page) for page in range(depth)]
    return slices


def list_folder(
    folder: Path, option: str, endings: tuple[str, ...] = MASK_ENDINGS, template: str | None = None
) -> ByName[Path]:
    """Files by stem of a folder; InputError names the option: no such folder, nothing in it, two files of a stem.

    Args:
        folder: that `option` gives, such as --targets.
        endings: of the files that are listed.
        template: how files are named, see `name_pattern`; given as --target-names.
    """
    named = f"{option.removesuffix('s')}-names"
    pattern = None if template is None else name_pattern(template, named)
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "no such folder"
        raise InputError(f"{option} {folder}: {what}; give the folder with the images")
    files = list_files(folder, endings, refuse, pattern=pattern)
    if not files and template is not None and list_files(folder, endings, lambda line: None):
        raise InputError(f"{named} {template}: no file in {folder} is named so; correct the template")
    if not files:
        kinds = ", ".join(ending[1:] for ending in endings)
        raise InputError(f"{option} {folder}: no image in it; give a folder of {kinds} files")
    return files
