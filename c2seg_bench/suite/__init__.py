"""A suite: read from YAML, checked, and cut into cells."""

from c2seg_bench.suite.cell import AnyCell, Cell, OutsideCell, cells, digest, same_settings, score_key
from c2seg_bench.suite.load import load_suite
from c2seg_bench.suite.outside import OutsideEntry
from c2seg_bench.suite.schema import (
    Dataset,
    Follow,
    MethodEntry,
    Noise,
    Pretrain,
    Referring,
    Score,
    Stress,
    Suite,
    Train,
)

__all__ = [
    "AnyCell",
    "Cell",
    "Dataset",
    "Follow",
    "MethodEntry",
    "Noise",
    "OutsideCell",
    "OutsideEntry",
    "Pretrain",
    "Referring",
    "Score",
    "Stress",
    "Suite",
    "Train",
    "cells",
    "digest",
    "load_suite",
    "same_settings",
    "score_key",
]
