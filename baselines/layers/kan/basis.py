"""The two bases of KAN layers, on equally spaced centres: cubic B-splines and Gaussians.

The Cox-de Boor recursion builds three levels of tables, each a little larger than the result. On equally spaced knots
every spline is the same bump, shifted: with u = |x - centre| / step, B(u) = ((2 - u)_+^3 - 4 (1 - u)_+^3) / 6. Closed
on both sides, it leaves no point of the range dead, the right end included.

The backward pass keeps only x (and, for Gaussians, the table, which the next layer keeps anyway): on a CPU fresh memory
costs more than the arithmetic. The inputs come last because long rows are several times faster than rows of eight. On a
CPU the splines are compiled loops (`_spline_loops`), nine times as fast as the same operations in torch.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

ORDER = 3
BLOCK = 2**16  # numbers: what stays in a core's cache


def spline_centres(intervals: int, low: float, high: float) -> tuple[Tensor, float]:
    """Centres of the intervals + 3 splines that reach into [low, high], (intervals + 3,) float64, and the step."""
    step = (high - low) / intervals
    return low + step * torch.arange(-1, intervals + 2, dtype=torch.float64, device="cpu"), step


def spline(x: Tensor, centre: Tensor, step: float) -> Tensor:
    """Cubic B-splines of x.

    Args:
        x: (..., in) float of any kind; half precision is raised to float32, where knots stay apart.
        centre: (bases,) float.
        step: distance between knots.

    Returns:
        (..., bases, in) float32 (float64 for float64); sums to 1 inside the range, falls to 0 three steps outside.
    """
    return _table(_Spline, x, centre, step)


def gaussian(x: Tensor, centre: Tensor, step: float) -> Tensor:
    """exp(-((x - centre) / step)^2): arguments and result as `spline`, but nowhere exactly 0 and no partition of 1."""
    return _table(_Gaussian, x, centre, step)


def _table(function: Any, x: Tensor, centre: Tensor, step: float) -> Tensor:
    x = x if x.dtype == torch.float64 else x.float()
    rows = x.reshape(-1, x.shape[-1]).contiguous()  # loops are compiled for one layout, and fast on this one
    table = function.apply(rows, centre.to(x.dtype), step)
    return table.view(*x.shape[:-1], *table.shape[1:])


def _blocks(table: Tensor) -> list[slice]:
    rows = len(table)
    size = rows if table.device.type != "cpu" else BLOCK * rows // max(1, table.numel())
    return [slice(start, start + max(1, size)) for start in range(0, rows, max(1, size))]


def _distance(x: Tensor, centre: Tensor, step: float, out: Tensor | None = None) -> Tensor:
    return torch.sub((x / step).unsqueeze(1), (centre / step).unsqueeze(1), out=out)  # (rows, bases, in)


class _Spline(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, centre: Tensor, step: float) -> Tensor:
        ctx.save_for_backward(x, centre)
        ctx.step = step
        if x.device.type != "cpu":
            return spline_table(x, centre, step)
        return compiled("table", x, centre, step, x.new_empty(len(x), len(centre), x.shape[1]))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        x, centre = ctx.saved_tensors
        if x.device.type != "cpu":
            return spline_gradient(x, centre, ctx.step, grad), None, None
        return compiled("gradient", x, centre, ctx.step, grad.contiguous(), torch.empty_like(x)), None, None


def compiled(name: str, x: Tensor, centre: Tensor, step: float, *rest: Tensor) -> Tensor:
    """Run a loop of `_spline_loops` on CPU tensors, which fills the last of them; returns that one."""
    from baselines.layers.kan import _spline_loops  # numba takes half a second to import

    arrays = [t.detach().numpy() for t in (x, centre, *rest)]
    getattr(_spline_loops, name)(*arrays[:2], arrays[0].dtype.type(1 / step), *arrays[2:])
    return rest[-1]


def spline_table(x: Tensor, centre: Tensor, step: float) -> Tensor:
    """(rows, in) -> (rows, bases, in), in torch."""
    u = _distance(x, centre, step).abs_()
    inner = u.clamp(max=1).sub_(1).pow_(3)  # -(1 - u)_+^3
    return u.clamp_(max=2).sub_(2).pow_(3).sub_(inner, alpha=4).mul_(-1 / 6)


def spline_gradient(x: Tensor, centre: Tensor, step: float, grad: Tensor) -> Tensor:
    """Of sum(spline_table(x) * grad), with respect to x (rows, in); in torch."""
    distance = _distance(x, centre, step)
    minus_u = distance.abs().neg_()
    slope = (minus_u + 1).clamp_min_(0).square_()
    outer = minus_u.add_(2).clamp_min_(0)
    slope.mul_(2).addcmul_(outer, outer, value=-0.5)  # dB/du
    return slope.mul_(distance.sign_()).mul_(grad).sum(1).div_(step)


class _Gaussian(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, centre: Tensor, step: float) -> Tensor:
        table = x.new_empty(len(x), len(centre), x.shape[1])
        for rows in _blocks(table):
            _distance(x[rows], centre, step, out=table[rows]).square_().neg_().exp_()
        ctx.save_for_backward(x, centre, table)
        ctx.step = step
        return table

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        x, centre, table = ctx.saved_tensors
        result = torch.empty_like(x)
        for rows in _blocks(grad):
            slope = _distance(x[rows], centre, ctx.step).mul_(table[rows]).mul_(grad[rows])
            torch.sum(slope, 1, out=result[rows])
        return result.mul_(-2 / ctx.step), None, None
