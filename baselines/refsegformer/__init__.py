"""RefSegformer; `model` is the method, the other modules are its parts."""

from baselines.refsegformer.model import RefSegformer

__all__ = ["RefSegformer"]
