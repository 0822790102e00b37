"""methods.csv: a row for each method of the run: its size, cost, weights, and what differs from its paper."""

from __future__ import annotations

from typing import Any

import numpy as np

from c2seg_bench.errors import InputError
from c2seg_bench.files import read_json
from c2seg_bench.results.run import Run
from c2seg_bench.results.weights import weights_of


def trained_cells(run: Run, label: str) -> list[dict[str, Any]]:
    """What is recorded beside the weights of a method's cells, one for each dataset and seed."""
    own = run.scores[run.scores["method"] == label][["dataset", "seed"]].drop_duplicates()
    records = []
    for dataset, number in own.itertuples(index=False):
        cell = run.files.cell(dataset, label, number)
        records.append(read_json(cell.checkpoint.with_suffix(".json")) or {})
        if "params" not in records[-1]:
            raise InputError(
                f"{cell.folder}: no checkpoint, or one of an earlier version; delete the folder and run again"
            )
    return records


def methods(run: Run) -> list[dict[str, Any]]:
    """A row per method with scores, in the suite's order."""
    from baselines import registry

    rows = []
    for entry in run.suite.methods:
        if entry.label not in run.labels:
            continue
        cells = trained_cells(run, entry.label)
        first, card = cells[0], registry.get(entry.name).card
        title = card.title if entry.label == entry.name else f"{card.title} ({entry.label})"
        rows.append(
            {
                "method": entry.label,
                "title": title,
                "uses_text": first["uses_text"],
                "published": card.published or "",
                "params_m": first["params"]["trainable"],
                "thop_m": first["params"]["thop"],
                "minutes": float(np.mean([cell["seconds"] for cell in cells])) / 60,
                "epochs": float(np.mean([cell["epochs"] for cell in cells])),
                "deviations": " ".join(card.deviations),
                "weights": weights_of(run.suite, entry),
            }
        )
    return rows
