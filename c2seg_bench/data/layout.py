"""Where a split's pictures, masks and tables of prompts lie in a dataset folder, and under which names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from c2seg_bench.data.tables import FORMATS

TEXT_FOLDERS = ("", "Prompts_Folder", "prompts", "prompt", "anns")


@dataclass(frozen=True)
class Place:
    """Where one split lies, below the root.

    Args:
        images, masks: folders.
        tables: of prompts, the first that exists; all that exist must say the same.
        shared_tables: taken where none of `tables` exists. Other splits use them too, and rows whose pictures lie in
            another split's folder are left to that.
        optional: the split is empty where it has no table.
    """

    images: str
    masks: str
    tables: tuple[str, ...]
    shared_tables: tuple[str, ...] = ()
    optional: bool = False


Layout = Mapping[str, Place]  # by split


def table_names(split: str, *folders: str, more: Sequence[str] = ()) -> tuple[str, ...]:
    """The names that a split's prompts go by, in each of these folders.

    LViT's workbooks (Train_text.xlsx), MedCLIPSeg's Prompts_Folder with the same names, medvlsm's anns/train.json, and
    plain train.csv; `more` are names of a dataset's own, without their ending.
    """
    stems = (f"{split.title()}_text", split, *more)
    return tuple(f"{folder}/{stem}{ending}".lstrip("/") for folder in folders for stem in stems for ending in FORMATS)
