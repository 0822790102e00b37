"""Prompt stress: families of prompt noise, known by name in `FAMILIES`."""

from __future__ import annotations

from c2seg_bench.stress.family import FAMILIES, Family

__all__ = ["FAMILIES", "Family"]
