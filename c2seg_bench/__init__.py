"""A benchmark of text-guided medical segmentation: how good the masks are, and whether they follow the words.

`evaluate` measures a model that was trained elsewhere; everything else is in the packages below.
"""

from typing import TYPE_CHECKING, Any

from c2seg_bench.packages import check_packages

check_packages()  # before the first import from one of them

from baselines.registry import METHODS  # noqa: E402

if TYPE_CHECKING:
    from c2seg_bench.engine.evaluate.evaluate import evaluate
    from c2seg_bench.engine.evaluate.result import Result

# The entry point in pyproject.toml says the same to whoever imports `baselines` alone. This line keeps C2Seg among the
# methods where the installed metadata is older than the code.
METHODS.include("c2seg_bench.model")

__all__ = ["Result", "evaluate"]


def __getattr__(name: str) -> Any:
    if name in __all__:  # torch is loaded only when a model is evaluated
        from c2seg_bench.engine.evaluate import evaluate as module

        return getattr(module, name)
    raise AttributeError(f"module 'c2seg_bench' has no attribute {name!r}")
