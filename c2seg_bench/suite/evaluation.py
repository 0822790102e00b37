"""The keys of a suite that say how trained methods are evaluated: `stress`, `referring` and `score`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from c2seg_bench.rundir import CLEAN, REFERRING_KINDS, Condition, ReferringKind
from c2seg_bench.suite.limits import ENTRIES, MOST, each_once, every_family
from c2seg_bench.suite.strict import Strict


class Stress(Strict):
    families: list[str] = Field(default_factory=list, max_length=ENTRIES, description="of noise, or the word all")
    severities: list[int] = Field(default_factory=lambda: [1, 2, 3, 4, 5], min_length=1, max_length=ENTRIES)
    images: int | None = Field(None, ge=2, le=MOST, description="of the test split, evenly spaced; all where not given")

    _names = field_validator("families", mode="before")(every_family)

    @field_validator("severities")
    @classmethod
    def _range(cls, value: list[int]) -> list[int]:
        if any(s not in range(1, 6) for s in value):
            raise ValueError("severities run from 1 to 5")
        return value

    _once = field_validator("families", "severities")(each_once)

    def conditions(self) -> list[Condition]:
        """The clean prompts, then every family at the severities that differ for it, in the suite's order."""
        from c2seg_bench.stress import FAMILIES

        noisy = [Condition(name, s) for name in self.families for s in FAMILIES[name].sweep(self.severities)]
        return [CLEAN, *noisy]


class Referring(Strict):
    """Edited prompts whose correct mask is known; see docs/referring.md."""

    kinds: list[ReferringKind] = Field(default_factory=lambda: list(REFERRING_KINDS), min_length=1)
    images: int | None = Field(None, ge=2, description="of the test split, evenly spaced; all where not given")
    per_image: int = Field(2, ge=1, description="prompts of one kind and image at most")

    _once = field_validator("kinds")(each_once)


def _default_metrics() -> list[str]:
    from metrics.catalogue import DEFAULT

    return list(DEFAULT)


class Score(Strict):
    empty: Literal["diagonal", "skip", "nan"] = "diagonal"
    bootstrap: int = Field(2000, ge=100, le=100_000)
    metrics: list[str] = Field(
        default_factory=lambda: _default_metrics(),
        min_length=1,
        max_length=ENTRIES,
        description="of masks, that the tables list",
    )

    _once = field_validator("metrics")(each_once)

    @field_validator("metrics")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        from metrics.catalogue import mask_metrics

        try:
            mask_metrics(value)
        except ValueError as e:
            raise ValueError(str(e)) from None
        return value
