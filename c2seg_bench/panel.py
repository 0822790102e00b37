"""A few test pictures with every method's mask, for the report's panel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from c2seg_bench.data.cache import Cache
from c2seg_bench.data.packed import load_masks
from c2seg_bench.files import atomic
from c2seg_bench.rundir import CLEAN, RunDir
from c2seg_bench.seeding import rng

if TYPE_CHECKING:
    from c2seg_bench.summary import Summary

PICTURES = 4


def write_panel(path: Path, summary: Summary) -> None:
    """tables/panel.npz: pictures drawn by name, not by how well anyone does on them; masks of each method's first seed.

    The pictures are of the run's first dataset: one file holds one size.
    """
    dataset = summary.datasets[0]
    cache = Cache.open(RunDir(summary.out).data(dataset))
    rows = cache.rows("test")
    chosen = np.sort(rng(summary.suite.name, dataset, "panel").choice(rows, min(PICTURES, len(rows)), replace=False))
    names = list(cache.index["name"].iloc[chosen])
    arrays = {
        "images": cache.images[chosen],
        "truth": cache.masks[chosen],
        "names": np.array(names, dtype=np.str_),
        "prompts": np.array(list(cache.index["prompt"].iloc[chosen]), dtype=np.str_),
        "dataset": np.array([dataset] * len(chosen), dtype=np.str_),
    }
    for method in summary.labels:
        scored = set(summary.clean(dataset, method)["seed"])
        seeds = [s for s in summary.suite.seeds if s in scored]
        if not seeds:
            continue  # not run on this dataset
        files = RunDir(summary.out).cell(dataset, method, seeds[0])
        images, masks = load_masks(files.predictions(CLEAN))
        where = {n: i for i, n in enumerate(images)}
        arrays[f"masks_{method}"] = masks[[where[n] for n in names]].astype(np.uint8)
    with atomic(path) as temporary, open(temporary, "wb") as f:
        np.savez_compressed(f, **arrays)
