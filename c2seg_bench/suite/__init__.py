"""A suite: read from YAML, checked, and cut into cells."""

from c2seg_bench.suite.cell import AnyCell, Cell, OutsideCell, cells, same_settings, score_key
from c2seg_bench.suite.evaluation import Referring, Score, Stress
from c2seg_bench.suite.load import load_suite, stored_suite
from c2seg_bench.suite.method import MethodEntry
from c2seg_bench.suite.outside import OutsideEntry
from c2seg_bench.suite.schema import Dataset, Suite
from c2seg_bench.suite.training import Follow, Noise, Pretrain, Train

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
    "load_suite",
    "same_settings",
    "score_key",
    "stored_suite",
]
