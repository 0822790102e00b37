"""Masks from a trained method, for many versions of the prompts at once."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, TypeVar

import numpy as np
import torch
from torch.utils import _pytree as pytree

from baselines.contract import Method
from c2seg_bench.data.packed import PackedMasks
from c2seg_bench.engine.material import Material
from c2seg_bench.text.table import PromptTable

Name = TypeVar("Name", bound=Hashable)


@torch.inference_mode()
def predict(
    model: Method,
    material: Material,
    rows: np.ndarray,
    conditions: dict[Name, np.ndarray],
    fabric: Any,
    batch: int = 32,
    progress: Any = None,
) -> dict[Name, PackedMasks]:
    """Masks under each condition.

    The image's features are made once and met by every prompt that any condition has for it (`encode_image`,
    `decode`). Prompts that the encoder cuts into the same tokens are one prompt, whichever conditions they come from;
    a method that reads no text is asked once. Pictures of the same prompt go together, so that a method which projects
    each distinct prompt of a batch once has few of them.

    Args:
        rows: (N,) rows of the cache.
        conditions: name -> (N,) rows of the prompt table. A mask depends on its picture and its prompt, not on which
            other conditions are given nor on their order (but for the rounding of sums over another batch).

    Returns:
        name -> N masks of S x S, probability > 0.5.
    """
    model.eval()
    asked = same_tokens(material.table, np.stack(list(conditions.values())))  # (conditions, N)
    if not model.card.uses_text:
        asked[:] = asked[0]
    shape = (material.image_size, material.image_size)
    masks = {name: PackedMasks.empty(len(rows), shape) for name in conditions}
    by_prompt = np.argsort(asked[0], kind="stable")
    for start in range(0, len(rows), batch):
        here = by_prompt[start : start + batch]
        pairs, which = np.unique(asked[:, here] * len(here) + np.arange(len(here)), return_inverse=True)
        prompts, pictures = np.divmod(pairs, len(here))
        with fabric.autocast():
            features = model.encode_image(material.images(rows[here], fabric.device))
            found = []
            for part in range(0, len(pairs), batch):
                own = _take(features, pictures[part : part + batch], len(here))
                logits = model.decode(own, material.table.batch(prompts[part : part + batch], fabric.device))
                white = (logits[:, 0].float() > 0).cpu().numpy()  # sigmoid(x) > 0.5 is x > 0
                found.append(PackedMasks.pack(white).bits)
        of_pairs = np.concatenate(found)
        for name, pair in zip(conditions, which.reshape(len(asked), -1), strict=True):
            masks[name].bits[here] = of_pairs[pair]
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
        stands_for[k] = known.setdefault(table.encoded.ids[table.encoded.of(row)].tobytes(), int(row))
    return stands_for[np.searchsorted(distinct, rows)]


def _take(features: Any, index: np.ndarray, full: int) -> Any:
    """These pictures' part of whatever tensors the features are made of."""
    if len(index) == full and (index == np.arange(full)).all():
        return features
    where = torch.from_numpy(index)
    return pytree.tree_map(lambda x: x[where.to(x.device)] if isinstance(x, torch.Tensor) else x, features)
