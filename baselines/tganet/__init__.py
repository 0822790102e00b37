"""TGANet; `model` is the method, the other modules are its parts."""

from baselines.tganet.model import TGANet

__all__ = ["TGANet"]
