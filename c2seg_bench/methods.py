"""Makes the registry complete: `import c2seg_bench.methods` adds C2Seg to the methods of `baselines`."""

from baselines.registry import build, get, names, options
from c2seg_bench.model import c2seg as _c2seg  # noqa: F401  (registers itself)

__all__ = ["build", "get", "names", "options"]
