"""The folder of a run: where each of its files is, and how a condition of the prompts is written in file names."""

from c2seg_bench.rundir.condition import CLEAN, REFERRING_KINDS, Condition, ReferringKind
from c2seg_bench.rundir.folders import CellDir, RunDir

__all__ = ["CLEAN", "REFERRING_KINDS", "CellDir", "Condition", "ReferringKind", "RunDir"]
