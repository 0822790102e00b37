"""Copies between host and device that do not make the host wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

Tag = TypeVar("Tag")
IN_FLIGHT = 2  # copies to the host that may be unfinished


def to_device(array: np.ndarray, device: torch.device) -> Tensor:
    """The array on the device. A GPU gets it through pinned memory, in the order of its other work."""
    return move(torch.from_numpy(np.require(array, requirements=["C", "W"])), device)


def move(tensor: Tensor, device: torch.device) -> Tensor:
    """The tensor on the device, copied asynchronously from host to GPU."""
    if tensor.is_cuda or device.type != "cuda":  # "cuda" and "cuda:0" are one device, but not equal
        return tensor.to(device)
    return tensor.pin_memory().to(device, non_blocking=True)


def to_host(tagged: Iterator[tuple[Tag, Tensor]]) -> Iterator[tuple[Tag, np.ndarray]]:
    """Tagged tensors as arrays, in the same order. The device stays `IN_FLIGHT` tensors ahead of the host."""
    waiting: list[tuple[Tag, Tensor, torch.cuda.Event | None]] = []
    for tag, tensor in tagged:
        copy, event = tensor, None
        if tensor.device.type == "cuda":
            copy = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
            copy.copy_(tensor, non_blocking=True)
            event = torch.cuda.Event()
            event.record()
        waiting.append((tag, copy, event))
        if len(waiting) > (IN_FLIGHT if event else 0):
            yield _finished(*waiting.pop(0))
    while waiting:
        yield _finished(*waiting.pop(0))


def _finished(tag: Tag, copy: Tensor, event: torch.cuda.Event | None) -> tuple[Tag, np.ndarray]:
    if event is not None:
        event.synchronize()
    return tag, copy.numpy()
