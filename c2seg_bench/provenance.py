"""What a reader needs to judge and repeat a run: its methods, data, weights, machine and versions."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from c2seg_bench.data.cache import Cache
from c2seg_bench.engine import checkpoint
from c2seg_bench.errors import InputError
from c2seg_bench.results.weights import all_encoders, all_weights, weights_of
from c2seg_bench.rundir import CLEAN, RunDir

if TYPE_CHECKING:
    from c2seg_bench.summary import Summary

PACKAGES = ("c2seg-bench", "numpy", "transformers", "monai")  # of the report


def cells_of(run: Summary, label: str) -> list[dict[str, Any]]:
    """What stands beside the weights of a method's cells, one for each dataset and seed."""
    own = run.scores[run.scores["method"] == label][["dataset", "seed"]].drop_duplicates()
    found = []
    for dataset, number in own.itertuples(index=False):
        cell = RunDir(run.out).cell(dataset, label, number)
        found.append(checkpoint.metadata(cell.checkpoint) or {})
        if "params" not in found[-1]:
            raise InputError(
                f"{cell.folder}: no checkpoint, or one of an earlier version; delete the folder and run again"
            )
    return found


def methods(run: Summary) -> list[dict[str, Any]]:
    """A row for each method of the run: its size, cost, what differs from the paper."""
    from baselines import registry

    rows = []
    for entry in run.suite.methods:
        if entry.label not in run.labels:
            continue
        known = cells_of(run, entry.label)
        first, card = known[0], registry.get(entry.name).card
        title = card.title if entry.label == entry.name else f"{card.title} ({entry.label})"
        rows.append(
            {
                "method": entry.label,
                "title": title,
                "uses_text": first["uses_text"],
                "published": card.published or "",
                "params_m": first["params"]["trainable"],
                "thop_m": first["params"]["thop"],
                "minutes": float(np.mean([k["seconds"] for k in known])) / 60,
                "epochs": float(np.mean([k["epochs"] for k in known])),
                "deviations": " ".join(card.deviations),
                "weights": weights_of(run.suite, entry),
            }
        )
    return rows


def about(run: Summary) -> dict[str, Any]:
    """The run as a whole. Machine, date and torch are those of the trainings, wherever the report is made."""
    trained = [cell for label in run.labels for cell in cells_of(run, label)]
    datasets = {}
    for name in run.datasets:
        manifest = Cache.open(RunDir(run.out).data(name)).manifest
        first = run.clean(name, run.labels[0])
        touched = run.scores[(run.scores["dataset"] == name) & (run.scores["condition"] == str(CLEAN))]
        empty = touched[(touched["pred_empty"] == 1) | (touched["target_empty"] == 1)]
        datasets[name] = {
            "source": manifest["source"],
            "published": manifest["published"],
            "size": manifest["size"],
            "counts": manifest["counts"],
            "hash": manifest["hash"],
            "text_sha256": manifest["text_sha256"],
            "frame": run.truth[name].judge.frame_name,
            "ontology": run.truth[name].judge.ontology,
            "test_images": int(first["image"].nunique()),
            "empty_touched": {m: int((empty["method"] == m).sum()) for m in run.labels},
        }
    dates = [cell["date"] for cell in trained if "date" in cell]  # earlier versions did not write it
    return {
        "suite": run.suite.name,
        "date": " to ".join(sorted({min(dates), max(dates)})) if dates else None,
        "text": all_encoders(run.suite, run.labels),
        "size": run.suite.size,
        "seeds": run.suite.seeds,
        "empty": run.suite.score.empty,
        "threshold": 0.5,
        "aggregation": "per-image",
        "bootstrap": run.suite.score.bootstrap,
        "weights": all_weights(run.suite, run.labels),
        "machine": "; ".join(sorted({cell["machine"] for cell in trained})),
        "versions": {
            "torch": ", ".join(sorted({cell["torch"] for cell in trained})),
            "python": platform.python_version(),
            **{p: version(p) for p in PACKAGES},
        },
        "datasets": datasets,
    }
