"""A whole suite: prepare, embed, freeze the noise, run the cells, gather the scores, report."""

from __future__ import annotations

import time
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

from rich.console import Console

from c2seg_bench.data.source import SPLITS
from c2seg_bench.engine import checkpoint
from c2seg_bench.engine.bar import bar
from c2seg_bench.engine.cell import (
    conditions,
    is_current,
    open_inputs,
    rows_of_test,
    run_cell,
)
from c2seg_bench.engine.device import uses_cuda
from c2seg_bench.engine.display import Watch, cell_name
from c2seg_bench.engine.executors import execute, term_as_interrupt
from c2seg_bench.engine.noise import all_variants
from c2seg_bench.errors import WRONG_INPUT, InputError
from c2seg_bench.files import atomic, only_one, write_json
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import Cell, Suite, cells


class RunFailed(Exception):
    """Some cells failed; what the others computed is kept."""


def run_suite(
    suite: Suite, out: Path, engine: str = "local", only: str | None = None, console: Console | None = None
) -> Path:
    """Run every cell that is not done yet and write the report. Returns `out`.

    Raises:
        InputError: the suite names something that is not there, before anything is computed.
        RunFailed: a cell failed; run the same command again to go on from what is done.
    """
    console = console or Console(stderr=True)
    grid = cells(suite, out, only)
    wanted = suite.model_copy(update={"methods": [m for m in suite.methods if m in [c.method for c in grid]]})
    if engine == "local":  # elsewhere other machines have the GPU
        uses_cuda(wanted)
    check(wanted)  # with `only`, what the others lack stops nobody
    if lacking := wanted.without_official():
        console.print(
            f"no official recipe is known of {', '.join(lacking)}: trained as the suite says", highlight=False
        )
    with only_one(out), term_as_interrupt():
        prepare_all(wanted, out, console)
        write_json(RunDir(out).suite, suite.model_dump())
        run_cells(grid, engine, suite.workers, console)
        return finish(suite, out, console)


def run_cells(grid: list[Cell], engine: str, workers: int, console: Console) -> None:
    """Run the cells and tell of each as it ends. RunFailed at the end where some failed."""
    failed = []
    start = time.monotonic()
    # closed on an error, so that the remaining cells are not run before it is reported
    with Watch(grid, console) as watch, closing(execute(grid, run_cell, engine, workers)) as results:
        for cell, error, trace in results:
            if isinstance(error, WRONG_INPUT):
                raise error
            minutes = (time.monotonic() - start) / 60
            watch.done(
                cell, f"[{minutes:5.1f} min] {cell_name(cell)}: " + (f"FAILED: {error}" if error else _outcome(cell))
            )
            if error:
                failed.append((cell, trace))
    if failed:
        for cell, trace in failed:
            console.print(f"--- {cell_name(cell)}\n{trace}", markup=False, highlight=False)
        raise RunFailed(f"{len(failed)} of {len(grid)} cells failed; what is done is kept, run the same command again")


def finish(suite: Suite, out: Path, console: Console) -> Path:
    """Gather the scores of the cells that are done, make the tidy tables and the report."""
    import pandas as pd

    import reports
    from c2seg_bench.results.write import write_tables

    done = current_cells(suite, out, console)
    scores = pd.concat([pd.read_parquet(c.files.scores) for c in done], ignore_index=True)
    with atomic(RunDir(out).scores) as temporary:
        scores.to_parquet(temporary, index=False)
    write_tables(out)
    for path in reports.build(out):
        console.print(f"wrote {path}", markup=False, highlight=False)
    return out


def current_cells(suite: Suite, out: Path, console: Console) -> list[Cell]:
    """The cells whose scores are those of this suite; one line for each that was done under other settings."""

    @lru_cache(maxsize=1)  # a table may be large
    def material_of(dataset: str, text: str) -> Any:
        return open_inputs(next(c for c in done if (c.dataset, c.text) == (dataset, text)))

    def current(cell: Cell) -> bool:
        try:
            return is_current(cell, material_of(cell.dataset, cell.text))
        except (*WRONG_INPUT, FileNotFoundError):  # its prompts are not those of the data any more
            return False

    done = [c for c in cells(suite, out) if c.files.record.exists() and c.files.scores.exists()]
    kept = {c.folder for c in sorted(done, key=lambda c: (c.dataset, c.text)) if current(c)}
    for cell in done:
        if cell.folder not in kept:
            console.print(f"{cell_name(cell)}: done under other settings, left out", highlight=False)
    return [c for c in done if c.folder in kept]


def check(suite: Suite) -> None:
    """All names, folders and weights of the suite, so that a typo or a missing download costs seconds, not a night."""
    from baselines import registry
    from c2seg_bench.data.source import SOURCES
    from c2seg_bench.stress import FAMILIES
    from c2seg_bench.text.encoder import load_encoder

    for name, entry in suite.datasets.items():
        if entry.source not in SOURCES:
            raise InputError(
                f"datasets.{name}.source: {entry.source!r} is unknown; there are {', '.join(sorted(SOURCES))}"
            )
        if entry.root is not None and not Path(entry.root).expanduser().is_dir():
            raise InputError(f"datasets.{name}.root: {entry.root}: no such folder; give where the dataset lies")
    trained = [f for m in suite.methods if (noise := suite.training(m).noise) for f in noise.families]
    for family in [*suite.stress.families, *trained]:
        if family not in FAMILIES:
            raise InputError(f"stress.families: {family!r} is unknown; there are {', '.join(sorted(FAMILIES))}")
    for method in suite.methods:
        registry.options(method.name, method.size or suite.size)  # before an encoder is waited for
        if method.pretrain and suite.pretraining(method).epochs and not registry.get(method.name).card.pretrains:
            raise InputError(f"{method.label}: pretrain: this method has no pretraining; leave the key out")
    for method in suite.methods:  # building tells of wrong options, picture sizes, and weights that cannot be had
        encoder = load_encoder(suite.encoder(method))
        text = encoder.spec(64)
        for size in sorted({entry.size for entry in suite.datasets.values()}):
            registry.build(method.name, method.size or suite.size, text, size, **suite.options(method))


def prepare_all(suite: Suite, out: Path, console: Console) -> None:
    """Caches, frozen noisy prompts, and by every encoder one embedding for every distinct prompt of the suite."""
    from c2seg_bench.data.cache import prepare
    from c2seg_bench.text.encoder import load_encoder
    from c2seg_bench.text.prompt_table import PromptTable

    prompts: list[str] = []
    for name, entry in suite.datasets.items():
        root = Path(entry.root).expanduser() if entry.root else None
        folder, workers = RunDir(out).data(name), suite.workers
        with bar(f"prepare {name}", console) as progress:
            cache = prepare(entry.source, folder, entry.size, root, workers, progress, **entry.options)
        require_splits(name, cache)
        console.print(f"{name}: {len(cache.index)} pairs at {entry.size}x{entry.size}", highlight=False)
        prompts += list(cache.index["prompt"])
        prompts += freeze_noise(suite, out, name, cache)
        train = list(cache.index["prompt"].iloc[cache.rows("train")])
        for noise in filter(None, (suite.training(m).noise for m in suite.methods)):
            prompts += all_variants(train, noise)
    for name in suite.encoders():
        with bar(f"embed prompts by {name}", console) as progress:
            table = PromptTable.build(prompts, load_encoder(name), RunDir(out).text(name), progress)
        console.print(f"text: {len(table.prompts)} distinct prompts embedded by {name}", highlight=False)


def require_splits(dataset: str, cache: Any) -> None:
    """InputError where a split has no pairs: weights are kept by the Dice of val, scores are those of test."""
    for split in SPLITS:
        if not len(cache.rows(split)):
            raise InputError(f"datasets.{dataset}: no pairs in the split {split}; a run needs {', '.join(SPLITS)}")


def freeze_noise(suite: Suite, out: Path, dataset: str, cache: Any) -> list[str]:
    """Write the noisy prompts of the test split once; every method and seed meets the same ones."""
    from c2seg_bench.stress.noisy_prompts import frozen_prompts

    first = min(suite.seeds)  # whatever their order in the file
    cell = Cell(suite, dataset, suite.methods[0], first, out)
    _, swept = rows_of_test(cell, cache)
    names, clean = list(cache.index["name"].iloc[swept]), list(cache.index["prompt"].iloc[swept])
    found: list[str] = []
    for condition in conditions(cell)[1:]:
        path = RunDir(out).noisy_prompts(dataset, condition)
        found += list(frozen_prompts(path, names, clean, condition.family, condition.severity, first)["prompt"])
    return found


def _outcome(cell: Cell) -> str:
    known = checkpoint.metadata(cell.files.checkpoint) or {}
    dice, minutes = 100 * known.get("val_dice", float("nan")), known.get("seconds", 0) / 60
    return f"val Dice {dice:.1f} in epoch {known.get('epoch')}, {minutes:.1f} min of training"
