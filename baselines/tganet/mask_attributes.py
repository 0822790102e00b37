"""TGANet's labels: how many findings a mask has, and how large they are."""

from __future__ import annotations

import torch
from torch import Tensor

from baselines.tganet.components import first_pixels

NONE = -100  # what cross entropy ignores
MEDIUM, LARGE = 0.1, 0.3  # parts of the image, from which a box counts as such


def attributes(target: Tensor) -> tuple[Tensor, Tensor]:
    """Number (0 one, 1 several) and size (0 small, 1 medium, 2 large) of the foreground, from its bounding boxes.

    As in the official code the size is that of the last component in reading order: the part of the image that its
    bounding box covers, small below 0.1, large from 0.3. Components touch at edges or corners. Both are -100, which
    `cross_entropy` ignores, where a mask is empty. A GPU labels the components itself, without waiting for the host.

    Args:
        target: (B, 1, H, W) float, 0 or 1.

    Returns:
        Two (B,) long tensors on the target's device.
    """
    return (attributes_by_scipy if target.device.type == "cpu" else attributes_on_device)(target)


def attributes_on_device(target: Tensor) -> tuple[Tensor, Tensor]:
    """The same with tensor operations alone, whose number depends on the size of the mask but not on what is in it."""
    mask = target[:, 0] > 0.5  # (B, H, W)
    first, place = first_pixels(mask), torch.arange(mask[0].numel(), device=mask.device).view(mask.shape[1:])
    count = (first == place).sum((1, 2))
    last = first == first.amax((1, 2), keepdim=True)  # starts last in reading order
    last &= mask
    height, width = (_extent(last.any(axis)) for axis in (2, 1))
    part = (height * width).double() / place.numel()
    size = (part >= MEDIUM).long() + (part >= LARGE).long()
    return (count > 1).long().masked_fill(count == 0, NONE), size.masked_fill(count == 0, NONE)


def _extent(line: Tensor) -> Tensor:
    """From the first to the last True of each row: (B, L) bool -> (B,) long."""
    place = torch.arange(line.shape[1], device=line.device)
    return place.where(line, -1).amax(1) - place.where(line, line.shape[1]).amin(1) + 1


def attributes_by_scipy(target: Tensor) -> tuple[Tensor, Tensor]:
    """The same on the host, one mask at a time."""
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
