"""A finished run of any size with made-up scores, for timing and profiling the report. No method ever had these.

Usage: python -m tests.c2seg_bench.results.big_run OUT [METHODS DATASETS SEEDS IMAGES]; by default the size that the
report is meant for: 22 methods, 4 datasets, 3 seeds, 40 conditions, 500 images.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from baselines import registry
from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.data.masks.packed import PackedMasks, save_masks
from c2seg_bench.results.description import description
from c2seg_bench.results.stored_scores import ROWS_IN_GROUP
from c2seg_bench.rundir import CLEAN, Condition, RunDir
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.seeding import rng
from c2seg_bench.stress import FAMILIES
from c2seg_bench.suite import Suite, cells, score_key
from metrics.consistency.axes import STATED

GRADED = ("keyboard", "swap", "delete", "insert", "abbreviations", "clinical")
ONCE = ("reorder", "no_position", "no_count", "no_side", "empty", "other_prompt", "swap_side", "move_zone", "deny")
SIZE = 32


def make_run(out: Path, methods: int = 22, datasets: int = 4, seeds: int = 3, images: int = 500) -> Path:
    """Write everything that a report is made of, with 40 conditions, and return `out`."""
    suite = Suite(
        name="big",
        datasets={
            f"d{k}": {"source": "phantom", "size": SIZE, "options": {"train": 40, "val": 4, "test": images}}
            for k in range(datasets)
        },
        methods=sorted(registry.METHODS)[:methods],
        seeds=list(range(seeds)),
        stress={"families": [*GRADED, *ONCE], "severities": [1, 2, 3, 4, 5]},
    )
    files, tables = RunDir(out), []
    for dataset in suite.datasets:
        cache = prepare("phantom", files.data(dataset), SIZE, train=40, val=4, test=images)
        truth = _truth(suite, dataset, cache)
        for cell in cells(suite, out):
            if cell.dataset == dataset:
                tables.append(_scores(cell.key, truth, suite.stress.conditions(), registry.get(cell.method.name).card))
                _records(cell, cache, tables[-1])
    files.suite.write_text(json.dumps(suite.model_dump()))
    pd.concat(tables, ignore_index=True).to_parquet(files.scores, index=False, row_group_size=ROWS_IN_GROUP)
    return out


def _truth(suite: Suite, dataset: str, cache: Cache) -> pd.DataFrame:
    """The experts' own rows of the test split, which the made-up ones are varied from."""
    rows = cache.rows("test")
    judge = Judge.of_dataset(suite.datasets[dataset], cache)
    masks, prompts = cache.masks[rows].astype(bool), list(cache.index["prompt"].iloc[rows])
    table = judge.rows(masks, prompts, rows)
    table.insert(0, "image", list(cache.index["name"].iloc[rows]))
    return table.assign(prompt=prompts, target_area=masks.sum(axis=(1, 2)))


def _scores(key: tuple[str, ...], truth: pd.DataFrame, conditions: list[Condition], card) -> pd.DataFrame:
    """A row per condition and image of one cell."""
    random, n = rng(*key), len(truth)
    hard = rng(key[1], "hard").beta(8, 2, n)
    skill = rng(key[2]).uniform(-0.15, 0) + 0.01 * random.standard_normal()
    parts = []
    for condition in conditions:
        cost = 0.0 if condition == CLEAN or not card.uses_text else 0.02 * condition.severity * random.uniform(0.5, 1.5)
        dice = np.clip(hard + skill - cost + 0.05 * random.standard_normal(n), 0, 1)
        part = pd.DataFrame({"dataset": key[1], "method": key[2], "seed": int(key[3]), "condition": str(condition),
                             "image": truth["image"], "subject": "", "dice": dice, "iou": dice / (2 - dice),
                             "hd95": 20 * (1 - dice), "assd": 6 * (1 - dice), "pred_empty": 0, "target_empty": 0,
                             "inter": 10, "pred_area": random.integers(5, 60, n), "target_area": truth["target_area"],
                             "height": SIZE, "width": SIZE, "stability": 1 - random.beta(1, 12, n)})  # fmt: skip
        right = random.random(n) < dice
        for axis in STATED:
            stated = truth[axis.score].notna()
            part[axis.ok] = np.where(stated, right.astype(float), np.nan)
            part[axis.score] = np.where(stated, np.clip(dice + 0.1 * right, 0, 1), np.nan)
            part[axis.chance] = truth[axis.chance] * random.uniform(0.8, 1.0, n)
        part["consistent"] = np.where(truth["score"].notna(), right.astype(float), np.nan)
        part["score"] = np.where(truth["score"].notna(), np.clip(dice + 0.1 * right, 0, 1), np.nan)
        part["chance"] = truth["chance"] * random.uniform(0.8, 1.0, n)
        part = part.assign(components=1, empty=0)
        part["prompt"] = truth["prompt"] if condition == CLEAN else [f"{p} {condition}" for p in truth["prompt"]]
        edited = condition != CLEAN and FAMILIES[condition.family].judged_on("chest")
        for column in ("edited_ok", "edited_score", "before_ok", "before_score"):
            part[column] = (random.random(n) < dice).astype(float) if edited else np.nan
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _records(cell, cache: Cache, scores: pd.DataFrame) -> None:
    """What the cell says of itself, and its masks under the clean prompts; the scores get its request."""
    card, files = registry.get(cell.method.name).card, cell.files
    files.folder.mkdir(parents=True)
    record = {"request": "-".join(cell.key), "scoring": "s", "data": cache.manifest["hash"],
              "settings": json.loads(json.dumps(cell.request(), default=str))}  # fmt: skip
    files.record.write_text(json.dumps(record))
    scores["request"] = score_key(record["request"], record["scoring"])
    checkpoint = {"uses_text": card.uses_text, "params": {"trainable": 1.0, "thop": 1.0}, "seconds": 60.0, "epochs": 5,
                  "description": description(cell.suite, cell.method), "machine": "made up", "torch": "0",
                  "date": "2000-01-01"}  # fmt: skip
    files.checkpoint.with_suffix(".json").write_text(json.dumps(checkpoint))
    rows = cache.rows("test")
    masks = PackedMasks.pack(np.roll(cache.masks[rows].astype(bool), len(cell.method.label), axis=2))
    save_masks(files.predictions(CLEAN), list(cache.index["name"].iloc[rows]), masks)


if __name__ == "__main__":
    make_run(Path(sys.argv[1]), *map(int, sys.argv[2:]))
