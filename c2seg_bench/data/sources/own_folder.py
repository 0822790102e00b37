"""Your own images: a folder of images, one of masks, and a table of prompts for each split."""

from __future__ import annotations

from c2seg_bench.data.folders.folder_source import register_folder
from c2seg_bench.data.folders.layout import TEXT_FOLDERS, Place, languide_layout, lvit_layouts, table_names
from c2seg_bench.data.source import SPLITS

PLAIN = {
    split: Place("images", "masks", table_names(split, *TEXT_FOLDERS), optional=split == "val") for split in SPLITS
}
BY_SPLIT = {
    split: Place(f"{split}/images", f"{split}/masks", table_names(split, *TEXT_FOLDERS, split), optional=split == "val")
    for split in SPLITS
}

register_folder(
    [PLAIN, BY_SPLIT, *lvit_layouts(), languide_layout()],
    name="folder",
    title="Your own folder",
    ontology="chest",
    frame="thirds",
    licence="yours",
    url="docs/data.md",
    how="images/ and masks/ with the same file names, and train.csv, val.csv, test.csv with columns image and text, or "
    "one prompts.csv with a column split; options images, masks and prompts give other places; set ontology and frame "
    "in the suite",
    published=None,
)
