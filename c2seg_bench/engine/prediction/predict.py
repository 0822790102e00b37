"""Predicting the masks of a trained method under many versions of the prompts at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from baselines.contract import Method
from c2seg_bench.data.masks.packed import PackedMasks
from c2seg_bench.engine.device.device import shapes_vary
from c2seg_bench.engine.device.memory import prediction_advice, within_memory
from c2seg_bench.engine.device.transfer import to_device, to_host
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.text.prompt_table import PromptTable
from metrics.counts import PixelCounts
from metrics.overlap import dice_of

Name = TypeVar("Name", bound=Hashable)
BATCH = 32  # images, and pairs of image and prompt


class WrongLogits(Exception):
    """A method returned logits that no mask can be made from."""


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
    """Masks under each condition.

    Each image is encoded once and decoded once with every distinct prompt that the conditions have for it
    (`encode_image`, `decode`). Prompts with the same tokens count as one; a method that reads no text decodes each
    image once. Images with the same prompt share a batch, because some methods project each distinct prompt of a
    batch only once.

    Args:
        rows: (N,) rows of the cache.
        conditions: name -> (N,) rows of the prompt table. A mask depends only on its image and its prompt, except for
            rounding, because other conditions lead to other batches.
        cell: its name in errors; the method's title where not given.

    Returns:
        name -> N masks of S x S, probability > 0.5.

    Raises:
        InputError: a GPU's memory is too small; the message has the batch that fits.
        WrongLogits: the method's logits have another shape than (pairs, 1, S, S), or are NaN.
    """
    prompts = distinct_prompts(model, inputs, np.stack(list(conditions.values())))  # (conditions, N)
    return within_memory(
        lambda: _masks(model, inputs, rows, list(conditions), prompts, fabric, batch, progress),
        lambda count: next(decoded(model, inputs, rows[:count], prompts[:, :count], fabric, count)),
        min(batch, len(rows)),
        lambda fits: prediction_advice(cell or model.card.title, min(batch, len(rows)), fits),
    )


def _masks(
    model: Method,
    inputs: CellInputs,
    rows: np.ndarray,
    names: list[Name],
    prompts: np.ndarray,
    fabric: Any,
    batch: int,
    progress: Any,
) -> dict[Name, PackedMasks]:
    """`predict` for distinct prompts (conditions, N)."""
    shape = (inputs.image_size, inputs.image_size)
    masks = {name: PackedMasks.empty(len(rows), shape) for name in names}
    done, not_numbers = 0, list[tuple[np.ndarray, Tensor]]()

    def packed() -> Iterator[tuple[tuple[np.ndarray, np.ndarray], Tensor]]:
        for chosen, pair_of, masks_of_pairs, _, nan in decoded(model, inputs, rows, prompts, fabric, batch):
            not_numbers.append((chosen, nan))
            yield (chosen, pair_of), pack(masks_of_pairs)

    with shapes_vary():
        for (chosen, pair_of), bits in to_host(packed()):
            for name, pair in zip(names, pair_of, strict=True):
                masks[name].bits[chosen] = bits[pair]
            done += len(chosen)
            if progress:
                progress.step(done)
    _refuse_nan(not_numbers, inputs, rows)
    return masks


def _refuse_nan(not_numbers: list[tuple[np.ndarray, Tensor]], inputs: CellInputs, rows: np.ndarray) -> None:
    """WrongLogits if a batch has NaN logits. Waits for the device only once, at the end.

    Args:
        not_numbers: for each batch, positions in `rows` and whether it has such logits.
    """
    for (chosen, _), is_nan in zip(not_numbers, torch.stack([nan for _, nan in not_numbers]).tolist(), strict=True):
        if is_nan:
            name = inputs.cache.index["name"].iloc[rows[chosen[0]]]
            raise WrongLogits(f"the logits are NaN in a batch of {len(chosen)} images that starts with {name}")


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
    prompts = distinct_prompts(model, inputs, inputs.prompt_rows[rows][None])
    per_image = within_memory(
        lambda: _areas(model, inputs, rows, prompts, fabric, batch),
        lambda count: _areas(model, inputs, rows[:count], prompts[:, :count], fabric, count),
        min(batch, len(rows)),
        lambda fits: prediction_advice(cell or model.card.title, min(batch, len(rows)), fits),
    ).tolist()
    return float(np.mean([dice_of(PixelCounts(*image)) for image in per_image]))


def _areas(
    model: Method, inputs: CellInputs, rows: np.ndarray, prompts: np.ndarray, fabric: Any, batch: int
) -> np.ndarray:
    """(N, 3) numbers of pixels in the intersection, the mask and the target; counted on the device and read once."""
    counts = []
    for chosen, pair_of, masks_of_pairs, targets, _ in decoded(model, inputs, rows, prompts, fabric, batch):
        mask = masks_of_pairs[to_device(pair_of[0], fabric.device)].flatten(1)
        target = targets[:, 0].bool().flatten(1)
        counts.append((chosen, torch.stack([(mask & target).sum(1), mask.sum(1), target.sum(1)], dim=1)))
    order = np.concatenate([chosen for chosen, _ in counts])
    return torch.cat([areas for _, areas in counts]).cpu().numpy()[np.argsort(order)]


def distinct_prompts(model: Method, inputs: CellInputs, prompts: np.ndarray) -> np.ndarray:
    """(conditions, N) rows of the prompt table -> one row for all prompts that the method cannot distinguish."""
    distinct = same_tokens(inputs.table, prompts)
    if not model.card.uses_text:
        distinct[:] = distinct[0]
    return distinct


def decoded(
    model: Method, inputs: CellInputs, rows: np.ndarray, prompts: np.ndarray, fabric: Any, batch: int
) -> Iterator[tuple[np.ndarray, np.ndarray, Tensor, Tensor, Tensor]]:
    """Masks of each batch of images, still on the device.

    Yields:
        chosen (B,), positions in `rows`; pair_of (conditions, B), for each condition the masks of these images;
        masks (pairs, S, S) bool; targets (B, 1, S, S) float; whether some logit is NaN, () bool.

    Raises:
        WrongLogits: they have another shape than (pairs, 1, S, S).
    """
    model.eval()
    feed = inputs.on(fabric.device)
    by_prompt = np.argsort(prompts[0], kind="stable")
    parts = [by_prompt[start : start + batch] for start in range(0, len(rows), batch)]
    for chosen, loaded in zip(parts, feed.batches(rows[part] for part in parts), strict=True):
        size = len(chosen)
        pairs, pair_of = np.unique(prompts[:, chosen] * size + np.arange(size), return_inverse=True)
        prompt, image = np.divmod(pairs, size)
        with fabric.autocast():
            features = model.encode_image(loaded.images)
            masks, nan = [], torch.zeros((), dtype=torch.bool, device=fabric.device)
            for start in range(0, len(pairs), batch):
                part = slice(start, start + batch)
                logits = model.decode(_take(features, image[part], size), feed.text(prompt[part]))
                expected = (len(image[part]), 1, *loaded.targets.shape[-2:])
                if logits.shape != expected:
                    raise WrongLogits(f"decode returned logits of shape {tuple(logits.shape)} instead of {expected}")
                nan |= logits.isnan().any()
                masks.append(logits[:, 0].float() > 0)  # sigmoid(x) > 0.5 is x > 0
        yield chosen, pair_of.reshape(len(prompts), -1), torch.cat(masks), loaded.targets, nan


def pack(masks: Tensor) -> Tensor:
    """(N, H, W) bool -> (N, ceil(H*W/8)) uint8 on the same device, packed as in `PackedMasks`."""
    flat = masks.flatten(1)
    flat = torch.nn.functional.pad(flat, (0, -flat.shape[1] % 8)).unflatten(1, (-1, 8)).to(torch.uint8)
    return (flat << torch.arange(7, -1, -1, dtype=torch.uint8, device=masks.device)).sum(2, dtype=torch.uint8)


def same_tokens(table: PromptTable, rows: np.ndarray) -> np.ndarray:
    """Rows of the table, of any shape -> for each the first of `rows` whose prompt has the same tokens.

    "Left lung", "left lung" and "left  lung" are one prompt to an encoder that folds case and space.
    """
    distinct, first = np.unique(rows, return_index=True)
    known: dict[bytes, int] = {}
    stands_for = np.empty(len(distinct), np.int64)
    for k in np.argsort(first):
        row = distinct[k]
        stands_for[k] = known.setdefault(table.encoded.ids[table.encoded.token_slice(row)].tobytes(), int(row))
    return stands_for[np.searchsorted(distinct, rows)]


def _take(features: Any, index: np.ndarray, full: int) -> Any:
    """The features of these images; features may be any nested structure of tensors."""
    if len(index) == full and (index == np.arange(full)).all():
        return features
    device = next(x.device for x in pytree.tree_leaves(features) if isinstance(x, Tensor))
    rows = to_device(index, device)
    return pytree.tree_map(lambda x: x[rows] if isinstance(x, Tensor) else x, features)
