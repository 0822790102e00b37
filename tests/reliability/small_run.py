"""A run of a few small images through the command line, and whether what it left is what an undisturbed run leaves."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from tests.reliability.attempt import Ending, attempt

SUITE = """\
name: small
size: tiny
device: cpu
datasets: {phantom: {source: phantom, size: 32, options: {train: 8, val: 4, test: 4}}}
methods: [unet]
train: {epochs: 2, batch: 4, lr: 0.002, clip: 1.0}
stress: {families: [keyboard], severities: [2]}
score: {bootstrap: 100}
"""
SCORES = "scores.parquet"
TEMPORARY = re.compile(r"\..+-\d+(\.[^.]+)?")  # a file that is being written


def warm_up() -> None:
    """Run a suite once in this process, so that all it loads is there for the forked ones: 2 seconds instead of 10."""
    import torch

    torch.set_num_threads(1)
    text = SUITE.replace("methods: [unet]", "methods: [unet, {name: c2seg, pretrain: {epochs: 1, batch: 8}}]")
    printed = io.StringIO()
    with TemporaryDirectory() as folder, redirect_stdout(printed), redirect_stderr(printed):
        try:
            command("run", write_suite(Path(folder), text), "--out", Path(folder, "out"))
        except SystemExit as e:
            assert e.code == 0, printed.getvalue()


def write_suite(folder: Path, text: str = SUITE) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "suite.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def command(*args: str | Path) -> None:
    """The command line, in this process."""
    from c2seg_bench.cli.main import main

    main([str(arg) for arg in args])


def run_again(suite: Path, out: Path, folder: Path) -> Ending:
    """The same command once more, undisturbed, up to the scores: tables and pages are made of them alone."""
    return attempt(lambda: run_to_scores(suite, out), folder)


def run_to_scores(suite: Path, out: Path) -> None:
    """The command `run`, in this process, without the tables, pages and summary that are made of the scores."""
    import reports
    from c2seg_bench.cli import run_summary
    from c2seg_bench.engine.grid import finish

    reports.build = finish.write_tables = lambda *_: []
    run_summary.show = lambda _: None
    command("run", suite, "--out", out)


def finish_run(suite: Path, out: Path, log: Path) -> None:
    """The whole command. What an earlier call has done is kept where the code has not changed since."""
    ending = attempt(lambda: command("run", suite, "--out", out), log)
    assert ending.code == 0, ending.err


class Reference:
    """What an undisturbed run leaves, from two of them: columns in which these differ (dates, seconds) do not count."""

    def __init__(self, folder: Path, text: str = SUITE):
        self.folder, self.suite = folder, write_suite(folder, text)
        self.outs = [folder / "first", folder / "second"]
        for out in self.outs:
            finish_run(self.suite, out, folder / f"log-{out.name}")
        first, second = map(tables_of, self.outs)
        self.columns = {
            name: [c for c in table if c in second[name] and table[c].equals(second[name][c])]
            for name, table in first.items()
        }
        self.tables = {name: table[self.columns[name]] for name, table in first.items()}

    def difference(self, out: Path, tables: bool = True) -> str:
        """The first table (or the scores alone) or leftover in which a run differs; "" where it is the same."""
        found = tables_of(out)
        compared = {name: table for name, table in self.tables.items() if tables or name == SCORES}
        if missing := sorted(compared.keys() - found.keys()):
            return f"no {missing[0]}"
        for name, expected in compared.items():
            columns = self.columns[name]
            if not set(columns) <= set(found[name]) or not found[name][columns].equals(expected):
                return f"wrong number in {name}"
        left = sorted(path.name for path in out.rglob(".*") if TEMPORARY.fullmatch(path.name))
        return f"left {left[0]}" if left else ""


def tables_of(out: Path) -> dict[str, pd.DataFrame]:
    """The scores, in an order of their own, and every tidy table."""
    tables = {path.name: pd.read_csv(path) for path in sorted((out / "tables").glob("*.csv"))}
    if (out / SCORES).exists():
        scores = pd.read_parquet(out / SCORES)
        keys = [c for c in ("dataset", "method", "seed", "condition", "image") if c in scores]
        tables[SCORES] = scores.sort_values(keys).reset_index(drop=True)
    return tables
