"""Predicting the masks of a trained method under many versions of the prompts at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from baselines.contract import Method
from c2seg_bench.data.masks.packed import PackedMasks
from c2seg_bench.engine.device.device import shapes_vary
from c2seg_bench.engine.device.transfer import to_host
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.engine.prediction.sweep import BATCH, Sweep, WrongLogits

Name = TypeVar("Name", bound=Hashable)


@torch.inference_mode()
def predict(
    model: Method,
    inputs: CellInputs,
    rows: np.ndarray,
    conditions: dict[Name, np.ndarray],
    fabric: Any,
    batch: int = BATCH,
    progress: Any = None,
    cell: str = "",
) -> dict[Name, PackedMasks]:
    """Masks under each condition. Every image is encoded once and decoded once per distinct prompt, see `Sweep`.

    Args:
        rows: (N,) rows of the cache.
        conditions: name -> (N,) rows of the prompt table. A mask depends only on its image and its prompt, except for
            rounding, because other conditions lead to other batches.
        batch: images, and pairs of image and prompt, at a time.
        cell: its name in errors; the method's title where not given.

    Returns:
        name -> N masks of S x S, probability > 0.5.

    Raises:
        InputError: a GPU's memory is too small; the message has the batch that fits.
        WrongLogits: the method's logits have another shape than (pairs, 1, S, S), or are NaN.
    """
    sweep = Sweep(model, inputs, rows, np.stack(list(conditions.values())), fabric, batch, cell)
    return sweep.within_memory(lambda: _masks(sweep, list(conditions), progress))


def _masks(sweep: Sweep, names: list[Name], progress: Any) -> dict[Name, PackedMasks]:
    """The masks of a sweep whose conditions have these names."""
    side = sweep.inputs.image_size
    masks = {name: PackedMasks.empty(len(sweep.rows), (side, side)) for name in names}
    done, nan_by_batch = 0, list[tuple[np.ndarray, Tensor]]()

    def packed() -> Iterator[tuple[tuple[np.ndarray, np.ndarray], Tensor]]:
        for decoded in sweep.batches():  # its tensors are freed while the packed masks travel to the host
            nan_by_batch.append((decoded.positions, decoded.has_nan))
            yield (decoded.positions, decoded.mask_by_condition), pack(decoded.masks)

    with shapes_vary():
        for (positions, mask_by_condition), bits in to_host(packed()):
            for name, mask_by_image in zip(names, mask_by_condition, strict=True):
                masks[name].bits[positions] = bits[mask_by_image]
            done += len(positions)
            if progress:
                progress.step(done)
    _refuse_nan(nan_by_batch, sweep)
    return masks


def _refuse_nan(nan_by_batch: list[tuple[np.ndarray, Tensor]], sweep: Sweep) -> None:
    """WrongLogits if a batch has NaN logits. Waits for the device only once, at the end.

    Args:
        nan_by_batch: positions of the batch's images in the sweep, and whether it has such logits.
    """
    for (positions, _), has_nan in zip(nan_by_batch, torch.stack([n for _, n in nan_by_batch]).tolist(), strict=True):
        if has_nan:
            name = sweep.inputs.cache.index["name"].iloc[sweep.rows[positions[0]]]
            raise WrongLogits(f"the logits are NaN in a batch of {len(positions)} images that starts with {name}")


def pack(masks: Tensor) -> Tensor:
    """(N, H, W) bool -> (N, ceil(H*W/8)) uint8 on the same device, packed as in `PackedMasks`."""
    flat = masks.flatten(1)
    flat = torch.nn.functional.pad(flat, (0, -flat.shape[1] % 8)).unflatten(1, (-1, 8)).to(torch.uint8)
    return (flat << torch.arange(7, -1, -1, dtype=torch.uint8, device=masks.device)).sum(2, dtype=torch.uint8)
