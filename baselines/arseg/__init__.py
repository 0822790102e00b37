"""ARSeg; `model` is the method, the other modules are its parts."""

from baselines.arseg.model import ARSeg

__all__ = ["ARSeg"]
