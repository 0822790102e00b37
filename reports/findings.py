"""The result in a few lines: which methods follow the words, who leads, and whether the intervals are separate."""

from __future__ import annotations

from reports.following import following
from reports.leaders import Score, best_first, leading
from reports.run import Run

METRICS = {"dice": "Dice (%)", "corrected": "Chance-corrected consistency"}


def findings(run: Run) -> list[tuple[str, str]]:
    """(lead, sentence) per dataset and question; plain text, to be escaped by the writer."""
    lines = []
    for dataset in run.datasets:
        lines.append((f"{dataset}, do masks follow the words?", following(run, dataset)))
        for metric, title in METRICS.items():
            if scores := _scores(run, dataset, metric):
                collapsed = [m.title for m in run.methods if m.name in run.unranked(dataset)]
                lines.append((f"{dataset}, {title}:", leading(scores, collapsed)))
    return lines


def _scores(run: Run, dataset: str, metric: str) -> list[Score]:
    """Best first; higher is better in both METRICS. A collapsed method is left out, since it cannot lead."""
    rows = run.main[(run.main["dataset"] == dataset) & (run.main["metric"] == metric)].set_index("method")
    ranked = [m for m in run.methods if m.name in rows.index and m.name not in run.unranked(dataset)]
    return best_first([Score.of(method, rows.loc[method.name]) for method in ranked])
