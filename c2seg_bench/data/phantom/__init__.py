"""The embedded dataset: pictures drawn from names, whose prompts name some of the lesions and not their look-alikes.

A scene is geometry in unit coordinates, so that 64 and 512 pixels show the same picture. Named lesions and look-alikes
are drawn from one distribution of place, size and brightness: only the words tell them apart, and a model that does
not read them cannot be right.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from c2seg_bench.data.phantom import chest, colonoscopy, ct
from c2seg_bench.data.source import SPLITS, Pair, Record, how_many, source
from c2seg_bench.seeding import rng

STYLES = {"chest": chest, "ct": ct, "colonoscopy": colonoscopy}


def _records(
    style: str, size: int, train: int | None = None, val: int | None = None, test: int | None = None
) -> list[Record]:
    counts = {
        "train": 1000 if train is None else train,
        "val": 100 if val is None else val,
        "test": 200 if test is None else test,
    }
    records = []
    for split in SPLITS:
        how_many(split, counts[split])
        for i in range(counts[split]):
            name = f"{style}_{split}_{i:05d}"
            prompt = STYLES[style].scene(rng("phantom", name)).prompt
            records.append(Record(name, split, prompt, partial(draw, style, name, size)))
    return records


def draw(style: str, name: str, size: int) -> Pair:
    """The picture (size, size, 3) and the mask (size, size) of a name."""
    scene = STYLES[style].scene(rng("phantom", name))
    grain = rng("phantom", name, "grain")  # no size in it: the clouds, drawn first, are those of every size
    image = STYLES[style].paint(scene, size, grain)
    mask = np.zeros((size, size), np.uint8)
    for lesion in scene.lesions:
        if lesion.named:
            mask |= lesion.inside(size).astype(np.uint8)
    return image, mask


@source(
    name="phantom",
    title="Phantom (embedded)",
    ontology="chest",
    frame="thirds",
    licence="Apache-2.0, generated here",
    url="c2seg_bench/data/phantom",
    how="nothing to get: chest X-rays are drawn",
    published=None,
    needs_root=False,
)
def records(
    root: Path | None, size: int, train: int | None = None, val: int | None = None, test: int | None = None
) -> list[Record]:
    """Chest X-rays; `train`, `val`, `test` say how many."""
    return _records("chest", size, train, val, test)


@source(
    name="phantom-ct",
    title="Phantom CT (embedded)",
    ontology="chest",
    frame="thirds",
    licence="Apache-2.0, generated here",
    url="c2seg_bench/data/phantom",
    how="nothing to get: axial CT slices are drawn",
    published=None,
    needs_root=False,
)
def records_ct(
    root: Path | None, size: int, train: int | None = None, val: int | None = None, test: int | None = None
) -> list[Record]:
    """CT slices; `train`, `val`, `test` say how many."""
    return _records("ct", size, train, val, test)


@source(
    name="phantom-colonoscopy",
    title="Phantom colonoscopy (embedded)",
    ontology="colonoscopy",
    frame="thirds",
    licence="Apache-2.0, generated here",
    url="c2seg_bench/data/phantom",
    how="nothing to get: colonoscopy frames are drawn",
    published=None,
    needs_root=False,
)
def records_colonoscopy(
    root: Path | None, size: int, train: int | None = None, val: int | None = None, test: int | None = None
) -> list[Record]:
    """Colonoscopy frames; `train`, `val`, `test` say how many."""
    return _records("colonoscopy", size, train, val, test)
