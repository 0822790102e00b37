"""run.json: what a reader needs to judge and repeat a run: its data, weights, machine and versions."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from importlib.metadata import version
from itertools import chain
from typing import Any

from c2seg_bench.results.description import described
from c2seg_bench.results.methods import outside_records, trained_records
from c2seg_bench.results.missing import missing_cells
from c2seg_bench.results.run import Run
from c2seg_bench.results.weights import all_encoders, all_weights
from metrics.consistency import parse
from metrics.consistency.reader.coverage import coverage, warning_of

PACKAGES = ("c2seg-bench", "numpy", "transformers", "monai")  # of the report


def provenance(run: Run, datasets: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """The run as a whole. Machine, date and torch are those of the cells, wherever the report is made.

    Args:
        datasets: name -> `dataset_record`.
    """
    entries = [entry for entry in run.suite.trained if entry.label in run.labels]
    trained = {entry.label: trained_records(run, entry.label) for entry in entries}
    outside = [entry.label for entry in run.suite.outside if entry.label in run.labels]
    records = [*chain(*trained.values()), *chain(*(outside_records(run, label) for label in outside))]
    weights = {entry.label: described(run.suite, entry, trained[entry.label][0]).weights for entry in entries}
    dates = [record.date for record in records if record.date]
    torches = {record.torch for record in chain(*trained.values()) if record.torch}
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
        "weights": all_weights(weights),
        "machine": "; ".join(sorted({record.machine for record in records})),
        "versions": {
            "torch": ", ".join(sorted(torches)),
            "python": platform.python_version(),
            **{p: version(p) for p in PACKAGES},
        },
        "missing": missing_cells(run),
        "datasets": dict(datasets),
    }


def dataset_record(run: Run, name: str) -> dict[str, Any]:
    """Where the images come from, and how many images the empty-mask policy touched per method."""
    manifest = run.cache(name).manifest
    subjects = run.subjects(name, run.truth[name].names)
    clean = run.clean_scores[run.clean_scores["dataset"] == name]
    empty = clean[(clean["pred_empty"] == 1) | (clean["target_empty"] == 1)]
    return {
        "source": manifest["source"],
        "published": manifest["published"],
        "size": manifest["size"],
        "counts": manifest["counts"],
        "hash": manifest["hash"],
        "text_sha256": manifest["text_sha256"],
        "frame": run.truth[name].judge.frame_name,
        "ontology": run.truth[name].judge.ontology,
        **_reading(run, name),
        "subjects": None if subjects is None else len(set(subjects) - {""}),
        "test_images": int(run.clean(name, run.labels[0])["image"].nunique()),
        "collapsed": {m: c.to_json() for m, c in run.collapses(name).items()},
        "empty_touched": {m: int((empty["method"] == m).sum()) for m in run.labels},
    }


def _reading(run: Run, name: str) -> dict[str, Any]:
    """The share of test prompts whose text states nothing, and a warning where such prompts are many."""
    ontology = str(run.truth[name].judge.ontology)
    findings = [parse(prompt, ontology) for prompt in run.truth[name].prompts]
    return {"abstained": coverage(findings)["abstained"], "reading_warning": warning_of(findings, ontology)}
