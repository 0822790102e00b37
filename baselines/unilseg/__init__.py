"""UniLSeg; `model` is the method, the other modules are its parts."""

from baselines.unilseg.model import UniLSeg

__all__ = ["UniLSeg"]
