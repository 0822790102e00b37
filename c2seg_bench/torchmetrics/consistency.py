"""Text-mask consistency of the masks of a validation loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import torch
from torchmetrics import Metric

from c2seg_bench.errors import InputError
from c2seg_bench.torchmetrics.batch import Batch, binary_masks, check_threshold
from metrics.arrays import to_array
from metrics.consistency import Frame, parse
from metrics.consistency.axes import AXES, summarise_axis
from metrics.consistency.frame.extents import Extents
from metrics.consistency.judge.check import fit_grid
from metrics.consistency.judge.evaluate import judge_rows
from metrics.consistency.judge.features import Features, features
from metrics.consistency.reader.ontology import load_ontology

VALUES = ("score", "strict", "chance", "coverage", "corrected")


class TextMaskConsistency(Metric):
    """Whether masks agree with what their prompts state, as `metrics.consistency.evaluate` measures it.

    Chance compares each mask with every other image's prompt, so the state is not a sum: it keeps a few numbers per
    mask (its components and where they lie) and the prompt, and `compute` judges them all together.

    Args:
        ontology: how prompts are read.
        frame: where the words lie in an image: a name or a file for `Frame.load`, or a `Frame`.
        axis: "all", or one of count, laterality, position, size, absent.
        value: of that axis, over the images whose prompt states it: "score", the mean graded score; "strict", the
            share of images where all that is stated on it holds; "chance", the mean score with the other images'
            prompts; "coverage", the share of prompts that state it; "corrected", (score - chance) /
            (ceiling - chance), which needs the experts' masks in `update`.
        threshold: a probability above it is lesion.
        kwargs: of `torchmetrics.Metric`.

    `compute` returns a float64 scalar, nan if no prompt states the axis. Several values of the same images:
    a `torchmetrics.MetricCollection` keeps their state once.
    """

    is_differentiable = False
    higher_is_better = True
    full_state_update = False
    preds: list[torch.Tensor]
    targets: list[torch.Tensor]
    characters: list[torch.Tensor]
    lengths: list[torch.Tensor]

    def __init__(
        self,
        ontology: str = "chest",
        frame: Frame | str = "thirds",
        axis: str = "all",
        value: str = "score",
        threshold: float = 0.5,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        for what, given, known in (("axis", axis, AXES), ("value", value, VALUES)):
            if given not in known:
                raise InputError(f"{what} {given!r}: there are {', '.join(known)}")
        self.ontology, self.axis, self.value = ontology, axis, value
        self.frame = fit_grid(Frame.load(frame) if isinstance(frame, str) else frame, load_ontology(ontology))
        self.threshold = check_threshold(threshold)
        # A process that saw no batch sends an empty float tensor of one axis; all states are such, so that they join.
        self.set_dtype(torch.float64)
        for name in ("preds", "targets", "characters", "lengths"):
            self.add_state(name, [], dist_reduce_fx="cat")

    def update(
        self,
        preds: Batch,
        prompts: Sequence[str],
        target: Batch | None = None,
        images: Sequence[Any] | np.ndarray | torch.Tensor | None = None,
        lungs: Sequence[Any] | np.ndarray | torch.Tensor | None = None,
    ) -> None:
        """Add a batch.

        Args:
            preds: masks or probabilities, (N, H, W), (N, 1, H, W) or a list of images.
            prompts: N texts.
            target: the experts' masks, for the value "corrected".
            images: N images (H, W) or (H, W, 3) uint8, for a frame that looks for the lungs in them.
            lungs: N masks (H, W) of the lungs instead, for a frame whose rows are shares of the lungs.

        Raises:
            InputError: unequal numbers, a mask that is not one, target or images that are needed and not given.
        """
        if isinstance(prompts, str):
            raise InputError("prompts is one text; give a list with one prompt per image")
        if len(prompts) != len(preds):
            raise InputError(f"{len(preds)} preds and {len(prompts)} prompts; give a list with one prompt per image")
        if target is None and self.value == "corrected":
            raise InputError("value 'corrected' needs the experts' masks; give target to update as well")
        if target is not None and len(target) != len(preds):
            raise InputError(f"{len(preds)} preds and {len(target)} masks in target; give one of each per image")
        if not len(preds):
            return
        looks, inside = (None if given is None else [to_array(one) for one in given] for given in (images, lungs))
        extents = self.frame.extents(len(preds), looks, inside)
        for state, masks, name in ((self.preds, preds, "preds"), (self.targets, target, "target")):
            if masks is not None:
                own = binary_masks(masks, name, self.threshold)
                state.append(self._tensor(flattened(features(own, self.frame, 1, extents))))
        self.characters.append(self._tensor([ord(character) for prompt in prompts for character in prompt]))
        self.lengths.append(self._tensor([len(prompt) for prompt in prompts]))

    def compute(self) -> torch.Tensor:
        prompts = self._prompts()
        if not prompts:
            return self._tensor(np.nan)
        findings = tuple(parse(prompt, self.ontology) for prompt in prompts)
        known, axis = load_ontology(self.ontology), AXES[self.axis]

        def verdicts(state: list[torch.Tensor]) -> pd.DataFrame:
            return judge_rows(self._features(state), findings, known, self.frame)

        experts = verdicts(self.targets) if self.value == "corrected" else None
        summary = summarise_axis(axis, verdicts(self.preds), experts, draws=1)  # its interval is not read
        return self._tensor(summary.get(self.value, np.nan))

    def _tensor(self, values: Any) -> torch.Tensor:
        return torch.as_tensor(values, dtype=torch.float64, device=self.device)

    def _prompts(self) -> list[str]:
        characters, ends = joined(self.characters).astype(int), np.cumsum(joined(self.lengths)).astype(int)
        starts = np.concatenate([[0], ends[:-1]]).astype(int)
        return ["".join(map(chr, characters[a:b])) for a, b in zip(starts, ends, strict=True)]

    def _features(self, state: list[torch.Tensor]) -> Features:
        nowhere = Extents(np.empty((0, 2, 2)), np.empty(0)) if self.frame.relative == "lungs" else None
        return unflattened(joined(state), features([], self.frame, 1, nowhere))


def joined(state: list[torch.Tensor] | torch.Tensor) -> np.ndarray:
    """The state as one array (K,): a list of tensors in this process, one tensor after torchmetrics gathered it."""
    tensors = [state] if isinstance(state, torch.Tensor) else state
    return torch.cat(tensors).cpu().numpy() if tensors else np.empty(0)


def flattened(known: Features) -> np.ndarray:
    """The features of N masks as one array (N * K,) float64, mask by mask."""
    parts = [getattr(known, field.name) for field in fields(Features)]
    return np.concatenate(
        [part.reshape(len(known), -1).astype(np.float64) for part in parts if part is not None], axis=1
    ).ravel()


def unflattened(values: np.ndarray, like: Features) -> Features:
    """The inverse of `flattened`; `like` has the shapes and dtypes, of any number of masks."""
    parts = {field.name: getattr(like, field.name) for field in fields(Features)}
    widths = [0 if part is None else int(np.prod(part.shape[1:])) for part in parts.values()]
    columns = np.split(values.reshape(-1, sum(widths)), np.cumsum(widths)[:-1], axis=1)
    restored: dict[str, Any] = {
        name: None if part is None else column.reshape(-1, *part.shape[1:]).astype(part.dtype)
        for (name, part), column in zip(parts.items(), columns, strict=True)
    }
    return Features(**restored)
