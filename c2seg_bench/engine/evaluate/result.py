"""What the evaluation of a model leaves, to read in Python."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from c2seg_bench.errors import InputError
from c2seg_bench.files import read_rows, read_table
from c2seg_bench.rundir import RunDir


@dataclass(frozen=True)
class Result:
    """What an evaluation left.

    Args:
        out: folder of the run.
        method: label of the model's row in it.
    """

    out: Path
    method: str

    @property
    def report(self) -> Path:
        """The report of all models of the run; report.html lies beside it."""
        return RunDir(self.out).report

    @property
    def scores(self) -> pd.DataFrame:
        """One row per image and condition; docs/schema.md has the columns."""
        scores = read_rows(RunDir(self.out).scores)
        return scores[scores["method"] == self.method].reset_index(drop=True)

    def table(self, name: str) -> pd.DataFrame:
        """The model's rows of a tidy table: main, axes, stress, robustness, adherence, referring or methods.

        Raises:
            InputError: the run has no such table, because its suite has no noise or no such prompts.
        """
        table = self._read(name, ["method"])
        return table[table["method"] == self.method].reset_index(drop=True)

    def all_rows(self, name: str) -> pd.DataFrame:
        """A tidy table with the rows of all methods and references; errors as `table`."""
        return self._read(name, [])

    def _read(self, name: str, columns: list[str]) -> pd.DataFrame:
        """A tidy table that has at least these columns."""
        path = RunDir(self.out).table(name)
        if not path.exists():
            raise InputError(
                f"{path}: no such table; there are {', '.join(sorted(p.stem for p in path.parent.glob('*.csv')))}"
            )
        return read_table(path, columns)

    def __str__(self) -> str:
        lines = [f"{self.method} in {self.report}"]
        for row in self.table("main").to_dict("records"):
            interval = f" [{row['lo']:.2f}, {row['hi']:.2f}]" if np.isfinite(row["lo"]) else ""
            lines.append(f"{row['dataset']}  {row['metric']}  {row['value']:.2f}{interval}")
        return "\n".join(lines)
