"""TransUNet; `model` is the method, the other modules are its parts."""

from baselines.transunet.model import TransUNet

__all__ = ["TransUNet"]
