"""The figure that chooses the checkpoint: mean Dice of a split under its clean prompts."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from baselines.contract import Method
from c2seg_bench.engine.device.transfer import to_device
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.engine.prediction.sweep import BATCH, Sweep
from metrics.counts import PixelCounts
from metrics.overlap import dice_of


@torch.inference_mode()
def mean_dice(
    model: Method, inputs: CellInputs, rows: np.ndarray, fabric: Any, batch: int = BATCH, cell: str = ""
) -> float:
    """Mean Dice, over these rows of the cache, of the masks under their clean prompts.

    Args:
        cell: its name in errors; the method's title where not given.

    Raises:
        InputError: a GPU's memory is too small; the message has the batch that fits.
    """
    sweep = Sweep(model, inputs, rows, inputs.prompt_rows[rows][None], fabric, batch, cell)
    areas = sweep.within_memory(lambda: _areas(sweep)).tolist()
    return float(np.mean([dice_of(PixelCounts(*of_image)) for of_image in areas]))


def _areas(sweep: Sweep) -> np.ndarray:
    """(N, 3) numbers of pixels in the intersection, the mask and the target; counted on the device and read once."""
    areas, positions = [], []
    for decoded in sweep.batches():
        mask = decoded.masks[to_device(decoded.mask_by_condition[0], sweep.fabric.device)].flatten(1)
        target = decoded.targets[:, 0].bool().flatten(1)
        areas.append(torch.stack([(mask & target).sum(1), mask.sum(1), target.sum(1)], dim=1))
        positions.append(decoded.positions)
    return torch.cat(areas).cpu().numpy()[np.argsort(np.concatenate(positions))]
