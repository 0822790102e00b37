"""Metrics per lesion: which predicted lesions match a target lesion, and how well.

A lesion is a connected component (8 neighbours). A predicted and a target lesion match if their IoU is above 0.5. A
lesion can have such an IoU with at most one other, so the matching is unique (Kirillov et al. 2019, section 4.2).
"""

from __future__ import annotations

from metrics.overlap import share
from metrics.pair import MaskPair

MATCHED = 0.5  # IoU above which two lesions match


def lesion_precision_of(pair: MaskPair) -> float:
    """Share of the predicted lesions that match one of the target; nan where none is predicted."""
    predicted, _, iou = pair.lesions
    return share(int((iou > MATCHED).sum()), predicted)


def lesion_recall_of(pair: MaskPair) -> float:
    """Share of the target's lesions that are matched; nan where there is none."""
    _, target, iou = pair.lesions
    return share(int((iou > MATCHED).sum()), target)


def lesion_f1_of(pair: MaskPair) -> float:
    """2 matches / (predicted + target lesions), which is the recognition quality; nan of two empty masks."""
    predicted, target, iou = pair.lesions
    return share(2 * int((iou > MATCHED).sum()), predicted + target)


def panoptic_quality_of(pair: MaskPair) -> float:
    """Sum of the matches' IoU / ((predicted + target lesions) / 2), recognition times segmentation quality.

    Kirillov et al. 2019, equation 1. nan of two empty masks.
    """
    predicted, target, iou = pair.lesions
    return share(2 * float(iou[iou > MATCHED].sum()), predicted + target)
