"""RecLMIS; `model` is the method, the other modules are its parts."""

from baselines.reclmis.model import RecLMIS

__all__ = ["RecLMIS"]
