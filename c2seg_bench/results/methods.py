"""methods.csv: a row for each method of the run: its size, cost, weights, and what differs from its paper."""

from __future__ import annotations

from typing import Any

import numpy as np

from c2seg_bench.errors import InputError
from c2seg_bench.files import read_json
from c2seg_bench.results.description import described
from c2seg_bench.results.run import Run
from c2seg_bench.results.weights import weights_of
from c2seg_bench.suite import MethodEntry, OutsideEntry


def cell_records(run: Run, label: str) -> list[dict[str, Any]]:
    """What is recorded of a method's cells, one for each dataset and seed: of a trained one beside its weights."""
    elsewhere = label in [entry.label for entry in run.suite.outside]
    records = []
    for dataset, seed in [(d, s) for d, m, s in run.trainings if m == label]:
        cell = run.files.cell(dataset, label, seed)
        path, what = (cell.record, "record") if elsewhere else (cell.checkpoint.with_suffix(".json"), "checkpoint")
        records.append(read_json(path) or {})
        if ("requests" if elsewhere else "params") not in records[-1]:
            raise InputError(f"{cell.folder}: no {what}, or one of an earlier version; delete the folder and run again")
    return records


def readers(run: Run) -> set[str]:
    """Labels of the methods that read the prompt, as their cells say: some do only with certain options."""
    outside = {entry.label: entry.uses_text for entry in run.suite.outside}
    trained = {label for _, label, _ in run.trainings}
    return {m for m in trained if (outside[m] if m in outside else cell_records(run, m)[0]["uses_text"])}


def methods(run: Run) -> list[dict[str, Any]]:
    """A row per method with scores, in the suite's order."""
    entries = [entry for entry in run.suite.methods if entry.label in run.labels]
    return [_outside(run, entry) if isinstance(entry, OutsideEntry) else _trained(run, entry) for entry in entries]


def _trained(run: Run, entry: MethodEntry) -> dict[str, Any]:
    cells = cell_records(run, entry.label)
    first = cells[0]
    card = described(run.suite, entry, first)
    return {
        "method": entry.label,
        "title": card["title"] if entry.label == entry.name else f"{card['title']} ({entry.label})",
        "uses_text": first["uses_text"],
        "published": card["published"] or "",
        "params_m": first["params"]["trainable"],
        "thop_m": first["params"]["thop"],
        "minutes": float(np.mean([cell["seconds"] for cell in cells])) / 60,
        "epochs": float(np.mean([cell["epochs"] for cell in cells])),
        "deviations": " ".join(card["deviations"]),
        "weights": weights_of(card["weights"]),
    }


def _outside(run: Run, entry: OutsideEntry) -> dict[str, Any]:
    """A model that was trained elsewhere: what its card does not say is left empty."""
    cells = cell_records(run, entry.label)
    missing, requested = (sum(cell[key] for cell in cells) for key in ("missing", "requests"))
    how = f"called as {entry.predictor}" if entry.predictions is None else "scored from files"
    size = "the dataset's own size" if entry.pictures == "native" else "the suite's size"
    parts = [f"Trained elsewhere, {how}, on images of {size}."]
    parts += [f"{missing} of {requested} answers are missing and scored as empty masks."] if missing else []
    parts += [entry.link] if entry.link else []
    return {
        "method": entry.label,
        "title": entry.title,
        "uses_text": entry.uses_text,
        "published": "",
        "params_m": np.nan if entry.params is None else entry.params,
        "thop_m": np.nan,
        "minutes": np.nan,
        "epochs": np.nan,
        "deviations": " ".join(parts),
        "weights": "",
    }
