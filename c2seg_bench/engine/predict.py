"""Masks of a trained method under many versions of the prompts at once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, TypeVar

import numpy as np
import torch
from torch.utils import _pytree as pytree

from baselines.contract import Method
from c2seg_bench.data.packed import PackedMasks
from c2seg_bench.engine.inputs import CellInputs
from c2seg_bench.text.prompt_table import PromptTable

Name = TypeVar("Name", bound=Hashable)


@torch.inference_mode()
def predict(
    model: Method,
    inputs: CellInputs,
    rows: np.ndarray,
    conditions: dict[Name, np.ndarray],
    fabric: Any,
    batch: int = 32,
    progress: Any = None,
) -> dict[Name, PackedMasks]:
    """Masks under each condition.

    Each picture is encoded once and decoded once with every distinct prompt that the conditions have for it
    (`encode_image`, `decode`). Prompts with the same tokens count as one; a method that reads no text decodes each
    picture once. Pictures with the same prompt share a batch, because some methods project each distinct prompt of a
    batch only once.

    Args:
        rows: (N,) rows of the cache.
        conditions: name -> (N,) rows of the prompt table. A mask depends on its picture and its prompt alone (but for
            rounding, where other conditions lead to other batches).

    Returns:
        name -> N masks of S x S, probability > 0.5.
    """
    model.eval()
    prompts_of = same_tokens(inputs.table, np.stack(list(conditions.values())))  # (conditions, N)
    if not model.card.uses_text:
        prompts_of[:] = prompts_of[0]
    shape = (inputs.image_size, inputs.image_size)
    masks = {name: PackedMasks.empty(len(rows), shape) for name in conditions}
    by_prompt = np.argsort(prompts_of[0], kind="stable")
    for start in range(0, len(rows), batch):
        chosen = by_prompt[start : start + batch]
        pairs, which = np.unique(prompts_of[:, chosen] * len(chosen) + np.arange(len(chosen)), return_inverse=True)
        prompts, pictures = np.divmod(pairs, len(chosen))
        with fabric.autocast():
            features = model.encode_image(inputs.images(rows[chosen], fabric.device))
            bits = []
            for part in range(0, len(pairs), batch):
                own = _take(features, pictures[part : part + batch], len(chosen))
                logits = model.decode(own, inputs.table.batch(prompts[part : part + batch], fabric.device))
                white = (logits[:, 0].float() > 0).cpu().numpy()  # sigmoid(x) > 0.5 is x > 0
                bits.append(PackedMasks.pack(white).bits)
        of_pairs = np.concatenate(bits)
        for name, pair in zip(conditions, which.reshape(len(prompts_of), -1), strict=True):
            masks[name].bits[chosen] = of_pairs[pair]
        if progress:
            progress.step(min(start + batch, len(rows)))
    return masks


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
    """The features of these pictures, whatever nest of tensors they are."""
    if len(index) == full and (index == np.arange(full)).all():
        return features
    rows = torch.from_numpy(index)
    return pytree.tree_map(lambda x: x[rows.to(x.device)] if isinstance(x, torch.Tensor) else x, features)
