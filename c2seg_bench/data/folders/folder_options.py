"""What suites and the command line may say of a dataset folder, whichever source reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from c2seg_bench.data.folders.layout import Place
from c2seg_bench.data.folders.splits import check_share
from c2seg_bench.data.masks.mask_reader import RULES
from c2seg_bench.data.names import name_pattern
from c2seg_bench.data.source import SPLITS, how_many
from c2seg_bench.data.tables.prompt_tables import Columns
from c2seg_bench.errors import InputError

NAMED = {str: "text", bool: "true or false", int: "a whole number"}
KINDS: dict[str, type] = {
    **dict.fromkeys(("images", "masks", "image_names", "mask_names", "prompts", "prompt", "sheet", "split"), str),
    **dict.fromkeys(("subject", "mask_rule"), str),
    "several": bool,
    "label": int,
}


@dataclass(frozen=True)
class Options:
    """The options of every source that reads a folder.

    Args:
        train, val, test: keep that many pairs, evenly spaced.
        validation: share of train that becomes val, where there is no val.
        images, masks: folders below the root instead of the layout's; {split} stands for train, val and test.
        image_names, mask_names: how files are named but for the ending, such as {name}_mask.
        prompts: the table below the root; {split} as above. One table for all splits has a column that says which.
        prompt: header of the prompts' column, or key of one of several prompts in JSON.
        sheet: of the workbooks.
        split: header of the column of a table for all splits.
        subject: header of the column that says of which person an image is.
        several: whether an image and mask may have several prompts, each a pair of its own.
        mask_rule: "half" or "lvit"; see `MaskReader`.
        label: the value that is lesion, for masks that are label maps.
    """

    train: int | None = None
    val: int | None = None
    test: int | None = None
    validation: float | None = None
    images: str | None = None
    masks: str | None = None
    image_names: str | None = None
    mask_names: str | None = None
    prompts: str | None = None
    prompt: str | None = None
    sheet: str | None = None
    split: str = "split"
    subject: str | None = None
    several: bool = False
    mask_rule: str = "half"
    label: int | None = None

    def __post_init__(self) -> None:
        for option, kind in KINDS.items():
            value = getattr(self, option)
            if value is not None and (not isinstance(value, kind) or isinstance(value, bool) != (kind is bool)):
                raise InputError(f"options: {option}: {value!r}; give {NAMED[kind]}")
        for split in SPLITS:
            how_many(split, getattr(self, split))
        check_share(self.validation)
        if self.mask_rule not in RULES:
            raise InputError(f"options: mask_rule: {self.mask_rule!r} is unknown; there are: {', '.join(RULES)}")

    @property
    def columns(self) -> Columns:
        return Columns(self.prompt, self.subject, None, self.sheet)

    def pattern(self, option: str) -> re.Pattern[str] | None:
        """Of `image_names` or `mask_names`."""
        template = getattr(self, option)
        return None if template is None else name_pattern(template, f"options: {option}:")

    def place(self, split: str, place: Place) -> Place:
        """The layout's place of a split, with folders and table as the options say."""
        own = {key: value.replace("{split}", split) for key in ("images", "masks") if (value := getattr(self, key))}
        if self.prompts:
            own |= {"tables": (self.prompts.replace("{split}", split),), "other_tables": ()}
        return replace(place, **own)
