"""Kolmogorov-Arnold layers: splines and radial bases, U-KAN's blocks of them, and their learning rate."""

from baselines.layers.kan.block import KANBlock, KANStage, PatchEmbed
from baselines.layers.kan.linear import KANLinear, RBFLinear, apply_each, kan
from baselines.layers.kan.param_groups import kan_param_groups

__all__ = ["KANBlock", "KANLinear", "KANStage", "PatchEmbed", "RBFLinear", "kan", "kan_param_groups", "apply_each"]
