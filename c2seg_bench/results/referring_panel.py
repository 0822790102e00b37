"""referring.npz: test images with the part that the prompt names, and every method's mask of it, for the figure."""

from __future__ import annotations

from typing import Any

import numpy as np

from c2seg_bench.files import atomic
from c2seg_bench.referring.example import PART, Example
from c2seg_bench.referring.frozen import read_frozen
from c2seg_bench.results.image_masks import masks_of
from c2seg_bench.results.run import Run
from c2seg_bench.rundir import Condition
from c2seg_bench.seeding import rng

IMAGES = 4
FIRST_PART = Condition(PART, 1)


def write_referring_panel(run: Run) -> None:
    """Images drawn by name from those that have a part, not by how well anyone does; each method's first seed.

    The images are of the first dataset that has parts. Where none has, there is no file, and an earlier one is
    removed.
    """
    path = run.files.referring_panel
    for dataset in run.datasets if run.suite.referring else []:
        examples = read_frozen(run.files.referring(dataset), run.cache(dataset)).by_condition.get(FIRST_PART)
        if examples:
            drawn = rng(run.suite.name, dataset, "referring panel").permutation(len(examples))[:IMAGES]
            arrays = arrays_of(run, dataset, [examples[k] for k in sorted(drawn)])
            with atomic(path) as temporary, open(temporary, "wb") as f:
                np.savez_compressed(f, **arrays)
            return
    path.unlink(missing_ok=True)


def arrays_of(run: Run, dataset: str, examples: list[Example]) -> dict[str, Any]:
    """K images: images (K, S, S, 3), truth (the whole), parts and each method's mask (K, S, S) uint8, and texts."""
    cache, rows = run.cache(dataset), [example.row for example in examples]
    names = list(cache.index["name"].iloc[rows])
    arrays = {
        "images": cache.images[rows],
        "truth": cache.masks[rows],
        "parts": np.stack([e.target(cache.masks[e.row]) for e in examples]).astype(np.uint8),
        "names": np.array(names, dtype=np.str_),
        "prompts": np.array([example.prompt for example in examples], dtype=np.str_),
        "dataset": np.array([dataset] * len(rows), dtype=np.str_),
    }
    parts = run.referring[(run.referring["dataset"] == dataset) & (run.referring["condition"] == str(FIRST_PART))]
    for method in run.labels:
        seeds = [seed for seed in run.suite.seeds if seed in set(parts.loc[parts["method"] == method, "seed"])]
        if not seeds:
            continue  # not run on this dataset
        predictions = run.files.cell(dataset, method, seeds[0]).predictions(FIRST_PART)
        arrays[f"masks_{method}"] = masks_of(predictions, names, cache.masks.shape[-1])
    return arrays
