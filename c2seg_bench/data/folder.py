"""Your own pictures: a folder of pictures, one of masks, and a table of prompts for each split."""

from __future__ import annotations

from pathlib import Path

from c2seg_bench.data.layout import TEXT_FOLDERS, Place, Reading, read_folder, tables
from c2seg_bench.data.source import SPLITS, Complain, Record, refuse, source


@source(
    name="folder",
    title="Your own folder",
    ontology="chest",
    frame="thirds",
    licence="yours",
    url="docs/architecture.md",
    how="images/ and masks/ with the same file names, and train.csv, val.csv, test.csv with columns image and text; "
    "options images, masks and prompts give other folders; say ontology and frame in the suite",
    published=None,
)
def records(
    root: Path | None,
    size: int,
    images: str = "images",
    masks: str = "masks",
    prompts: str | None = None,
    train: int | None = None,
    val: int | None = None,
    test: int | None = None,
    prompt: str | None = None,
    mask_rule: str = "half",
    complain: Complain = refuse,
) -> list[Record]:
    """All pairs.

    Args:
        images, masks: folders below the root; {split} in them stands for train, val and test.
        prompts: the table below the root; {split} as above. None: train.csv, Train_text.xlsx and the like.
        train, val, test: keep that many, evenly spaced.
        prompt: chooses among a row's several.
        mask_rule: see `read_mask`.
    """
    layout = {
        split: Place(
            _for(images, split),
            _for(masks, split),
            (_for(prompts, split),) if prompts else tables(split, *TEXT_FOLDERS),
            optional=split == "val",
        )
        for split in SPLITS
    }
    how = Reading({"train": train, "val": val, "test": test}, size, mask_rule, prompt)
    return read_folder(root, "folder", (layout,), how, complain)


def _for(pattern: str, split: str) -> str:
    """Not str.format: the pattern is the user's, and nothing else in it means anything."""
    return pattern.replace("{split}", split)
