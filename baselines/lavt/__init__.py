"""LAVT; `model` is the method, the other modules are its parts."""

from baselines.lavt.model import LAVT

__all__ = ["LAVT"]
