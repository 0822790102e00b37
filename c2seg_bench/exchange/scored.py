"""Per-image scores from wherever they lie: a CSV of `score`, a run's folder, or an exported zip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from c2seg_bench.errors import InputError
from c2seg_bench.files import read_rows
from c2seg_bench.results.by_image import ByImage
from c2seg_bench.results.check_scores import check_columns
from c2seg_bench.rundir import CLEAN, RunDir
from metrics.catalogue import METRICS, Metric
from metrics.consistency.axes import STATED
from metrics.errors import InputError as MetricError
from metrics.summary import fill_empty
from metrics.table import COUNTS, FLAGS

NEEDED = ("image", "dice", "pred_empty", "target_empty")
AXES = tuple(
    Metric(axis.name, axis.name.capitalize(), f"graded score on {axis.name}", axis.score, "%", 100.0)
    for axis in STATED
    if axis.in_tables
)
COMPARABLE = (*(metric for metric in METRICS.values() if metric.column), *AXES)


@dataclass(frozen=True)
class Scored:
    """The scores of one method on one dataset, under one condition of the prompts.

    Args:
        name: what to call it in print.
        dataset: empty for a CSV of `score`, which does not say.
        method: label in the suite; empty for a CSV.
        rows: one per image and seed, with columns `seed`, `image` and those of `score`; what an empty mask leaves
            undefined is filled by the policy.
    """

    name: str
    dataset: str
    method: str
    rows: pd.DataFrame

    @property
    def images(self) -> list[str]:
        return sorted(self.rows["image"].unique())

    @property
    def metrics(self) -> list[Metric]:
        """Those that some image has a value of."""
        return [m for m in COMPARABLE if m.column in self.rows and self.rows[m.column].notna().any()]

    def values(self, metric: Metric, images: Sequence[str]) -> np.ndarray:
        """(seeds, images) in the unit of the metric as printed."""
        return metric.scale * ByImage(self.rows, list(images))[metric.column]

    def of_image(self, column: str, images: Sequence[str]) -> np.ndarray:
        """(images,) of a column that does not depend on the seed."""
        return self.rows.drop_duplicates("image").set_index("image")[column].loc[list(images)].to_numpy()


def read_scored(source: str, empty: str = "diagonal", condition: str = str(CLEAN)) -> list[Scored]:
    """The scores that SOURCE names, one entry per dataset and method.

    Args:
        source: a CSV of `score`; the folder of a run, or FOLDER:METHOD for one of its methods; a zip of `export`.
        empty: policy for the distances of empty masks, `metrics.summarise`.
        condition: `clean`, or FAMILY-SEVERITY; a CSV has no other than its own prompts.

    Raises:
        InputError: there is no such file, method or condition, or it is not such a table.
    """
    path, method = Path(source), ""
    if not path.exists() and ":" in source:
        folder, _, method = source.rpartition(":")
        path = Path(folder)
    if path.is_dir():
        return of_run(path, method, empty, condition)
    if path.suffix.lower() == ".csv" and path.is_file():
        return [of_csv(path, empty)]
    if path.suffix.lower() == ".zip" and path.is_file():
        from c2seg_bench.exchange.read_package import read_package

        package = read_package(path)
        return of_table(package.scores, path, package.method, empty, condition, {package.method: package.title})
    raise InputError(f"{source}: no such scores; give a CSV of score, RUN:METHOD, RUN, or a zip of export")


def of_csv(path: Path, empty: str) -> Scored:
    """The table that `c2seg-bench score` writes."""
    try:
        rows = pd.read_csv(path, dtype={"image": str})
    except (OSError, ValueError) as e:
        raise InputError(f"{path}: not a CSV ({' '.join(str(e).split())}); give one that score wrote") from None
    if missing := [name for name in NEEDED if name not in rows]:
        raise InputError(f"{path}: no column {', '.join(missing)}; give a CSV that score wrote")
    if len(twice := rows["image"][rows["image"].duplicated()]):
        raise InputError(f"{path}: image {twice.iloc[0]} is there twice; keep one row per image")
    for column in (*(metric.column for metric in COMPARABLE), *FLAGS, *COUNTS):
        if column in rows and not pd.api.types.is_numeric_dtype(rows[column]):
            wrong = rows[column][pd.to_numeric(rows[column], errors="coerce").isna() & rows[column].notna()]
            raise InputError(f"{path}: column {column}, row {wrong.index[0] + 2}: {wrong.iloc[0]!r:.40} is no number")
    return Scored(path.name, "", "", filled(rows.assign(seed=0), empty, path))


def of_run(out: Path, method: str, empty: str, condition: str) -> list[Scored]:
    """All methods of a run, or the one with this label."""
    files = RunDir(out)
    if not (files.suite.exists() and files.scores.exists()):
        raise InputError(f"{out}: no suite.json and scores.parquet; give the folder of a finished run")
    check_columns(files.scores, ("dataset", "method", "seed", "condition", *NEEDED))
    return of_table(read_rows(files.scores), out, method, empty, condition, {})


def of_table(
    scores: pd.DataFrame, where: Path, method: str, empty: str, condition: str, titles: dict[str, str]
) -> list[Scored]:
    """The entries of a table with the columns of scores.parquet; `method` alone where it is given."""
    for what, column, value in (("method", "method", method), ("condition", "condition", condition)):
        known = list(dict.fromkeys(scores[column]))
        if value and value not in known:
            raise InputError(f"{where}: no {what} {value!r}; there are {', '.join(known)}")
        scores = scores[scores[column] == value] if value else scores
    return [
        Scored(titles.get(label, f"{where}:{label}"), dataset, label, filled(rows, empty, where))
        for (dataset, label), rows in scores.groupby(["dataset", "method"], sort=False)
    ]


def filled(rows: pd.DataFrame, empty: str, where: Path) -> pd.DataFrame:
    try:
        return fill_empty(rows, empty)
    except MetricError as e:
        raise InputError(f"{where}: {e}") from None
