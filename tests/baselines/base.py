"""The contract's tests, as the methods of this project take them: each says which pictures it refuses."""

from __future__ import annotations

from typing import ClassVar

from c2seg_bench import testing
from c2seg_bench.testing import SPEC, pictures, prompts, targets

__all__ = ["SPEC", "MethodTest", "pictures", "prompts", "targets"]


class MethodTest(testing.MethodTest):
    """As `testing.MethodTest`, where a size that is not a multiple of the method's is refused by name."""

    wrong_size: ClassVar[int | None] = 65
