"""Cross-validation of a calibrated frame against the frame `thirds`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.consistency.calibration.calibrate import LEAST, calibrate, check_numbers
from metrics.consistency.frame.frame import Frame
from metrics.consistency.judge.check import EVEN
from metrics.consistency.judge.evaluate import evaluate
from metrics.consistency.judge.mirrored import wilson
from metrics.consistency.reader.parse import parse
from metrics.errors import InputError

PARTS, PARTS_OF_MANY = 5, 2
MANY = 400  # images; with as many, two parts are enough, and fitting five times would take minutes
PARTS_TO_LOCATE, PARTS_TO_LOCATE_OF_MANY = 20, 5  # with images: more are left to fit, as locating lungs takes 100
LEAST_HELD_OUT = LEAST * PARTS // (PARTS - 1)  # so that each fit still has `LEAST`


@dataclass(frozen=True)
class HeldOut:
    """How well held-out masks agree with their prompts, under the fitted frames and under `thirds`.

    Args:
        n: masks whose prompt states something.
        parts: number of parts of the masks; each was judged under a frame fitted to the others.
        strict: share of masks that agree with their whole prompt under the fitted frames.
        strict_thirds: this share under the frame `thirds`.
        above_chance: mean score less chance under the fitted frames.
        above_chance_thirds: this difference under `thirds`.
        interval: 95 % interval of `strict` (Wilson 1927).
    """

    n: int
    parts: int
    strict: float
    strict_thirds: float
    above_chance: float
    above_chance_thirds: float
    interval: tuple[float, float]

    @property
    def better(self) -> bool:
        """Whether the fitted frames agree with held-out prompts as well as `thirds` or better."""
        return self.strict >= self.strict_thirds or self.above_chance > self.above_chance_thirds

    def to_json(self) -> dict[str, Any]:
        """Plain values, for the frame's file."""
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}


class Rows(Sequence[Any]):
    """Some items of a sequence, read when they are accessed."""

    def __init__(self, items: Sequence[Any] | NDArray, rows: NDArray[np.int64]):
        self.items, self.rows = items, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, i: Any) -> Any:
        return Rows(self.items, self.rows[i]) if isinstance(i, slice) else self.items[int(self.rows[i])]


def held_out(
    masks: Sequence[ArrayLike] | NDArray,
    prompts: Sequence[str],
    ontology: str = "chest",
    convention: str | None = None,
    images: Sequence[ArrayLike] | NDArray | None = None,
    lungs: Sequence[ArrayLike] | None = None,
) -> HeldOut:
    """Cross-validate `calibrate`, holding out every fifth mask in turn (every second, if there are 400 or more).

    With images, every twentieth (every fifth) is held out, so that enough are left to learn where the lungs are. Give
    one image per person: images of a person in both parts make the result too good.

    Args:
        masks, prompts, ontology, convention, images, lungs: as for `calibrate`.

    Raises:
        InputError: fewer than 25 prompts state a place, or as for `calibrate`.
    """
    check_numbers(masks, prompts, images, lungs)
    placed = sum(bool(parse(text, ontology).regions) for text in prompts)
    if placed < LEAST_HELD_OUT:
        raise InputError(f"{placed} prompts state a place that can be read; calibrating takes {LEAST_HELD_OUT} or more")
    few, many = (PARTS, PARTS_OF_MANY) if images is None else (PARTS_TO_LOCATE, PARTS_TO_LOCATE_OF_MANY)
    parts = few if len(masks) < MANY else many
    fitted_rows, even_rows = [], []
    for part in range(parts):
        inside = np.arange(len(masks)) % parts != part
        fit, rest = np.flatnonzero(inside), np.flatnonzero(~inside)
        fit_masks, fit_prompts, fit_images, fit_lungs = select(fit, masks, prompts, images, lungs)
        frame = calibrate(fit_masks, fit_prompts, ontology, "fitted", convention, fit_images, fit_lungs)
        test_masks, test_prompts, test_images, test_lungs = select(rest, masks, prompts, images, lungs)
        located = {"images": test_images} if frame.lungs is not None else {"lungs": test_lungs}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            fitted_rows.append(evaluate(test_masks, test_prompts, ontology, frame, **located).rows)
            even_rows.append(evaluate(test_masks, test_prompts, ontology, Frame.load(EVEN)).rows)
    return summarise(fitted_rows, even_rows, parts)


def select(rows: NDArray[np.int64], *sequences: Any) -> tuple[Any, ...]:
    """These rows of each sequence; None if it is None."""
    return tuple(None if items is None else Rows(items, rows) for items in sequences)


def summarise(fitted_rows: list[Any], even_rows: list[Any], parts: int) -> HeldOut:
    """The result over all parts, from the rows of each part's `Evaluation`."""

    def column(rows: list[Any], name: str) -> NDArray[np.float64]:
        return np.concatenate([part[name].to_numpy(float) for part in rows])

    ok, ok_even = column(fitted_rows, "consistent"), column(even_rows, "consistent")
    stated = np.isfinite(ok)
    above, above_even = (float(np.nanmean(column(r, "score") - column(r, "chance"))) for r in (fitted_rows, even_rows))
    n, agreeing = int(stated.sum()), int(ok[stated].sum())
    strict, strict_even = agreeing / n, float(ok_even[stated].mean())
    return HeldOut(n, parts, strict, strict_even, above, above_even, wilson(agreeing, n))
