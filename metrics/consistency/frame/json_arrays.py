"""Arrays in the JSON file of a frame: read with checks, and kept as nested tuples, which compare and hash."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST = 1e6  # of any stored number; the largest of the frames that ship is 89


def read_array(stored: Any, key: str) -> NDArray[np.float64]:
    """An array in the file of a frame.

    Args:
        stored: the object that has it.
        key: its name.

    Raises:
        ValueError: it is missing, a single number, ragged, or has a number that is not finite or too large.
    """
    if not isinstance(stored, dict) or key not in stored:
        raise ValueError(f"it lacks {key}")
    try:
        values = np.array(stored[key], float)
    except (TypeError, ValueError):
        raise ValueError(f"{key} is no table of numbers with rows of equal length") from None
    if not values.ndim:
        raise ValueError(f"{key} is one number, not a table of them")
    if not (np.abs(values) <= LARGEST).all():
        raise ValueError(f"{key} has a number that is not finite, or beyond {LARGEST:,.0f}")
    return values


def to_tuples(values: NDArray[np.float64]) -> Any:
    """An array of one or more axes as nested tuples of floats."""
    return tuple(to_tuples(row) for row in values) if values.ndim > 1 else tuple(float(v) for v in values)


def rounded(values: NDArray[np.float64]) -> Any:
    """As `to_tuples`, each number with four significant digits: fitted numbers need no more in a file."""
    if values.ndim > 1:
        return tuple(rounded(row) for row in values)
    return tuple(float(f"{value:.4g}") for value in values)
