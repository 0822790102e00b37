"""An entry of a suite's methods for a model that was trained elsewhere, with its card."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from c2seg_bench.suite.strict import FOLDER_NAME, Strict

KEYS = ("predictor", "predictions")  # one of them marks the entry
LONGEST = 90  # characters of a label without its digest


class OutsideEntry(Strict):
    """A function that is called with every image and prompt, or a folder with the answers to a pack."""

    predictor: str | None = Field(None, description="FILE.py:FUNCTION")
    predictions: str | None = Field(None, description="folder of masks, named by the ids of a pack's requests.csv")
    batch: int | None = Field(
        None, ge=1, le=1_000_000, description="images per call of a function of lists; None: one at a time"
    )
    pictures: Literal["suite", "native"] = Field("suite", description="at the suite's size, or as in the dataset")
    partial: bool = Field(False, description="score answers that are missing as empty masks")
    version: str = Field("", max_length=200, description="of the model; another one is predicted again")
    title: str = Field("", max_length=100, description="its name in print")
    label: str = Field("", pattern=FOLDER_NAME + "|^$", description="the row's name; made of the title by default")
    params: float | None = Field(None, ge=0, description="trained parameters, in millions; None: not known")
    link: str = Field("", max_length=200, description="to its paper or code")
    uses_text: bool = Field(True, description="whether it reads the prompt")
    added: bool = Field(False, description="by `evaluate`; stays in the run when its suite runs again")

    @model_validator(mode="after")
    def _named(self) -> OutsideEntry:
        if (self.predictor is None) == (self.predictions is None):
            raise ValueError("give one of predictor (FILE.py:FUNCTION) and predictions (a folder)")
        if self.predictor is None and (self.batch is not None or self.version):
            raise ValueError("batch and version belong to a predictor; leave them out beside predictions")
        if self.predictor is not None and self.partial:
            raise ValueError("partial belongs to predictions; a predictor answers everything")
        source = (self.predictor or "").rpartition(":")[0] or self.predictions or self.predictor or ""
        self.title = self.title or Path(source).stem or "outside"
        self.label = self.label or label_of(self.title)
        return self

    @property
    def name(self) -> str:
        """What --only takes besides the label, as for a method that is trained."""
        return self.label


def label_of(title: str) -> str:
    """The title as a name of a folder: "My model (v2)" is My-model-v2.

    A title that loses letters or digits ends with a digest of the whole, so that no model takes another's folder.
    """
    label = re.sub(r"[^A-Za-z0-9._+]+", "-", title).strip("-._+")
    kept = label[:LONGEST]
    if kept != label or any(c.isalnum() and not c.isascii() for c in title) or not kept:
        return f"{kept or 'outside'}-{hashlib.sha256(title.encode()).hexdigest()[:8]}"
    return kept


def kind_of(value: Any) -> str:
    """`outside` or `trained`: which of the two kinds of entries a value of `methods` is."""
    if isinstance(value, OutsideEntry):
        return "outside"
    return "outside" if isinstance(value, dict) and any(key in value for key in KEYS) else "trained"
