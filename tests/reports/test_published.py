"""The paper's tables."""

from __future__ import annotations

import pytest

from reports.errors import InputError
from reports.published import NUMBERS, aggregation, load


def test_rows_as_printed():
    table = load("qata")
    assert len(table) == 20
    assert table.loc["C2Seg", ["params_m", "dice", "miou", "hd95", "assd"]].tolist() == [
        18.92,
        85.25,
        76.97,
        12.71,
        3.38,
    ]
    assert load("clinicdb").loc["nnUNet", "params_m"] == 105.0
    assert {d: len(load(d)) for d in NUMBERS} == {"qata": 20, "mosmed": 20, "clinicdb": 16, "kvasir": 16}


def test_text_is_a_flag():
    table = load("kvasir")
    assert not table.loc["U-Net", "text"]
    assert table.loc["C2Seg", "text"]


def test_unknown_dataset_lists_those_there():
    with pytest.raises(InputError, match=r"'busi'.*qata, mosmed, clinicdb, kvasir"):
        load("busi")


@pytest.mark.parametrize(
    ("dice", "iou", "kind"),
    [
        (89.78, 81.45, "dataset-level"),  # LanGuideMedSeg and MMI-UNet pool over the dataset
        (90.88, 83.28, "dataset-level"),
        (84.09, 72.64, "dataset-level"),  # 0.06 below: per batch
        (79.02, 69.46, "per-image"),
        (80.48, 67.01, "mixed"),
    ],
)
def test_aggregation(dice, iou, kind):
    assert aggregation(dice, iou) == kind


def test_any_mean_over_images_is_per_image():
    """Dice of a mean over images with IoU spread by 0.2, from the definition."""
    ious = [0.3, 0.5, 0.7, 0.9]
    dices = [2 * i / (1 + i) for i in ious]
    assert aggregation(100 * sum(dices) / 4, 100 * sum(ious) / 4) == "per-image"
    assert aggregation(100 * 2 * 0.6 / 1.6, 60.0) == "dataset-level"
