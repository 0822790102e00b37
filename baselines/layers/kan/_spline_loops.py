"""Compiled loops of `basis.spline` for CPUs: one pass over the table, where torch makes ten.

They release the GIL and run on one core. `basis` has the formula, and the same in torch for other devices.
"""

from __future__ import annotations

from numba import njit

FAST = {"contract", "nsz"}  # may fuse a product with a sum; nothing here is summed in another order


@njit(cache=True, nogil=True, fastmath=FAST)
def table(x, centre, per_step, out):
    """B_j(x_ri) into out (rows, bases, in); x (rows, in), centre (bases,) and per_step, 1 / step, are of one type."""
    kind = x.dtype.type
    zero, one, two, four, sixth = kind(0), kind(1), kind(2), kind(4), kind(1 / 6)
    for r in range(x.shape[0]):
        for j in range(centre.shape[0]):
            for i in range(x.shape[1]):
                u = abs(x[r, i] - centre[j]) * per_step
                outer, inner = max(two - u, zero), max(one - u, zero)
                out[r, j, i] = (outer * outer * outer - four * inner * inner * inner) * sixth


@njit(cache=True, nogil=True, fastmath=FAST)
def gradient(x, centre, per_step, grad, out):
    """sum_j dB_j/dx grad_rji into out (rows, in); grad (rows, bases, in)."""
    kind = x.dtype.type
    zero, one, two, half = kind(0), kind(1), kind(2), kind(0.5)
    for r in range(x.shape[0]):
        for i in range(x.shape[1]):
            out[r, i] = zero
        for j in range(centre.shape[0]):
            for i in range(x.shape[1]):
                far = (x[r, i] - centre[j]) * per_step
                u = abs(far)
                outer, inner = max(two - u, zero), max(one - u, zero)
                slope = (two * inner * inner - half * outer * outer) * per_step  # dB/d|far|, 0 if far is 0
                out[r, i] += grad[r, j, i] * (slope if far > zero else -slope)
