"""A counter of what would make the host wait for a GPU, for tests without one."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

READS = {  # operators that end in a number or an array on the host, or whose shape depends on values
    "aten._local_scalar_dense.default",
    "aten.nonzero.default",
    "aten.masked_select.default",
    "aten._unique2.default",
    "aten.unique_dim.default",
    "aten.equal.default",
    "aten.repeat_interleave.Tensor",
}
SENDS = {"aten.lift_fresh.default"}  # `torch.tensor` and `new_tensor`, which copy numbers of the host


class Waits(TorchDispatchMode):
    """Collects in `reads` the operators that would make the host wait for a GPU; a loop may send numbers to it.

    Args:
        sends: whether numbers that the host sends count, too.
    """

    def __init__(self, sends: bool = False):
        super().__init__()
        self.names = READS | SENDS if sends else READS
        self.reads: list[str] = []

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if str(function) in self.names:
            self.reads.append(str(function))
        if str(function).startswith("aten.index") and any(
            isinstance(i, torch.Tensor) and i.dtype == torch.bool for i in (args[1] if len(args) > 1 else []) or []
        ):
            self.reads.append(f"{function} by booleans")
        return function(*args, **(kwargs or {}))
