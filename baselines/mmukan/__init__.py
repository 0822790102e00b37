"""MMUKAN; `model` is the method, the other modules are its parts."""

from baselines.mmukan.model import MMUKAN

__all__ = ["MMUKAN"]
