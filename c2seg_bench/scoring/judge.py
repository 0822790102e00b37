"""The judge of a dataset: an ontology, a frame, and the images or lung masks that the frame needs."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from metrics.consistency import Evaluation, Frame, evaluate, parse

if TYPE_CHECKING:
    from c2seg_bench.data.cache.cache import Cache
    from c2seg_bench.suite import Dataset

DEFAULT_ONTOLOGY = "chest"


@dataclass(frozen=True)
class Judge:
    """Compares masks of one dataset with their prompts. Loaded once, used for any number of predictions.

    Args:
        ontology: name or file, for reading prompts.
        frame: locates the ontology's cells in an image.
        frame_name: the given name or file of the frame.
        images: (N, H, W, 3), or N images, for a frame that needs them; else None.
        lungs: N lung masks (H, W), instead of the frame's own estimate from images.
    """

    ontology: str
    frame: Frame
    frame_name: str
    images: Sequence[ArrayLike] | NDArray | None = None
    lungs: Sequence[ArrayLike] | None = None

    @classmethod
    def load(cls, frame: str, ontology: str | None = None) -> Judge:
        """By name or file; without an ontology the one that the frame was calibrated with, else chest.

        Raises:
            InputError: no such ontology or frame, or a damaged file.
        """
        loaded = Frame.load(frame)
        if ontology is None:
            known = loaded.about if isinstance(loaded.about, dict) else {}
            ontology = str(known.get("ontology", DEFAULT_ONTOLOGY))
        parse("", ontology)  # so that an unknown ontology is an error before the masks are read
        return cls(ontology, loaded, frame)

    @classmethod
    def of_dataset(cls, dataset: Dataset, cache: Cache) -> Judge:
        """The judge that a suite names for a prepared dataset, else the dataset's own; its rows are those of the cache.

        Raises:
            InputError: as `load`.
        """
        manifest = cache.manifest
        judge = cls.load(dataset.frame or manifest["frame"], dataset.ontology or manifest["ontology"])
        images = cache.images if judge.looks_at_images else None
        return cls(judge.ontology, judge.frame, judge.frame_name, images)

    @property
    def looks_at_images(self) -> bool:
        """Whether the frame locates the lungs in each image."""
        return self.frame.lungs is not None

    def settings(self) -> list[Any]:
        """Everything but code that decides the verdicts on given masks, prompts and images; JSON-able.

        An ontology in a file counts by its text, not by its path.
        """
        own = Path(self.ontology)
        in_file = own.suffix == ".json" and own.is_file()
        return [own.read_text(encoding="utf-8") if in_file else self.ontology, self.frame.to_json()]

    def evaluate(
        self,
        masks: Sequence[ArrayLike] | NDArray,
        prompts: Sequence[str],
        rows: np.ndarray | None = None,
        warn: bool = True,
    ) -> Evaluation:
        """Verdicts on n masks by their n prompts; see `metrics.consistency.evaluate`.

        Args:
            masks: n masks (H, W), bool or 0/1.
            prompts: n texts.
            rows: (n,) index of each mask's image or lung mask; None: all in order.
            warn: False for predictions: a model may confuse the sides, which says nothing about the frame.

        Warns:
            UserWarning: as `evaluate`.

        Raises:
            InputError: as `evaluate`.
        """
        images, lungs = _taken(self.images, rows), _taken(self.lungs, rows)
        with warnings.catch_warnings():
            if not warn:
                warnings.simplefilter("ignore", UserWarning)
            return evaluate(masks, prompts, ontology=self.ontology, frame=self.frame, images=images, lungs=lungs)

    def rows(
        self, masks: Sequence[ArrayLike] | NDArray, prompts: Sequence[str], rows: np.ndarray | None = None
    ) -> pd.DataFrame:
        """The rows of `evaluate` for predicted masks."""
        return self.evaluate(masks, prompts, rows, warn=False).rows


def _taken(items: Any, rows: np.ndarray | None) -> Any:
    if items is None or rows is None:
        return items
    return items[rows] if isinstance(items, np.ndarray) else [items[row] for row in rows]
