"""The text of a new suite: every setting that one usually changes, with a comment beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

TEXT = """\
# A suite: which methods are trained on which datasets, and how. Run it with: c2seg-bench run {file}
# What is done is kept: change a setting and run it again, and only what it decides is done again.
name: {name}
size: tiny          # of the networks: tiny learns on a CPU; paper needs a GPU
text: minilm        # frozen text encoder; c2seg-bench doctor lists those that this machine has
seeds: [0]          # a training for each; three or more say how much chance decides
device: auto        # a GPU where there is one
workers: 1          # trainings at a time

datasets:
{datasets}
methods:            # c2seg-bench models lists them, c2seg-bench models NAME their options
{methods}
train: {{epochs: {epochs}, batch: 16, lr: 2.0e-3, optimizer: adamw, clip: 1.0}}

stress:             # noisy prompts at test; c2seg-bench perturb --list names the families
  families: [keyboard, no_position, swap_side]
  severities: [1, 3, 5]
  images: 100       # of the test split, evenly spaced

referring: {{per_image: 2}}    # edited prompts whose correct mask is known, docs/referring.md

score:
  metrics: [dice, iou, hd95, assd]    # docs/metrics.md has more
"""


class NewDataset(NamedTuple):
    """A dataset of a new suite: its name, source and folder (None if it is drawn), and how its prompts are read."""

    name: str
    source: str
    root: Path | None
    ontology: str
    frame: str

    def lines(self, suite: Path) -> str:
        """The entry of `datasets`."""
        drawn = self.root is None
        size = "64           # side of the images, pixels" if drawn else "224          # side of the images, pixels"
        lines = [f"  {self.name}:", f"    source: {self.source}"]
        if self.root is not None:
            lines.append(f"    root: {quoted(str(self.root.resolve()))}")
        lines.append(f"    size: {size}")
        if drawn:
            lines.append("    options: {train: 200, val: 40, test: 60}")
        lines.append(f"    ontology: {self.ontology}    # how prompts are read, or a .json file")
        lines.append(
            f"    frame: {self.frame}      # where the named places are, or a .json file of c2seg-bench calibrate"
        )
        return "\n".join(lines) + "\n"


class NewMethod(NamedTuple):
    """A method of a new suite: its name and title, and its file where it is no method of this project."""

    name: str
    title: str
    module: Path | None = None

    def lines(self, suite: Path) -> str:
        """The entry of `methods`."""
        if self.module is None:
            return f"  - name: {self.name}    # {' '.join(self.title.split())}\n"
        file = os.path.relpath(self.module.resolve(), suite.resolve().parent)
        return f"  - {{module: {quoted(file)}, name: {self.name}}}    # relative to this file\n"


def new_suite(path: Path, methods: Sequence[NewMethod], datasets: Sequence[NewDataset]) -> str:
    """The text of a suite to be written at `path`, which names it."""
    return TEXT.format(
        file=path.name,
        name=path.stem,
        datasets="".join(dataset.lines(path) for dataset in datasets),
        methods="".join(method.lines(path) for method in methods),
        epochs=8 if all(dataset.root is None for dataset in datasets) else 50,
    )


def quoted(text: str) -> str:
    """Text as a YAML string, whatever it contains."""
    return json.dumps(text, ensure_ascii=False)
