"""Metrics of masks and prompts: overlap, boundary distance, text-mask consistency, statistics.

The package needs no torch, and knows no model and no dataset. Each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metrics import boundary, catalogue, consistency, overlap, robustness, stats, summary, table
    from metrics.boundary import assd, hd95, hd100, masd, nsd, surface_distances
    from metrics.errors import InputError
    from metrics.overlap import dice, iou
    from metrics.summary import summarise
    from metrics.table import score_masks

_HOME = {
    "dice": "overlap",
    "iou": "overlap",
    "hd95": "boundary",
    "hd100": "boundary",
    "masd": "boundary",
    "assd": "boundary",
    "nsd": "boundary",
    "surface_distances": "boundary",
    "score_masks": "table",
    "summarise": "summary",
    "InputError": "errors",
}
_MODULES = ("boundary", "catalogue", "consistency", "overlap", "robustness", "stats", "summary", "table")

__all__ = [
    "InputError",
    "assd",
    "boundary",
    "catalogue",
    "consistency",
    "dice",
    "hd95",
    "hd100",
    "iou",
    "masd",
    "nsd",
    "overlap",
    "robustness",
    "score_masks",
    "stats",
    "summarise",
    "summary",
    "surface_distances",
    "table",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f"metrics.{_HOME[name]}"), name)
    elif name in _MODULES:
        value = import_module(f"metrics.{name}")
    else:
        raise AttributeError(f"module 'metrics' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
