"""methods.csv: a row for each method of the run: its size, cost, weights, and what differs from its paper."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from c2seg_bench.errors import InputError
from c2seg_bench.results.description import described
from c2seg_bench.results.records import AGAIN, OutsideRecord, Record, TrainedRecord, read_record
from c2seg_bench.results.run import Run
from c2seg_bench.results.weights import weights_of
from c2seg_bench.suite import MethodEntry, OutsideEntry


def trained_records(run: Run, label: str) -> list[TrainedRecord]:
    """What is recorded beside the weights of a method, for each dataset and seed with scores.

    Raises:
        InputError: a record is missing, damaged, or of an earlier version.
    """
    cells = [run.files.cell(dataset, label, seed) for dataset, seed in _trainings(run, label)]
    return [_existing(cell.checkpoint.with_suffix(".json"), TrainedRecord) for cell in cells]


def outside_records(run: Run, label: str) -> list[OutsideRecord]:
    """What is recorded of a model that was trained elsewhere, for each dataset. Raises as `trained_records`."""
    return [
        _existing(run.files.cell(dataset, label, seed).record, OutsideRecord)
        for dataset, seed in _trainings(run, label)
    ]


def _trainings(run: Run, label: str) -> list[tuple[str, int]]:
    """(dataset, seed) of each training of a method with scores."""
    return [(dataset, seed) for dataset, method, seed in run.trainings if method == label]


def _existing(path: Path, kind: type[Record]) -> Record:
    record = read_record(path, kind)
    if record is None:
        raise InputError(f"{path}: no such file; {AGAIN}")
    return record


def readers(run: Run) -> set[str]:
    """Labels of the methods that read the prompt, as their cells say: some do only with certain options."""
    scored = {label for _, label, _ in run.trainings}
    outside = {entry.label for entry in run.suite.outside if entry.uses_text}
    trained = {entry.label for entry in run.suite.trained}
    return (outside & scored) | {label for label in trained & scored if trained_records(run, label)[0].uses_text}


def methods(run: Run) -> list[dict[str, Any]]:
    """A row per method with scores, in the suite's order."""
    entries = [entry for entry in run.suite.methods if entry.label in run.labels]
    return [_outside(run, entry) if isinstance(entry, OutsideEntry) else _trained(run, entry) for entry in entries]


def _trained(run: Run, entry: MethodEntry) -> dict[str, Any]:
    records = trained_records(run, entry.label)
    first, card = records[0], described(run.suite, entry, records[0])
    return {
        "method": entry.label,
        "title": card.title if entry.label == entry.name else f"{card.title} ({entry.label})",
        "uses_text": first.uses_text,
        "published": card.published or "",
        "params_m": first.params.trainable,
        "thop_m": first.params.thop,
        "minutes": float(np.mean([record.seconds for record in records])) / 60,
        "epochs": float(np.mean([record.epochs for record in records])),
        "deviations": " ".join(card.deviations),
        "weights": weights_of(card.weights),
    }


def _outside(run: Run, entry: OutsideEntry) -> dict[str, Any]:
    """A model that was trained elsewhere: what its card does not say is left empty."""
    records = outside_records(run, entry.label)
    missing, requested = sum(record.missing for record in records), sum(record.requests for record in records)
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
