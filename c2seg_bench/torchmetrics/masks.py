"""Overlap and boundary distance of the masks of a validation loop."""

from __future__ import annotations

from typing import Any

import torch
from torchmetrics import Metric

from c2seg_bench.errors import InputError
from c2seg_bench.torchmetrics.batch import Batch, binary_masks, check_threshold
from metrics.summary import AGGREGATIONS, POLICIES, fill_empty
from metrics.table import score_masks


class Dice(Metric):
    """Dice coefficient: the mean over images, or of all pixels together; `metrics.dice` says what it is.

    Args:
        aggregation: "per-image": the mean of the images' Dice, 1 if both masks are empty. "pooled": from the
            pixels of all images as if they were one. The two are not comparable.
        threshold: a probability above it is lesion.
        kwargs: of `torchmetrics.Metric`.

    `compute` returns a float64 scalar in [0, 1], nan before the first image.
    """

    is_differentiable = False
    higher_is_better = True
    full_state_update = False
    inter: torch.Tensor
    area: torch.Tensor
    total: torch.Tensor
    images: torch.Tensor

    def __init__(self, aggregation: str = "per-image", threshold: float = 0.5, **kwargs: Any):
        super().__init__(**kwargs)
        if aggregation not in AGGREGATIONS:
            raise InputError(f"aggregation {aggregation!r}: there are {', '.join(AGGREGATIONS)}")
        self.aggregation, self.threshold = aggregation, check_threshold(threshold)
        for name, kind in (
            ("inter", torch.int64),
            ("area", torch.int64),
            ("total", torch.float64),
            ("images", torch.int64),
        ):
            self.add_state(name, torch.zeros((), dtype=kind), dist_reduce_fx="sum")

    def update(self, preds: Batch, target: Batch) -> None:
        """Add a batch: masks or probabilities, and the experts' masks, as (N, H, W), (N, 1, H, W) or a list."""
        rows = score_masks(
            binary_masks(preds, "preds", self.threshold),
            binary_masks(target, "target", self.threshold),
            workers=1,
        )
        self.inter += int(rows["inter"].sum())
        self.area += int(rows["pred_area"].sum() + rows["target_area"].sum())
        self.total += float(rows["dice"].sum())
        self.images += len(rows)

    def compute(self) -> torch.Tensor:
        if self.aggregation == "per-image" or not self.images:
            return self.total / self.images
        return torch.where(self.area > 0, 2.0 * self.inter.double() / self.area.clamp(min=1), 1.0)


class HausdorffDistance95(Metric):
    """Mean over images of HD95, the 95th percentile of the distances between two outlines, as `metrics.hd95` has it.

    Args:
        empty: what an image counts as where a mask is empty: "diagonal": the image's diagonal where one is, 0 where
            both are; "skip": it does not count; "nan": the mean is nan.
        spacing: (row step, column step) of a pixel; distances are in its unit.
        threshold: a probability above it is lesion.
        kwargs: of `torchmetrics.Metric`.

    `compute` returns a float64 scalar, nan if no image counts.
    """

    is_differentiable = False
    higher_is_better = False
    full_state_update = False
    total: torch.Tensor
    images: torch.Tensor

    def __init__(
        self,
        empty: str = "diagonal",
        spacing: tuple[float, float] = (1.0, 1.0),
        threshold: float = 0.5,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        if empty not in POLICIES:
            raise InputError(f"empty-mask policy {empty!r}: there are {', '.join(POLICIES)}")
        self.empty, self.spacing, self.threshold = empty, spacing, check_threshold(threshold)
        self.add_state("total", torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")
        self.add_state("images", torch.zeros((), dtype=torch.int64), dist_reduce_fx="sum")

    def update(self, preds: Batch, target: Batch) -> None:
        """Add a batch: masks or probabilities, and the experts' masks, as (N, H, W), (N, 1, H, W) or a list."""
        rows = score_masks(
            binary_masks(preds, "preds", self.threshold),
            binary_masks(target, "target", self.threshold),
            self.spacing,
            workers=1,
        )
        distances = fill_empty(rows, self.empty, spacing=self.spacing)["hd95"]
        if self.empty == "skip":
            distances = distances.dropna()
        self.total += float(distances.sum(skipna=False))
        self.images += len(distances)

    def compute(self) -> torch.Tensor:
        return self.total / self.images
