"""KAN layers: every edge is a learned function of one number. Splines (`KANLinear`) or Gaussians (`RBFLinear`)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from baselines.errors import InputError
from baselines.layers.kan.basis import ORDER, gaussian, spline, spline_centres

KINDS = ("spline", "rbf", "linear", "mlp")


class KANLinear(nn.Module):
    """Spline KAN layer: y_o = sum_i W_oi SiLU(x_i) + sum_ij c_oij s_oi B_j(x_i), without a bias.

    B_j are cubic B-splines on equally spaced, fixed knots, computed in float32 even under autocast (see `basis`).
    Outside the span by three steps the spline part is exactly zero and only SiLU remains: put a LayerNorm in front,
    or widen the span. The table of bases has in * (grid + 3) numbers per row, so use it on low-resolution tokens.
    Source: Liu et al., KAN (2024); the form and the initial values of efficient-KAN, as U-KAN uses them.

    Args:
        inputs, outputs: widths.
        grid: intervals between knots inside the span.
        span: (low, high), where the bases sum to one.

    Has outputs * inputs * (grid + 5) parameters: 10 * inputs * outputs at the default grid.
    """

    centre: Tensor

    def __init__(self, inputs: int, outputs: int, grid: int = 5, span: tuple[float, float] = (-1.0, 1.0)):
        super().__init__()
        low, high = _checked(grid, span)
        self.inputs, self.outputs, self.grid, self.span = inputs, outputs, grid, (low, high)
        centre, self.step = spline_centres(grid, low, high)
        self.register_buffer("centre", centre.float(), persistent=False)
        self.base = nn.Parameter(torch.empty(outputs, inputs))
        self.coefficient = nn.Parameter(torch.empty(outputs, grid + ORDER, inputs))
        self.scaler = nn.Parameter(torch.empty(outputs, inputs))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Kaiming for base and scaler; splines fitted to noise of +-0.05 / grid at the knots of the span."""
        nn.init.kaiming_uniform_(self.base, a=math.sqrt(5))
        nn.init.kaiming_uniform_(self.scaler, a=math.sqrt(5))
        if self.coefficient.is_meta:
            return
        # the same small least-squares problem for every edge: solved once, on the CPU, in double precision
        low, high = self.span
        centre, step = spline_centres(self.grid, low, high)
        knots = torch.linspace(low, high, self.grid + 1, dtype=torch.float64, device="cpu")
        solve = torch.linalg.pinv(spline(knots, centre, step).T).float()  # (bases, knots)
        noise = (torch.rand(self.outputs, self.grid + 1, self.inputs, device="cpu") - 0.5) * 0.1 / self.grid
        with torch.no_grad():
            self.coefficient.copy_(solve @ noise)

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) -> (..., outputs)."""
        return self.weigh(*self.spread(x))

    def spread(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(..., inputs) -> SiLU(x) and the table of bases (..., bases * inputs); neither depends on weights."""
        return F.silu(x), spline(x, self.centre, self.step).flatten(-2)

    def weigh(self, smooth: Tensor, table: Tensor) -> Tensor:
        """The result of `spread` -> (..., outputs)."""
        weight = (self.coefficient * self.scaler.unsqueeze(1)).flatten(1)  # (outputs, bases * inputs)
        return F.linear(smooth, self.base) + F.linear(table, weight)

    def extra_repr(self) -> str:
        """Widths, grid and span, for `print`."""
        return f"{self.inputs}, {self.outputs}, grid={self.grid}, span={self.span}"


class RBFLinear(nn.Module):
    """Gaussian KAN layer: y = W_b SiLU(x) + b + W_s phi(LayerNorm(x)), phi_j(x) = exp(-((x - g_j) / d)^2).

    The g_j are equally spaced over the span and d is their distance. Nowhere exactly zero, so never dead.
    Source: Li, FastKAN (2024).

    Args:
        inputs, outputs: widths.
        grid: number of centres, at least 2.
        span: (low, high), first and last centre.

    Has inputs * outputs * (grid + 1) + outputs + 2 * inputs parameters.
    """

    centre: Tensor

    def __init__(self, inputs: int, outputs: int, grid: int = 8, span: tuple[float, float] = (-2.0, 2.0)):
        super().__init__()
        low, high = _checked(grid, span, least=2)
        self.grid, self.step = grid, (high - low) / (grid - 1)
        self.register_buffer("centre", torch.linspace(low, high, grid), persistent=False)
        self.norm = nn.LayerNorm(inputs)
        self.base = nn.Linear(inputs, outputs)
        self.radial = nn.Linear(inputs * grid, outputs, bias=False)
        nn.init.trunc_normal_(self.radial.weight, std=0.1)

    def forward(self, x: Tensor) -> Tensor:
        """(..., inputs) -> (..., outputs)."""
        phi = gaussian(self.norm(x), self.centre, self.step)  # (..., centres, inputs)
        return self.base(F.silu(x)) + self.radial(phi.flatten(-2))


def kan(
    kind: str, inputs: int, outputs: int, grid: int | None = None, span: tuple[float, float] | None = None
) -> nn.Module:
    """A layer (..., inputs) -> (..., outputs) of one of four kinds.

    Args:
        kind: "spline" (`KANLinear`) or "rbf" (`RBFLinear`); "linear" (one linear layer) or "mlp" (two, ReLU between,
            hidden width = outputs), which are the ablation of KAN and have no grid: they ignore `grid` and `span`.
        inputs, outputs: widths.
        grid: intervals of the spline (default 5) or centres of the Gaussians (default 8).
        span: (low, high); default (-1, 1) for splines, (-2, 2) for Gaussians.

    Raises:
        InputError: an unknown kind, or a grid or span that cannot be.
    """
    chosen: dict = {key: value for key, value in (("grid", grid), ("span", span)) if value is not None}
    if kind == "spline":
        return KANLinear(inputs, outputs, **chosen)
    if kind == "rbf":
        return RBFLinear(inputs, outputs, **chosen)
    if kind == "linear":
        return nn.Linear(inputs, outputs)
    if kind == "mlp":
        return nn.Sequential(nn.Linear(inputs, outputs), nn.ReLU(), nn.Linear(outputs, outputs))
    raise InputError(f"unknown kind of KAN layer: {kind!r}; there are: {', '.join(KINDS)}")


def apply_each(layers: Sequence[nn.Module], x: Tensor) -> list[Tensor]:
    """Apply each layer to the same x: (..., inputs) -> one (..., outputs) per layer.

    Spline layers of one grid share the table of bases, which is about half the cost of a layer.
    """
    splines = [layer for layer in layers if isinstance(layer, KANLinear)]
    if len(splines) < len(layers) or len({(layer.grid, layer.span) for layer in splines}) != 1:
        return [layer(x) for layer in layers]
    shared = splines[0].spread(x)
    return [layer.weigh(*shared) for layer in splines]


def _checked(grid: int, span: tuple[float, float], least: int = 1) -> tuple[float, float]:
    low, high = span
    if grid < least:
        raise InputError(f"KAN layer: grid {grid} is too small; take {least} or more")
    if not low < high:
        raise InputError(f"KAN layer: span {list(span)} is empty; give [low, high] with low < high")
    return float(low), float(high)
