"""The losses of an epoch, kept on the device until they are read."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from c2seg_bench.engine.device.distributed import Share, mean_over_processes


class Losses:
    """Losses of at most `count` steps. Adding one does not wait for the device; reading does.

    If several processes train, each adds its own losses, and all must read at the same time; reading returns the mean.
    """

    def __init__(self, count: int, device: torch.device, share: Share = Share()):  # noqa: B008  (frozen)
        self.share = share
        self.values = torch.zeros(count, dtype=torch.float64, device=device)
        self.count = 0

    def add(self, loss: Tensor) -> None:
        """Append the loss of a step, a scalar."""
        self.values[self.count].copy_(loss.detach())
        self.count += 1

    def read(self) -> np.ndarray:
        """(n,) float64, all losses so far, in the order of the steps."""
        values = self.values[: self.count]
        if self.share.world > 1:
            values = mean_over_processes(values.clone())
        return values.cpu().numpy()
