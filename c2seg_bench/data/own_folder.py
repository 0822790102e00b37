"""Your own pictures: a folder of pictures, one of masks, and a table of prompts for each split."""

from __future__ import annotations

from c2seg_bench.data.folder_source import register_folder
from c2seg_bench.data.layout import TEXT_FOLDERS, Place, table_names
from c2seg_bench.data.source import SPLITS

register_folder(
    [{split: Place("images", "masks", table_names(split, *TEXT_FOLDERS), optional=split == "val") for split in SPLITS}],
    name="folder",
    title="Your own folder",
    ontology="chest",
    frame="thirds",
    licence="yours",
    url="docs/data.md",
    how="images/ and masks/ with the same file names, and train.csv, val.csv, test.csv with columns image and text; "
    "options images, masks and prompts give other folders; set ontology and frame in the suite",
    published=None,
)
