"""Every path in the folder of a run."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from c2seg_bench.rundir.condition import Condition


@dataclass(frozen=True)
class RunDir:
    """Every path in the folder `out` of a run. Nothing is created or read by asking for a path."""

    out: Path

    @property
    def suite(self) -> Path:
        """The suite that ran, as JSON."""
        return self.out / "suite.json"

    @property
    def scores(self) -> Path:
        """The scores of all cells: one row per image, method, seed and condition."""
        return self.out / "scores.parquet"

    @property
    def tables(self) -> Path:
        """Folder of the tidy tables, which the report is made from."""
        return self.out / "tables"

    def table(self, name: str) -> Path:
        return self.tables / f"{name}.csv"

    @property
    def about(self) -> Path:
        """What a reader needs to judge and repeat the run: data, weights, machine, versions."""
        return self.tables / "run.json"

    @property
    def panel(self) -> Path:
        """Test images with every method's mask, for the report's panel."""
        return self.tables / "panel.npz"

    @property
    def explorer(self) -> Path:
        """Images, prompts, masks and verdicts of single cases, for the report's page."""
        return self.tables / "explorer.json"

    @property
    def report(self) -> Path:
        return self.out / "report.md"

    @property
    def figures(self) -> Path:
        return self.out / "figures"

    def data(self, dataset: str) -> Path:
        """Folder of the prepared dataset."""
        return self.out / "data" / dataset

    def text(self, encoder: str) -> Path:
        """Folder of the prompts embedded by an encoder; a name that cannot be a folder gets a digest."""
        plain = re.sub(r"[^A-Za-z0-9._+-]", "-", encoder)
        if plain != encoder:
            plain += "-" + hashlib.sha256(json.dumps(encoder).encode()).hexdigest()[:8]
        return self.out / "text" / plain

    def noisy_prompts(self, dataset: str, condition: Condition) -> Path:
        """The test split's prompts under a noisy condition, written once for all methods and seeds."""
        return self.out / "prompts" / dataset / f"{condition}.jsonl"

    def referring(self, dataset: str) -> Path:
        """The edited prompts with a known answer of a dataset's test split, written once for all methods and seeds."""
        return self.out / "referring" / f"{dataset}.json"

    @property
    def referring_panel(self) -> Path:
        """Test images with the part that the prompt names and every method's mask of it, for the report's figure."""
        return self.tables / "referring.npz"

    def training_examples(self, dataset: str) -> Path:
        """Edits of the training images whose correct mask is known, for the recipe `follow`."""
        return self.out / "follow" / f"{dataset}.jsonl"

    def cell(self, dataset: str, method: str, seed: int) -> CellDir:
        """`method` is the label that the suite gives it."""
        return CellDir(self.out / "cells" / dataset / method / f"seed{seed}")


@dataclass(frozen=True)
class CellDir:
    """Every path in the folder of one (dataset, method, seed)."""

    folder: Path

    @property
    def record(self) -> Path:
        """Which request the masks and scores of the cell answer; written last."""
        return self.folder / "cell.json"

    @property
    def pretrained(self) -> Path:
        """Weights after pretraining: this name with .safetensors, and .json for what they are."""
        return self.folder / "pretrain"

    @property
    def checkpoint(self) -> Path:
        """The best weights: this name with .safetensors, and .json for what they are."""
        return self.folder / "checkpoint"

    def training_state(self, stage: str) -> Path:
        """Where an interrupted stage (`pretrain`, `train`) continues from."""
        return self.folder / f"{stage}-state.pt"

    @property
    def progress(self) -> Path:
        return self.folder / "progress.json"

    @property
    def log(self) -> Path:
        """One line per epoch."""
        return self.folder / "log.jsonl"

    @property
    def error(self) -> Path:
        """The traceback of the cell's last attempt, where that failed."""
        return self.folder / "error.txt"

    def predictions(self, condition: Condition) -> Path:
        """The packed masks of the test split under a condition."""
        return self.folder / "predictions" / f"{condition}.npz"

    @property
    def scores(self) -> Path:
        """One row per image and condition."""
        return self.folder / "scores.parquet"
