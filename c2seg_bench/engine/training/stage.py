"""A stage of a cell's training, and its course so far."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from c2seg_bench.suite import Train


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of a cell: pretraining or training.

    Args:
        name: "pretrain" or "train"; names the stage's state file and its lines in the log.
        loss_method: the method of the model that computes the loss.
        groups_method: the method of the model that returns the optimiser's groups of parameters.
        mean_loss: whether the loss is a mean over images, see `TrainingStep`.
        folder: of the cell.
        key: suite, dataset, label and seed; these names decide the stage's random state.
        request: digest of everything that decides the result; a state file of another request is not resumed.
        rows: (N,) rows of the cache that the stage trains on.
        recipe: epochs, batch, learning rate and the rest.
        weights: file, without its suffix, of the best weights so far; None if the stage saves none. A state file whose
            best weights are missing is not resumed.
    """

    name: str
    loss_method: str
    groups_method: str = "param_groups"
    mean_loss: bool = True
    folder: Path
    key: tuple[str, ...]
    request: str
    rows: np.ndarray
    recipe: Train
    weights: Path | None = None

    @property
    def state_file(self) -> Path:
        """What an interrupted stage resumes from."""
        return self.folder / f"{self.name}-state.pt"

    @property
    def title(self) -> str:
        """Names the cell in messages."""
        _, dataset, label, number = self.key
        return f"{dataset} / {label} / seed {number}"


@dataclass
class Outcome:
    """The course of a stage so far.

    Args:
        epochs: completed.
        seconds: that these took, validation included.
        best: the highest value of `validate`.
        best_epoch: its epoch, from 1.
        history: per epoch: `epoch`, mean `loss`, and `figure`, the value of `validate`.
        images: images trained on.
        step_seconds: that training took, without validation.
        peak_memory: bytes; of the GPU, else of the process.
    """

    epochs: int = 0
    seconds: float = 0.0
    best: float = -math.inf
    best_epoch: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    images: int = 0
    step_seconds: float = 0.0
    peak_memory: int = 0
