"""metrics.csv: what the report needs to know of each metric to print it."""

from __future__ import annotations

from typing import Any

from c2seg_bench.results.run import Run


def metrics(run: Run) -> list[dict[str, Any]]:
    """A row per metric of main.csv, in the order of its columns when printed."""
    return [
        {
            "metric": metric.name,
            "title": metric.title,
            "unit": metric.unit,
            "better": "up" if metric.higher_is_better else "down",
            "printed": metric.printed,
            "fills_empty": metric.empty is not None,
            "meaning": metric.meaning,
        }
        for metric in run.metrics
    ]
