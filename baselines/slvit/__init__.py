"""SLViT; `model` is the method, the other modules are its parts."""

from baselines.slvit.model import SLViT

__all__ = ["SLViT"]
