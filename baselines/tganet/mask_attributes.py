"""TGANet's labels: how many findings a mask has, and how large they are."""

from __future__ import annotations

import torch
from torch import Tensor

NONE = -100  # what cross entropy ignores
MEDIUM, LARGE = 0.1, 0.3  # parts of the picture, from which a box counts as such


def attributes(target: Tensor) -> tuple[Tensor, Tensor]:
    """Number (0 one, 1 several) and size (0 small, 1 medium, 2 large) of the foreground, from its bounding boxes.

    As in the official code the size is that of the last component in reading order: the part of the picture that its
    bounding box covers, small below 0.1, large from 0.3. Components touch at edges or corners. Both are -100, which
    `cross_entropy` ignores, where a mask is empty.

    Args:
        target: (B, 1, H, W) float, 0 or 1.

    Returns:
        Two (B,) long tensors on the target's device.
    """
    import numpy as np
    from scipy.ndimage import find_objects, label

    numbers, sizes = [], []
    for mask in target[:, 0].detach().cpu().numpy() > 0.5:
        boxes = find_objects(label(mask, np.ones((3, 3)))[0])
        if not boxes:
            numbers.append(NONE)
            sizes.append(NONE)
            continue
        rows, columns = boxes[-1]
        part = (rows.stop - rows.start) * (columns.stop - columns.start) / mask.size
        numbers.append(int(len(boxes) > 1))
        sizes.append(int(part >= MEDIUM) + int(part >= LARGE))
    return torch.tensor(numbers, device=target.device), torch.tensor(sizes, device=target.device)
