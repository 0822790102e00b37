"""What `score` prints of a summary beside its tables."""

from pathlib import Path

import pytest

from c2seg_bench.cli.score_summary import show
from reports.tables.captions import FEW


def summary(n: int, subjects: int | None = None) -> dict:
    return {
        "n": n,
        "subjects": subjects,
        "unit": "px",
        "empty": "diagonal",
        "dice": 0.8,
        "interval": {"dice": (0.7, 0.9)},
        "pooled": {"dice": 0.81},
        "only_pred_empty": 0,
        "only_target_empty": 0,
        "both_empty": 0,
    }


@pytest.mark.parametrize(
    ("n", "subjects", "warning"),
    [
        (6, None, "Only 6 images: intervals are rough below 100."),
        (400, 12, "Only 12 subjects: intervals are rough below 100."),
        (FEW, None, ""),
        (400, FEW, ""),
    ],
)
def test_a_small_sample_carries_a_warning(capsys, n, subjects, warning):
    show(summary(n, subjects), Path("scores.csv"), ["dice"])
    printed = " ".join(capsys.readouterr().out.split())
    assert warning in printed and ("are rough" in printed) == bool(warning)
    assert "Pooled: all images scored as one." in printed and "One row per image: scores.csv" in printed
