"""Connected components of masks, with a number of tensor operations that does not depend on the masks' content.

Source: Shiloach and Vishkin, "An O(log n) parallel connectivity algorithm" (Journal of Algorithms 1982). Each pixel
points to a root pixel of its component; in each round roots are hooked onto roots beside them, until one is left.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def first_pixels(mask: Tensor) -> Tensor:
    """For each pixel of the foreground, the first pixel of its component in reading order.

    Components touch at edges or corners.

    Args:
        mask: (B, H, W) bool.

    Returns:
        (B, H, W) long: row * W + column of that pixel; -1 in the background.
    """
    pixels = mask[0].numel()
    own = torch.arange(pixels, device=mask.device).expand(len(mask), -1)  # (B, P)
    root, rounds = own, max(1, (pixels - 1).bit_length())
    for _ in range(rounds):  # each leaves at most half of the roots of a component that has several
        before = root
        low, _ = _beside(root, mask)
        root = _flattened(torch.where((root == own) & (low < own), low, root), rounds)
        low, high = _beside(root, mask)
        received = torch.zeros_like(root).scatter_reduce(1, root, (root != before).long(), "amax")
        lonely = (root == own) & (received == 0) & mask.flatten(1)  # no other root was hooked onto it
        root = _flattened(torch.where(lonely, torch.where(low < own, low, high), root), 1)
    first = torch.full_like(root, pixels).scatter_reduce(1, root, own, "amin").gather(1, root)
    return first.view_as(mask).masked_fill(~mask, -1)


def _beside(root: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The lowest and the highest root in and beside a root's pixels, both (B, P); a pixel that is none has itself."""
    pixels = root.shape[1]
    own = torch.arange(pixels, device=root.device).expand_as(root)
    value, nothing = root.view_as(mask).double(), -float(pixels)
    extremes = []
    for sign in (-1, 1):
        seen = (sign * value).masked_fill(~mask, nothing)
        best = F.max_pool2d(seen[:, None], 3, stride=1, padding=1).flatten(1).masked_fill(~mask.flatten(1), nothing)
        extremes.append((sign * own.double()).scatter_reduce(1, root, best, "amax").mul(sign).long())
    return extremes[0], extremes[1]


def _flattened(root: Tensor, times: int) -> Tensor:
    """Pointers follow those they point to; what is 2 ** times steps away is reached."""
    for _ in range(times):
        root = root.gather(1, root)
    return root
