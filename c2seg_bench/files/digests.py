"""Digests of values and bytes, by which a change is noticed."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def digest(value: Any) -> str:
    """sha256 of a JSON-able value, the same whatever the order of its keys; other objects count as their text."""
    return sha256(json.dumps(value, sort_keys=True, default=str).encode())


def sha256(data: bytes) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
