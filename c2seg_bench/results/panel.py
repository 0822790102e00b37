"""panel.npz: a few test images with every method's mask, for the report's panel."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from c2seg_bench.files import atomic
from c2seg_bench.results.image_masks import masks_of
from c2seg_bench.results.run import Run
from c2seg_bench.rundir import CLEAN
from c2seg_bench.seeding import rng

IMAGES = 4


def write_panel(path: Path, run: Run) -> None:
    """Images drawn by name, not by how well anyone does on them; masks of each method's first seed.

    The images are of the run's first dataset: all images of a file have one size.
    """
    dataset = run.datasets[0]
    cache = run.cache(dataset)
    rows = cache.rows("test")
    chosen = np.sort(rng(run.suite.name, dataset, "panel").choice(rows, min(IMAGES, len(rows)), replace=False))
    names = list(cache.index["name"].iloc[chosen])
    arrays = {
        "images": cache.images[chosen],
        "truth": cache.masks[chosen],
        "names": np.array(names, dtype=np.str_),
        "prompts": np.array(list(cache.index["prompt"].iloc[chosen]), dtype=np.str_),
        "dataset": np.array([dataset] * len(chosen), dtype=np.str_),
    }
    for method in run.labels:
        seeds = [seed for seed in run.suite.seeds if (dataset, method, seed) in run.trainings]
        if not seeds:
            continue  # not run on this dataset
        predictions = run.files.cell(dataset, method, seeds[0]).predictions(CLEAN)
        arrays[f"masks_{method}"] = masks_of(predictions, names, cache.masks.shape[-1])
    with atomic(path) as temporary, open(temporary, "wb") as f:
        np.savez_compressed(f, **arrays)
