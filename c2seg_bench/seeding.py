"""Random state from names: the same suite gives the same numbers in any order, resumed or in parallel."""

from __future__ import annotations

import hashlib

import numpy as np


def seed(*names: object) -> int:
    """63 bits of the sha256 of the names, joined by NUL."""
    return int.from_bytes(hashlib.sha256("\0".join(map(str, names)).encode()).digest()[:8], "big") >> 1


def rng(*names: object) -> np.random.Generator:
    """A generator that only the names decide."""
    return np.random.default_rng(seed(*names))
