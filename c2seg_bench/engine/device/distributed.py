"""One cell trained by several processes, a device for each: shares of a batch, and batch norm over all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


@dataclass(frozen=True)
class Share:
    """The part of every batch that one of `world` processes computes: contiguous, and as equal as can be."""

    rank: int = 0
    world: int = 1

    @classmethod
    def of(cls, fabric: Any) -> Share:
        """The share of this process."""
        return cls(fabric.global_rank, fabric.world_size)

    def counts(self, batch: int) -> list[int]:
        """Images per process in a batch of this size."""
        return [len(part) for part in np.array_split(np.arange(batch), self.world)]

    def part(self, batch: int) -> slice:
        """The slice of a batch of this size that this process computes."""
        counts = self.counts(batch)
        start = sum(counts[: self.rank])
        return slice(start, start + counts[self.rank])

    def weight(self, batch: int) -> float:
        """Factor for this process's mean loss. With it, the mean over processes is the mean over the batch."""
        return self.counts(batch)[self.rank] * self.world / batch


def mean_over_processes(x: Tensor) -> Tensor:
    """The mean of a tensor over all processes, without gradients; in place."""
    torch.distributed.all_reduce(x)
    return x.div_(torch.distributed.get_world_size())


def share_batch_norm(model: nn.Module, device: torch.device) -> nn.Module:
    """The model, with batch normalisation over the images of all processes."""
    if device.type == "cuda":
        return nn.SyncBatchNorm.convert_sync_batchnorm(model)
    for name, child in model.named_children():
        if isinstance(child, _BatchNorm):
            shared = SharedBatchNorm(
                child.num_features, child.eps, child.momentum, child.affine, child.track_running_stats
            )
            for parameter in child.parameters():
                shared.to(parameter.dtype)
            shared.load_state_dict(child.state_dict())
            setattr(model, name, shared)
        else:
            share_batch_norm(child, device)
    return model


class _Sum(torch.autograd.Function):
    """The sum over all processes; so is its gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        total = x.clone()
        torch.distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        total = grad.clone()
        torch.distributed.all_reduce(total)
        return total


class SharedBatchNorm(_BatchNorm):
    """Batch normalisation over all processes on CPUs, where `nn.SyncBatchNorm` does not run. Mean and variance take a
    collective each: the difference of two sums of squares would lose digits."""

    def _check_input_dim(self, input: Tensor) -> None:
        pass

    def forward(self, input: Tensor) -> Tensor:
        """(B, C, ...) -> the same shape."""
        if not self.training:
            return super().forward(input)
        axes, shape = [0, *range(2, input.dim())], [1, -1, *[1] * (input.dim() - 2)]
        count = input.new_tensor([input.numel() // input.shape[1]])
        torch.distributed.all_reduce(count)
        mean = _Sum.apply(input.sum(axes)) / count
        centred = input - mean.view(shape)
        variance = _Sum.apply(centred.square().sum(axes)) / count
        if self.running_mean is not None and self.running_var is not None and self.num_batches_tracked is not None:
            with torch.no_grad():
                self.num_batches_tracked += 1
                momentum = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
                self.running_mean.lerp_(mean, momentum)
                self.running_var.lerp_(variance * (count / (count - 1)), momentum)
        normal = centred * (variance + self.eps).rsqrt().view(shape)
        if self.weight is None:
            return normal
        return normal * self.weight.view(shape) + self.bias.view(shape)
