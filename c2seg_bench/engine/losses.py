"""The losses of an epoch, kept on the device until somebody looks at them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


class Losses:
    """Losses of at most `count` steps. Adding one does not wait for the device; reading does."""

    def __init__(self, count: int, device: torch.device):
        self.values = torch.zeros(count, dtype=torch.float64, device=device)
        self.count = 0

    def add(self, loss: Tensor) -> None:
        """Append a scalar."""
        self.values[self.count].copy_(loss.detach())
        self.count += 1

    def read(self) -> np.ndarray:
        """(n,) float64, all losses so far, in the order of the steps."""
        return self.values[: self.count].cpu().numpy()
