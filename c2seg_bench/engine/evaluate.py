"""A model that was trained elsewhere, measured like the methods of a suite and listed beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import ValidationError
from rich.console import Console

from c2seg_bench.data.cache import Cache
from c2seg_bench.engine.executors import term_as_interrupt
from c2seg_bench.engine.outside_cell import pictures_of, requests_of, run_outside_cell
from c2seg_bench.engine.prepare import check, prepare_all
from c2seg_bench.engine.run import finish, run_cells, with_added
from c2seg_bench.errors import InputError
from c2seg_bench.files import only_one, write_json
from c2seg_bench.outside.pack import check_pack, write_pack
from c2seg_bench.outside.predictor import FROM_PYTHON, Predictor
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import OutsideEntry, Suite, cells, load_suite


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
        scores = pd.read_parquet(RunDir(self.out).scores)
        return scores[scores["method"] == self.method].reset_index(drop=True)

    def table(self, name: str) -> pd.DataFrame:
        """The model's rows of a tidy table: main, axes, stress, robustness, adherence or methods.

        Raises:
            InputError: the run has no such table, because its suite has no noise.
        """
        path = RunDir(self.out).table(name)
        if not path.exists():
            raise InputError(
                f"{path}: no such table; there are {', '.join(sorted(p.stem for p in path.parent.glob('*.csv')))}"
            )
        table = pd.read_csv(path)
        return table[table["method"] == self.method].reset_index(drop=True)

    def __str__(self) -> str:
        lines = [f"{self.method} in {self.report}"]
        for row in self.table("main").to_dict("records"):
            interval = f" [{row['lo']:.2f}, {row['hi']:.2f}]" if np.isfinite(row["lo"]) else ""
            lines.append(f"{row['dataset']}  {row['metric']}  {row['value']:.2f}{interval}")
        return "\n".join(lines)


def evaluate(
    predict: Callable[..., Any] | str | None = None,
    suite: str | Path | Suite = "quick",
    name: str = "My model",
    *,
    batch: int | None = None,
    pictures: Literal["suite", "native"] = "suite",
    predictions: str | Path | None = None,
    pack: str | Path | None = None,
    partial_answers: bool = False,
    params: float | None = None,
    link: str = "",
    uses_text: bool = True,
    version: str = "",
    out: str | Path | None = None,
    console: Console | None = None,
) -> Result:
    """Measure a model on a suite: it gets every distinct picture and prompt once, clean, noisy and edited.

    Its row is added to the tables and the report of the suite's run, beside the methods that were trained there; those
    that were not are left out. A killed evaluation continues where it was, and one that is done is not done again.

    Args:
        predict: `predict(image, prompt)` with an image (H, W, 3) uint8 and a text, which returns (H, W) bool, 0/1,
            0/255 or probabilities in [0, 1], more than 0.5 being lesion; or the name of one, FILE.py:FUNCTION.
        suite: a suite file, the name of one that ships, or a `Suite`.
        name: of the model in print.
        batch: `predict(images, prompts)` takes lists of so many at most, and returns a list of masks.
        pictures: at the suite's size, or "native", as they are in the dataset; masks of these are brought to the
            suite's size as the experts' masks are (shrunk: lesion where it covers half of a pixel or more).
        predictions: a folder of masks named by the ids of a pack, instead of `predict`.
        pack: the pack that was answered; it is checked to be the suite's.
        partial_answers: score answers that are missing in `predictions` as empty masks.
        params: millions of trained parameters; a dash in the tables where it is not given.
        link: to the paper or the code.
        uses_text: whether the model reads the prompt.
        version: of the model; under another one it is called again. A changed FILE.py is noticed without.
        out: folder of the run; by default the suite's own, results/NAME.

    Raises:
        InputError: a wrong argument, a mask that is not one, or answers that are missing or too many; names the
            picture and the prompt.
        RunFailed: `predict` raised an error, which is printed with the picture and the prompt.
    """
    if (predict is None) == (predictions is None):
        raise InputError("give one of predict, a function, and predictions, a folder of masks")
    loaded = suite if isinstance(suite, Suite) else load_suite(suite)
    called = callable(predict)
    try:
        entry = OutsideEntry(
            predictor=FROM_PYTHON if called else predict,  # type: ignore[arg-type]
            predictions=None if predictions is None else str(predictions),
            batch=None if predictions is not None else batch,
            pictures=pictures,
            partial=partial_answers,
            version=version,
            title=name,
            params=params,
            link=link,
            uses_text=uses_text,
            added=True,
        )
    except ValidationError as e:
        first = e.errors()[0]
        raise InputError(f"{'.'.join(map(str, first['loc'])) or 'evaluate'}: {first['msg']}") from None
    run = RunDir(Path(out or loaded.out or f"results/{loaded.name}"))
    console = console or Console(stderr=True)
    function = run_outside_cell
    if callable(predict):
        function = partial(run_outside_cell, predictor=Predictor(predict, batch))  # type: ignore[assignment]
    alone = only_with(loaded, entry)
    check(alone)
    with only_one(run.out), term_as_interrupt():
        prepare_all(alone, run, console)
        if pack is not None:
            check_pack(Path(pack), [requests_of(loaded, run, d, Cache.open(run.data(d))) for d in loaded.datasets])
        run_cells(cells(alone, run.out), "local", 1, console, function)  # type: ignore[arg-type]
        whole = joined(loaded, entry, run)
        write_json(run.suite, whole.model_dump())
        finish(whole, run, console)
    return Result(run.out, entry.label)


def only_with(suite: Suite, entry: OutsideEntry) -> Suite:
    """The suite with this model alone. InputError where a method of the suite has its label."""
    if entry.label in [method.label for method in suite.methods]:
        raise InputError(f"name {entry.title!r}: the suite has a method {entry.label} already; give another name")
    return suite.model_copy(update={"methods": [entry]})


def joined(suite: Suite, entry: OutsideEntry, run: RunDir) -> Suite:
    """The suite, the models that were added to its run before, and this one."""
    others = [method for method in with_added(suite, run).methods if method.label != entry.label]
    return suite.model_copy(update={"methods": [*others, entry]})


def pack_suite(suite: Suite, name: str, pack: Path, run: RunDir, console: Console, native: bool = False) -> int:
    """Write everything that the suite asks of a model into the folder `pack`. Returns the number of requests.

    Args:
        name: of the suite on the command line, for the README.
        run: where the prepared data is kept, and where `evaluate` finds it.
        native: pictures as they are in the dataset, instead of at the suite's size.
    """
    alone = suite.model_copy(update={"methods": []})
    check(alone)
    kind = "native" if native else "suite"
    with only_one(run.out), term_as_interrupt():
        prepare_all(alone, run, console)
        caches = {dataset: Cache.open(run.data(dataset)) for dataset in suite.datasets}
        asked = [(requests_of(suite, run, dataset, cache), cache) for dataset, cache in caches.items()]
        readers = {dataset: pictures_of(suite, dataset, kind, cache) for dataset, cache in caches.items()}
        return write_pack(pack, name, asked, lambda dataset, row: readers[dataset](row))
