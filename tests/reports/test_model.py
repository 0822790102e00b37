"""Ranks and printed numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.tables.model import Cell, Column, number, ranks

NAN = math.nan


@pytest.mark.parametrize(
    ("values", "better", "expected"),
    [
        ([70.0, 75.0, 72.0], "up", [None, 1, 2]),
        ([30.0, 10.0, 20.0], "down", [None, 1, 2]),
        ([75.001, 74.999, 70.0, 60.0], "up", [1, 1, 2, None]),  # print the same: share the lead, next is second
        ([75.0, 70.0, 70.004, 60.0], "up", [1, 2, 2, None]),
        ([NAN, 70.0, None, 60.0], "up", [None, 1, None, 2]),
        ([math.inf, 3.0], "down", [2, 1]),
        ([70.0], "up", [None]),
        ([70.0, NAN], "up", [None, None]),
        ([], "up", []),
        ([-0.001, 0.001, 1.0], "down", [1, 1, 2]),
    ],
)
def test_ranks(values, better, expected):
    assert ranks(values, better, 2) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=2, max_size=8))
def test_ranks_by_counting_better_values(values):
    """Rank 1: nothing different is better; rank 2: one different value is better."""
    expected = [{0: 1, 1: 2}.get(len({w for w in values if w > v})) for v in values]
    assert ranks([float(v) for v in values], "up", 2) == expected
    assert ranks([-float(v) for v in values], "down", 2) == expected


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(85.254, 2, "85.25"), (-1.5, 1, "−1.5"), (-0.004, 2, "0.00"), (NAN, 2, "–"), (math.inf, 2, "∞"), (None, 1, "–")],
)
def test_number(value, digits, text):
    assert number(value, digits) == text


def test_interval_only_where_both_ends_are_known():
    assert Cell(1.0, 0.5, 1.5).interval == ("0.50", "1.50")
    assert Cell(1.0, NAN, 1.5).interval is None
    assert Cell(1.0).interval is None
    assert Cell(NAN, 0.1, 0.2).interval is None


def test_heading():
    assert Column("HD95", "px", "down").heading == "HD95 (px) ↓"
    assert Column("Text").heading == "Text"
