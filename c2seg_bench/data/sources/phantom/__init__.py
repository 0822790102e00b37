"""The embedded dataset: images drawn from names, whose prompts name some of the lesions and not their look-alikes.

A scene is geometry in unit coordinates, so that 64 and 512 pixels show the same image. Named lesions and look-alikes
are drawn from one distribution of place, size and brightness: only the words tell them apart, and a model that does
not read them cannot be right.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from c2seg_bench.data.source import ImageAndMask, Record, how_many, source
from c2seg_bench.data.sources.phantom import chest, colonoscopy, ct
from c2seg_bench.seeding import rng

COUNTS = {"train": 1000, "val": 100, "test": 200}
STYLES = {"chest": chest, "ct": ct, "colonoscopy": colonoscopy}
STYLE_OF_SOURCE: dict[str, str] = {}


def draw(style: str, name: str, size: int) -> ImageAndMask:
    """The image (size, size, 3) and the mask (size, size) of a name."""
    scene = STYLES[style].scene(rng("phantom", name))
    grain = rng("phantom", name, "grain")  # no size in it: the clouds, drawn first, are those of every size
    image = STYLES[style].paint(scene, size, grain)
    mask = np.zeros((size, size), np.uint8)
    for lesion in scene.lesions:
        if lesion.named:
            mask |= lesion.inside(size).astype(np.uint8)
    return image, mask


def look_alikes(style: str, name: str, size: int) -> np.ndarray:
    """(size, size) bool, what looks like lesion in the image of a name and is none under its prompt."""
    scene = STYLES[style].scene(rng("phantom", name))
    outlines = [lesion.inside(size) for lesion in scene.lesions if not lesion.named]
    return np.any([np.zeros((size, size), bool), *outlines], axis=0)


def register_phantom(style: str, name: str, title: str, ontology: str, images: str) -> None:
    """Register the source that draws one style."""
    STYLE_OF_SOURCE[name] = style

    def records(
        root: Path | None, size: int, train: int | None = None, val: int | None = None, test: int | None = None
    ) -> list[Record]:
        """As many images of each split as the options say."""
        drawn = []
        for split, count in (("train", train), ("val", val), ("test", test)):
            how_many(split, count)
            for i in range(COUNTS[split] if count is None else count):
                image = f"{style}_{split}_{i:05d}"
                prompt = STYLES[style].scene(rng("phantom", image)).prompt
                drawn.append(Record(image, split, prompt, partial(draw, style, image, size)))
        return drawn

    source(
        name=name,
        title=title,
        ontology=ontology,
        frame="thirds",
        licence="Apache-2.0, generated here",
        url="c2seg_bench/data/sources/phantom",
        how=f"nothing to get: {images} are drawn",
        published=None,
        needs_root=False,
    )(records)


register_phantom("chest", "phantom", "Phantom (embedded)", "chest", "chest X-rays")
register_phantom("ct", "phantom-ct", "Phantom CT (embedded)", "chest", "axial CT slices")
register_phantom(
    "colonoscopy", "phantom-colonoscopy", "Phantom colonoscopy (embedded)", "colonoscopy", "colonoscopy frames"
)
