"""One method of a run as a package: scores, rows of the tables, and a description of the data and protocol."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from c2seg_bench.errors import InputError
from c2seg_bench.exchange.manifest import DatasetRecord, Manifest, split_digest
from c2seg_bench.exchange.package import TABLES, Package
from c2seg_bench.files import read_rows, read_table
from c2seg_bench.files.digests import digest
from c2seg_bench.results.axes import TRUTH
from c2seg_bench.results.belonging import without_cells
from c2seg_bench.results.description import described
from c2seg_bench.results.methods import methods, trained_records
from c2seg_bench.results.provenance import dataset_record, provenance
from c2seg_bench.results.run import Run
from c2seg_bench.results.stored_scores import split_referring
from c2seg_bench.rundir import CLEAN, Condition
from c2seg_bench.scoring.conditions import SCORING_VERSION
from c2seg_bench.stress.noisy_prompts import read_prompts
from c2seg_bench.suite import OutsideEntry
from c2seg_bench.suite.schema import RESERVED_LABELS
from metrics.consistency.axes import TABLE_AXES

RANKED = ("group", "rank_lo", "rank_hi")  # among the methods of one run


def export(out: Path, method: str) -> Package:
    """The package of a method.

    Args:
        out: folder of a finished run.
        method: label in its suite.

    Raises:
        InputError: no such run or method.
    """
    run = Run.open(out)
    if method not in run.labels:
        raise InputError(f"--method {method}: {out} has no scores of it; there are {', '.join(run.labels)}")
    alone = replace(run, labels=[method])
    origin = provenance(alone, {name: dataset_record(alone, name) for name in alone.datasets})
    card = methods(alone)[0]
    rows = without_cells(read_rows(run.files.scores), run.foreign)
    raw, _ = split_referring(rows)  # without what the policy fills in: the reader has its own
    scores = raw[raw["method"] == method].drop(columns="prompt").reset_index(drop=True)
    manifest = Manifest(
        method=method,
        title=card["title"],
        uses_text=bool(card["uses_text"]),
        params_m=None if pd.isna(card["params_m"]) else float(card["params_m"]),
        link=link_of(run, method),
        suite=run.suite.name,
        scoring=SCORING_VERSION,
        threshold=origin["threshold"],
        datasets={name: record(run, name) for name in run.datasets if name in set(scores["dataset"])},
        provenance=origin,
    )
    return Package(manifest, scores, ceiling(run, list(manifest.datasets)), tables(run, method))


def link_of(run: Run, method: str) -> str:
    """The address of the method's paper or code, from its card."""
    [entry] = [entry for entry in run.suite.methods if entry.label == method]
    if isinstance(entry, OutsideEntry):
        return entry.link
    return described(run.suite, entry, trained_records(run, method)[0]).link


def record(run: Run, dataset: str) -> DatasetRecord:
    """Everything that the scores of a dataset depend on."""
    cache, truth = run.cache(dataset), run.truth[dataset]
    test = cache.index.iloc[cache.rows("test")].sort_values("name")
    conditions = dict.fromkeys(run.scores.loc[run.scores["dataset"] == dataset, "condition"])
    noisy = {
        text: read_prompts(run.files.noisy_prompts(dataset, Condition.parse(text)))
        for text in conditions
        if text != str(CLEAN)
    }
    return DatasetRecord(
        source=cache.manifest["source"],
        images=len(test),
        split=split_digest(list(test["name"])),
        pictures=digest(test[["name", "image_sha", "mask_sha"]].to_numpy().tolist()),
        prompts=digest(test[["name", "prompt"]].to_numpy().tolist()),
        size=int(cache.manifest["size"]),
        ontology=truth.judge.ontology,
        frame=digest(truth.judge.frame.to_json()),
        noise={text: digest(table[["image", "prompt"]].to_numpy().tolist()) for text, table in noisy.items()},
    )


def ceiling(run: Run, datasets: list[str]) -> pd.DataFrame:
    """The graded scores and the chance of the experts' masks under the clean prompts."""
    columns = [column for axis in TABLE_AXES for column in (axis.score, axis.chance)]
    parts = [
        run.truth[name].rows[columns].astype(float).assign(dataset=name, image=run.truth[name].names)
        for name in datasets
    ]
    return pd.concat(parts, ignore_index=True)[["dataset", "image", *columns]]


def tables(run: Run, method: str) -> dict[str, pd.DataFrame]:
    """The method's rows of the run's tidy tables; of axes.csv also those of the experts and constant predictors."""
    kept = {}
    for name in TABLES:
        path = run.files.table(name)
        if not path.exists():
            continue
        table = read_table(path, ["method"], keep_default_na=False, na_values=[""])
        beside = {TRUTH, *RESERVED_LABELS} if name == "axes" else set()
        table = table[table["method"].isin({method, *beside})]
        kept[name] = table.drop(columns=[c for c in RANKED if c in table]).reset_index(drop=True)
    return kept
