"""Paired comparison of two methods on the same images: differences, intervals, and the images that changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.errors import InputError
from c2seg_bench.exchange.scored import Scored
from c2seg_bench.results.by_image import subjects_of
from c2seg_bench.seeding import seed
from metrics.catalogue import Metric
from metrics.stats import bootstrap_mean, paired_difference

SHOWN = 3  # images named in an error


@dataclass(frozen=True)
class Difference:
    """One metric of B minus A over the same images, in the unit of the metric as printed.

    Args:
        a, b: means over images and seeds.
        difference, lo, hi: mean of B - A with its paired 95 % bootstrap interval.
        n: images with a value in both; `dropped`: those without.
        improved, worsened: images that B does better or worse, means over seeds; the others are equal.
        better: "A" or "B" where the interval excludes 0, else "".
    """

    metric: str
    title: str
    unit: str
    higher_is_better: bool
    a: float
    b: float
    difference: float
    lo: float
    hi: float
    n: int
    dropped: int
    improved: int
    worsened: int
    better: str


@dataclass(frozen=True)
class Comparison:
    """`images`: one row per image, with `image`, `prompt` where there is one, and A, B, B - A of every metric."""

    a: str
    b: str
    dataset: str
    differences: list[Difference]
    images: pd.DataFrame

    def changed_most(self, metric: str, top: int) -> pd.DataFrame:
        """The `top` images where the metric changed most, the largest change first."""
        table = self.images[["image", *(["prompt"] if "prompt" in self.images else [])]].assign(
            **{name: self.images[f"{metric}_{name}"] for name in ("a", "b", "difference")}
        )
        order = table["difference"].abs().sort_values(ascending=False, kind="stable").index
        return table.loc[order][table["difference"].loc[order].notna()].head(top).reset_index(drop=True)

    def to_json(self, metric: str, top: int) -> dict[str, Any]:
        return {
            "a": self.a,
            "b": self.b,
            "dataset": self.dataset,
            "n": len(self.images),
            "metrics": [asdict(difference) for difference in self.differences],
            "changed_most": {"metric": metric, "images": self.changed_most(metric, top).to_dict("records")},
        }


def compare_all(a: list[Scored], b: list[Scored], common: bool = False, draws: int = 2000) -> list[Comparison]:
    """Compare each entry of A with its counterpart in B: the only one, or that of the same dataset and method.

    Raises:
        InputError: there are no counterparts, or two entries were scored on different images or masks.
    """
    if len(a) == len(b) == 1:
        return [compare(a[0], b[0], common, draws)]
    several = any(len({entry.method for entry in side}) > 1 for side in (a, b))
    pairs = [
        (one, other)
        for one in a
        for other in b
        if one.dataset == other.dataset and (not several or one.method == other.method)
    ]
    if not pairs:
        names = [", ".join(f"{entry.dataset} {entry.method}".strip() for entry in side) for side in (a, b)]
        raise InputError(f"nothing to compare: A has {names[0]}; B has {names[1]}; name the methods, as RUN:METHOD")
    return [compare(one, other, common, draws) for one, other in pairs]


def compare(a: Scored, b: Scored, common: bool = False, draws: int = 2000) -> Comparison:
    """Every metric that both have, over the same images.

    Args:
        common: compare on the images that both have, instead of refusing two that were not scored on the same.
        draws: of the bootstrap.

    Raises:
        InputError: different images, or different experts' masks of an image.
    """
    images = same_images(a, b, common)
    table = pd.DataFrame({"image": images})
    if "prompt" in a.rows:
        table["prompt"] = a.of_image("prompt", images)
    names = {metric.name for metric in b.metrics}
    differences = []
    for metric in (m for m in a.metrics if m.name in names):
        values = a.values(metric, images), b.values(metric, images)
        difference = difference_of(metric, *values, draws, subjects_of(a.rows, images))
        if difference is None:
            continue
        differences.append(difference)
        per_image = [_mean_over_seeds(v) for v in values]
        table[f"{metric.name}_a"], table[f"{metric.name}_b"] = per_image
        table[f"{metric.name}_difference"] = per_image[1] - per_image[0]
    return Comparison(a.name, b.name, a.dataset or b.dataset, differences, table)


def difference_of(
    metric: Metric, a: np.ndarray, b: np.ndarray, draws: int, subjects: np.ndarray | None = None
) -> Difference | None:
    """B - A of (seeds, images) each; None if no image has a value in both."""
    number = seed("compare", metric.name) % 2**32
    interval = paired_difference(b, a, number, n=draws, subjects=subjects)
    if not interval.n:
        return None
    kept = np.isfinite(a).any(axis=0) & np.isfinite(b).any(axis=0)
    mean_a, mean_b = (bootstrap_mean(values[:, kept], number, n=1).mean for values in (a, b))
    gain = _mean_over_seeds(b)[kept] - _mean_over_seeds(a)[kept]
    gain = gain if metric.higher_is_better else -gain
    clear = interval.lo > 0 or interval.hi < 0
    b_better = (interval.mean > 0) == metric.higher_is_better
    return Difference(
        metric=metric.name,
        title=metric.title,
        unit=metric.unit,
        higher_is_better=metric.higher_is_better,
        a=mean_a,
        b=mean_b,
        difference=interval.mean,
        lo=interval.lo,
        hi=interval.hi,
        n=interval.n,
        dropped=interval.dropped,
        improved=int((gain > 0).sum()),
        worsened=int((gain < 0).sum()),
        better=("B" if b_better else "A") if clear else "",
    )


def same_images(a: Scored, b: Scored, common: bool) -> list[str]:
    """The images of both. InputError if they differ (unless `common`) or their experts' masks do."""
    mine, other = set(a.images), set(b.images)
    if mine != other and not common:
        alone = [
            f"{side.name} has {len(left)} that {rest.name} has not ({', '.join(sorted(left)[:SHOWN])})"
            for side, rest, left in ((a, b, mine - other), (b, a, other - mine))
            if left
        ]
        raise InputError(f"not the same images: {'; '.join(alone)}; --common compares those that both have")
    images = sorted(mine & other)
    if not images:
        raise InputError(f"{a.name} and {b.name} have no image in common; compare scores of the same images")
    for column, what in (("height", "heights"), ("width", "widths"), ("target_area", "areas of the experts' mask")):
        if column in a.rows and column in b.rows:
            first, second = a.of_image(column, images), b.of_image(column, images)
            if len(wrong := np.flatnonzero(first != second)):
                k = wrong[0]
                raise InputError(
                    f"{images[k]}: {what} {first[k]} in {a.name}, {second[k]} in {b.name} ({len(wrong)} images): "
                    "they were not scored against the same masks; score both against one folder"
                )
    return images


def _mean_over_seeds(values: np.ndarray) -> np.ndarray:
    """(seeds, images) -> (images,), nan if no seed has a value."""
    known = np.isfinite(values)
    total, number = np.where(known, values, 0).sum(axis=0), known.sum(axis=0)
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
