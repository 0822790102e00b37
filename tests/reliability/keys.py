"""Changes to a suite or to a file that it reads, and which steps of a finished run are done again.

No fewer, so that nothing is stale, and no more.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.reliability import changed_files
from tests.reliability.attempt import attempt, breach
from tests.reliability.changed_files import KEPT, PREDICT, SCORE, TRAIN
from tests.reliability.record import Row
from tests.reliability.small_run import command, finish_run, write_suite

PROMISE = "After a change, exactly the steps that read what changed are done again"
SUITE = """\
name: small
size: tiny
device: cpu
datasets: {phantom: {source: phantom, size: 32, options: {train: 8, val: 4, test: 4}}}
methods: [unet, {name: c2seg, pretrain: {epochs: 1, batch: 8}}]
train: {epochs: 1, batch: 4, lr: 0.002, clip: 1.0}
stress: {families: [keyboard], severities: [2]}
score: {bootstrap: 100}
"""
# what is replaced, by what, and what then has to be done for unet and for c2seg
CHANGES: dict[str, tuple[str, str, str, str]] = {
    "nothing": ("", "", KEPT, KEPT),
    "a comment": ("name: small", "# a comment\nname: small", KEPT, KEPT),
    "the order of keys": ("batch: 4, lr: 0.002", "lr: 0.002, batch: 4", KEPT, KEPT),
    "the order of methods": ("[unet, {name: c2seg, pretrain: {epochs: 1, batch: 8}}]",
                             "[{name: c2seg, pretrain: {epochs: 1, batch: 8}}, unet]", KEPT, KEPT),
    "another method": ("[unet,", "[unet, unetpp,", KEPT, KEPT),
    "another seed": ("device:", "seeds: [0, 1]\ndevice:", KEPT, KEPT),
    "another dataset": ("datasets: {", "datasets: {more: {source: phantom, size: 32, options: {train: 4, val: 2, test: 2}}, ",
                        KEPT, KEPT),
    "workers": ("device:", "workers: 2\ndevice:", KEPT, KEPT),
    "device auto on a CPU": ("device: cpu", "device: auto", KEPT, KEPT),
    "a default written out": ("epochs: 1, batch: 4", "schedule: cosine, epochs: 1, batch: 4", KEPT, KEPT),
    "an override equal to the suite's": ("[unet,", "[{name: unet, train: {batch: 4}},", KEPT, KEPT),
    "the default frame named": ("size: 32,", "frame: thirds, size: 32,", KEPT, KEPT),
    "the default ontology named": ("size: 32,", "ontology: chest, size: 32,", KEPT, KEPT),
    "bootstrap": ("bootstrap: 100", "bootstrap: 200", KEPT, KEPT),
    "the policy for empty masks": ("bootstrap: 100", "bootstrap: 100, empty: skip", KEPT, KEPT),
    "the folder of results": ("device:", "out: elsewhere\ndevice:", KEPT, KEPT),
    "another frame": ("size: 32,", "frame: kvasir, ontology: colonoscopy, size: 32,", SCORE, SCORE),
    "another metric": ("bootstrap: 100", "bootstrap: 100, metrics: [dice, nsd]", SCORE, SCORE),
    "another family of noise": ("[keyboard]", "[keyboard, empty]", PREDICT, PREDICT),
    "another severity": ("[2]", "[3]", PREDICT, PREDICT),
    "fewer noisy images": ("severities: [2]", "severities: [2], images: 2", PREDICT, PREDICT),
    "no noise": ("stress: {families: [keyboard], severities: [2]}", "", PREDICT, PREDICT),
    "the rate": ("lr: 0.002", "lr: 0.003", TRAIN, TRAIN),
    "epochs": ("epochs: 1, batch: 4", "epochs: 2, batch: 4", TRAIN, TRAIN),
    "the batch": ("batch: 4", "batch: 2", TRAIN, TRAIN),
    "clipping": ("clip: 1.0", "clip: 0.5", TRAIN, TRAIN),
    "the optimizer": ("batch: 4", "optimizer: sgd, batch: 4", TRAIN, TRAIN),
    "weight decay": ("batch: 4", "weight_decay: 0.1, batch: 4", TRAIN, TRAIN),
    "augmentation": ("batch: 4", "augment: photometric, batch: 4", TRAIN, TRAIN),
    "noise in training": ("batch: 4", "noise: {share: 0.5, families: [keyboard]}, batch: 4", TRAIN, TRAIN),
    "the schedule": ("batch: 4", "schedule: constant, batch: 4", TRAIN, TRAIN),
    "pretraining of one": ("pretrain: {epochs: 1", "pretrain: {epochs: 2", KEPT, TRAIN),
    "the contrast of one": ("{epochs: 1, batch: 8}", "{epochs: 1, batch: 8, contrast: hard}", KEPT, TRAIN),
    "the rate of one": ("[unet,", "[{name: unet, train: {lr: 0.01}},", TRAIN, KEPT),
    "the size of the images": ("size: 32", "size: 64", TRAIN, TRAIN),
    "fewer images": ("train: 8", "train: 6", TRAIN, TRAIN),
    "fewer images for choosing": ("val: 4", "val: 3", TRAIN, TRAIN),
    "fewer test images": ("test: 4", "test: 3", PREDICT, PREDICT),
    "threads": ("device:", "threads: 2\ndevice:", TRAIN, TRAIN),
    "the name of the suite": ("name: small", "name: other", TRAIN, TRAIN),
    "precision": ("device:", "precision: bf16-mixed\ndevice:", TRAIN, TRAIN),
}  # fmt: skip


def tries(folder: Path, number: int = 63) -> Iterator[tuple[str, Callable[[], Row]]]:
    finished = folder / "finished"
    finish_run(write_suite(folder / "reference", SUITE), finished, folder / "log")
    for name in list(CHANGES)[:number]:
        yield name, lambda name=name: changed_suite(name, finished, folder)
    files, finished_files = folder / "files", folder / "finished-files"
    changed_files.write_files(files)
    finish_run(files / "suite.yaml", finished_files, folder / "log")
    for name in list(changed_files.CHANGES)[: max(0, number - len(CHANGES))]:
        yield name, lambda name=name: changed_file(name, finished_files, files, folder)


def changed_suite(name: str, finished: Path, folder: Path) -> Row:
    """What a run would do for the suite with one of the changes."""
    before, after, *steps = CHANGES[name]
    assert not before or before in SUITE, name
    suite = write_suite(folder, SUITE.replace(before, after, 1) if before else SUITE)
    return explained(name, suite, finished, folder, dict(zip(("unet", "c2seg"), steps, strict=True)))


def changed_file(name: str, finished: Path, files: Path, folder: Path) -> Row:
    """What a run would do after one of the changes to the files that its suite reads."""
    changed_files.write_files(files)
    change, own, lvit = changed_files.CHANGES[name]
    change(files)
    return explained(name, files / "suite.yaml", finished, folder, {"own-unet": own, "lvit": lvit})


def explained(name: str, suite: Path, finished: Path, folder: Path, expected: dict[str, str]) -> Row:
    """What a copy of the finished run would do, as `run --explain` says.

    Args:
        expected: the steps by method.
    """
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(finished, out)
    ending = attempt(lambda: command("run", suite, "--out", out, "--explain"), folder / "log")
    broken = breach(ending, codes=(0,))
    lines = dict(re.findall(r"^\w+ / ([\w-]+) / seed 0: (.*)$", ending.out, re.MULTILINE))
    for method, steps in expected.items():
        line = lines.get(method, "nothing")
        if not broken and line.split(":")[0].split(", of")[0] != steps:
            broken = f"{method}: {line[:120]!r}, should be {steps}"
    return Row(name, broken, ending.cpu, ending.megabytes)
