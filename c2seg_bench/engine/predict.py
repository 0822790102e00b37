"""Masks from a trained method, for many versions of the prompts at once, and the packed file that keeps them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from torch.utils import _pytree as pytree

from baselines.contract import Method
from c2seg_bench.engine.material import Material
from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic

THRESHOLD = 0.5


@torch.inference_mode()
def predict(
    model: Method,
    material: Material,
    rows: np.ndarray,
    conditions: dict[str, np.ndarray],
    fabric: Any,
    batch: int = 32,
    progress: Any = None,
) -> dict[str, np.ndarray]:
    """Masks under each condition.

    The image's features are made once and met by every condition's prompts (`encode_image`, `decode`). A prompt that
    a condition left as it was is not predicted again; a method that reads no text is asked once.

    Args:
        rows: (N,) rows of the cache.
        conditions: name -> (N,) rows of the prompt table; the first is the one the others are compared with.

    Returns:
        name -> (N, S, S) bool, probability > 0.5.
    """
    model.eval()
    first = next(iter(conditions))
    masks = {name: np.zeros((len(rows), material.image_size, material.image_size), bool) for name in conditions}
    for start in range(0, len(rows), batch):
        here = np.arange(start, min(start + batch, len(rows)))
        with fabric.autocast():
            features = model.encode_image(material.images(rows[here], fabric.device))
            for name, prompts in conditions.items():
                changed = here if name == first else here[prompts[here] != conditions[first][here]]
                if name != first:
                    masks[name][here] = masks[first][here]
                if len(changed) == 0 or (name != first and not model.card.uses_text):
                    continue
                own = _take(features, changed - start, len(here))
                logits = model.decode(own, material.table.batch(prompts[changed], fabric.device))
                # sigmoid(x) > 0.5 is x > 0
                masks[name][changed] = (logits[:, 0].float() > 0).cpu().numpy()
        if progress:
            progress.step(int(here[-1]) + 1)
    return masks


def _take(features: Any, index: np.ndarray, full: int) -> Any:
    """These pictures' part of whatever tensors the features are made of."""
    if len(index) == full:
        return features
    where = torch.from_numpy(index)
    return pytree.tree_map(lambda x: x[where.to(x.device)] if isinstance(x, torch.Tensor) else x, features)


def save_masks(path: Path, names: list[str], masks: np.ndarray) -> None:
    """One packed file per condition: names (N,) str, bits (N, ceil(S*S/8)) uint8, shape (2,) int."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic(path) as temporary, open(temporary, "wb") as f:
        bits = np.packbits(masks.reshape(len(masks), -1), axis=1)
        np.savez_compressed(f, names=np.array(names, dtype=np.str_), bits=bits, shape=np.array(masks.shape[1:]))


def load_masks(path: Path) -> tuple[list[str], np.ndarray]:
    """Names and (N, S, S) bool masks of a packed file."""
    try:
        with np.load(path, allow_pickle=False) as f:
            height, width = (int(x) for x in f["shape"])
            flat = np.unpackbits(f["bits"], axis=1, count=height * width)
            return [str(n) for n in f["names"]], flat.reshape(-1, height, width).astype(bool)
    except FileNotFoundError:
        raise InputError(f"{path}: no such predictions; run c2seg-bench predict first") from None
    except (KeyError, ValueError, OSError, BadZipFile) as e:
        raise InputError(f"{path}: not a packed prediction file ({e}); delete it and predict again") from None
