"""One (dataset, method, seed) of a suite: its folder, its random state, and what decides its checkpoint."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from c2seg_bench.errors import InputError
from c2seg_bench.files.digests import digest
from c2seg_bench.rundir import CellDir, RunDir
from c2seg_bench.suite.method import MethodEntry
from c2seg_bench.suite.outside import OutsideEntry
from c2seg_bench.suite.schema import Suite
from c2seg_bench.suite.training import Pretrain, Train
from c2seg_bench.text.encoder_catalogue import short_name

# keys of recipes that are younger than some results on disk: without them, such results stay current
ADDED_LATER: dict[type[Train] | type[Pretrain], set[str]] = {
    Train: {
        "noise", "micro_batch", "schedule", "period", "power", "plateau", "factor", "betas", "momentum", "nesterov",
        "epoch_steps", "follow",
    },
    Pretrain: {"micro_batch", "schedule", "factor", "betas", "weight_decay", "clip"},
}  # fmt: skip


@dataclass(frozen=True)
class BaseCell:
    """One (dataset, method, seed) of a suite. `out` is the folder of the run, `key` names the cell's random state."""

    suite: Suite
    dataset: str
    method: MethodEntry | OutsideEntry
    seed: int
    out: Path

    @property
    def key(self) -> tuple[str, ...]:
        return (self.suite.name, self.dataset, self.method.label, str(self.seed))

    @property
    def title(self) -> str:
        """The cell in messages: "qata / c2seg / seed 0"."""
        return f"{self.dataset} / {self.method.label} / seed {self.seed}"

    @property
    def run(self) -> RunDir:
        return RunDir(self.out)

    @property
    def files(self) -> CellDir:
        return self.run.cell(self.dataset, self.method.label, self.seed)

    @property
    def folder(self) -> Path:
        return self.files.folder


@dataclass(frozen=True)
class Cell(BaseCell):
    """A cell whose method is trained here."""

    method: MethodEntry

    @property
    def size(self) -> str:
        return self.method.size or self.suite.size

    @property
    def text(self) -> str:
        """Name of the text encoder."""
        return self.suite.encoder(self.method)

    def request(self) -> dict[str, Any]:
        """Everything in the suite that decides the cell's checkpoint; a cell made under another request runs again.

        Not the dataset: what is read of it, and not where it lies, is known by the hashes of its splits. Not the
        device: `auto` is what a machine has.
        """
        return {
            "key": self.key,
            "method": {"name": self.method.name, "options": self.suite.options(self.method)},
            "size": self.size,
            "text": short_name(self.text),  # not where its weights lie: the prompt table has their hash
            "train": _without_defaults(self.suite.training(self.method)),
            "pretrain": _without_defaults(self.suite.pretraining(self.method)),
            "precision": self.suite.precision,
            "threads": self.suite.threads,
            **({"compile": True} if self.suite.compile else {}),
            **({"devices": self.suite.devices} if self.suite.devices > 1 else {}),
        }

    def pretraining_request(self) -> dict[str, Any]:
        """The part of `request` that decides the pretrained weights."""
        return {name: value for name, value in self.request().items() if name not in ("train", "compile")}


@dataclass(frozen=True)
class OutsideCell(BaseCell):
    """A cell of a model that was trained elsewhere."""

    method: OutsideEntry

    def request(self) -> dict[str, Any]:
        """The part of the suite that decides which masks are requested, and how they are read."""
        return {
            "dataset": self.dataset,
            "pictures": self.method.pictures,
            "partial": self.method.partial,
            "version": self.method.version,
        }


AnyCell = Cell | OutsideCell


def same_settings(stored: dict[str, Any], request: dict[str, Any]) -> bool:
    """Whether the settings in a cell's record are those of `request`; earlier versions recorded more of the suite.

    Args:
        stored: read back from JSON.
    """
    before, now = dict(stored), json.loads(json.dumps(request, default=str))
    if isinstance(before.get("dataset"), dict):  # of an earlier version
        before = {name: value for name, value in before.items() if name not in ("dataset", "device")}
        if "dataset" in now:
            before["dataset"] = now["dataset"]
        if "method" in before:
            before["method"] = {name: before["method"].get(name) for name in ("name", "options")}
    return before == now


def _without_defaults(recipe: Train | Pretrain) -> dict[str, Any]:
    """The recipe, without keys that were added later and have their default."""
    kind = type(recipe)
    values = recipe.model_dump()
    return {k: v for k, v in values.items() if k not in ADDED_LATER[kind] or v != kind.model_fields[k].default}


def score_key(request: str, scoring: str) -> str:
    """What each row of scores carries: which masks, scored how (digests in the cell's record), it is of."""
    return digest([request, scoring])[:16]


def cells(suite: Suite, out: Path, only: str | None = None) -> list[AnyCell]:
    """All cells, in the order of the file; `only` keeps one method by name or label.

    A model that was trained elsewhere has one cell per dataset, under the suite's first seed: its seeds are not ours.
    """
    methods = [m for m in suite.methods if only is None or only in (m.label, m.name)]
    if not methods:
        raise InputError(f"--only {only}: not in this suite, which has {', '.join(m.label for m in suite.methods)}")
    return [
        Cell(suite, dataset, method, seed, out)
        if isinstance(method, MethodEntry)
        else OutsideCell(suite, dataset, method, seed, out)
        for dataset in suite.datasets
        for seed in suite.seeds
        for method in methods
        if isinstance(method, MethodEntry) or seed == suite.seeds[0]
    ]
