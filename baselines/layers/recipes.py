"""Settings of official trainings that two or more methods share: keys of `train` in a suite."""

from __future__ import annotations

from typing import Any

Recipe = dict[str, Any]

POLYNOMIAL: Recipe = {"schedule": "polynomial", "power": 0.9, "min_lr": 0.0}  # nnU-Net, and LAVT and its followers
RESTARTS: Recipe = {"schedule": "restarts", "period": 10, "min_lr": 1e-4}  # LViT and its followers
LVIT: Recipe = {"optimizer": "adam", "lr": 3e-4, "weight_decay": 0.0, "epochs": 2000, **RESTARTS}
UKAN: Recipe = {
    "optimizer": "adam", "lr": 1e-4, "min_lr": 1e-5, "weight_decay": 1e-4, "batch": 8, "epochs": 400,
}  # fmt: skip
TRANSUNET: Recipe = {
    "optimizer": "sgd", "lr": 0.01, "momentum": 0.9, "nesterov": False, "weight_decay": 1e-4, "batch": 24,
    "epochs": 150, **POLYNOMIAL,
}  # fmt: skip
