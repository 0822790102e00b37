"""A benchmark of text-guided medical segmentation: how good the masks are, and whether they follow the words."""

from baselines.registry import METHODS

# The entry point in pyproject.toml says the same to whoever imports `baselines` alone. This line keeps C2Seg among the
# methods where the installed metadata is older than the code.
METHODS.include("c2seg_bench.model")
