"""Measuring a model that was trained elsewhere like the methods of a suite, and listing it beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError
from rich.console import Console

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.engine.cell.outside_cell import run_outside_cell
from c2seg_bench.engine.cell.outside_requests import requests_of
from c2seg_bench.engine.evaluate.result import Result
from c2seg_bench.engine.grid.check import check_suite
from c2seg_bench.engine.grid.finish import RunFailed, finish, with_added
from c2seg_bench.engine.grid.interruption import interruptible
from c2seg_bench.engine.grid.prepare import prepare_all
from c2seg_bench.engine.grid.repair import repair
from c2seg_bench.engine.grid.run_cells import run_cells
from c2seg_bench.errors import InputError
from c2seg_bench.files import only_one, write_json
from c2seg_bench.outside.pack import check_pack
from c2seg_bench.outside.predictor import FROM_PYTHON, Predictor, load_function
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import AnyCell, OutsideCell, OutsideEntry, Suite, cells, load_suite
from c2seg_bench.suite.schema import RESERVED_LABELS
from c2seg_bench.terminal.console import PlainConsole


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
    """Measure a model on every distinct image and prompt of a suite (clean, noisy and edited).

    The model becomes a row in the tables and the report of the suite's run, beside the methods that were trained
    there. A killed evaluation continues where it stopped, and a finished one is not repeated.

    Args:
        predict: function `predict(image, prompt)`, or its name as FILE.py:FUNCTION. It takes an image (H, W, 3) uint8
            and a text, and returns (H, W) bool, 0/1, 0/255 or probabilities in [0, 1], with lesion above 0.5.
        suite: a suite file, the name of one that ships, or a `Suite`.
        name: the model's title in tables.
        batch: if given, `predict(images, prompts)` takes lists of at most this length and returns a list of masks.
        pictures: "suite" for images at the suite's size, "native" for the dataset's own. Native masks are resized
            like the experts' masks: a pixel is lesion if lesion covers half of it or more.
        predictions: a folder of masks named by the ids of a pack, instead of `predict`.
        pack: the answered pack, to check that it belongs to the suite.
        partial_answers: score answers that are missing in `predictions` as empty masks.
        params: millions of trained parameters; without it the tables have a dash.
        link: address of the paper or the code.
        uses_text: whether the model reads the prompt.
        version: of the model. Change it if the model has changed in a way that its code does not show, such as new
            weights; the model is then called again. Edits of the function, or of FILE.py, the modules beside it and the
            weights that they name, are noticed without it.
        out: folder of the run; by default the suite's own, results/NAME.

    Raises:
        InputError: a wrong argument, an invalid mask, or missing or unknown answers; the message names the image and
            the prompt.
        RunFailed: `predict` raised an error, which is printed with the image and the prompt.
    """
    if (predict is None) == (predictions is None):
        raise InputError("give one of predict, a function, and predictions, a folder of masks")
    loaded = suite if isinstance(suite, Suite) else load_suite(suite)
    entry = entry_of(
        predictor=FROM_PYTHON if callable(predict) else predict,
        predictions=None if predictions is None else str(predictions),
        batch=batch,
        pictures=pictures,
        partial=partial_answers,
        version=version,
        title=name,
        params=params,
        link=link,
        uses_text=uses_text,
    )
    run = RunDir(Path(out or loaded.out or f"results/{loaded.name}"))
    predictor = None if predict is None else Predictor(_function(predict), batch)  # before anything is written
    measure(loaded, entry, run, predictor, None if pack is None else Path(pack), console or PlainConsole(stderr=True))
    return Result(run.out, entry.label)


def _function(predict: Callable[..., Any] | str) -> Callable[..., Any]:
    return predict if callable(predict) else load_function(predict)


def entry_of(**card: Any) -> OutsideEntry:
    """The entry that `evaluate` adds to a run. InputError names the argument that is wrong."""
    try:
        return OutsideEntry(added=True, **card)
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(map(str, first["loc"])) or "evaluate"
        raise InputError(f"{where}: {first['msg'].removeprefix('Value error, ')}") from None


def measure(
    suite: Suite, entry: OutsideEntry, run: RunDir, predictor: Predictor | None, pack: Path | None, console: Console
) -> None:
    """Request every mask from the model, score them, and write the run's tables and report with its row.

    Args:
        predictor: the model, if it is a function; None for a folder of answers.
        pack: the answered pack, or None.
    """
    alone = only_with(suite, entry)
    check_suite(alone)
    with only_one(run.out), interruptible(run.out, console):
        repair(run, cells(alone, run.out))
        prepare_all(alone, run, console)
        if pack is not None:
            check_pack(pack, [requests_of(suite, run, name, Cache.open(run.data(name))) for name in suite.datasets])

        def run_one(cell: AnyCell) -> Path:
            assert isinstance(cell, OutsideCell)
            return run_outside_cell(cell, predictor)

        if failed := run_cells(cells(alone, run.out), 1, console, run_one):
            raise RunFailed(f"{failed} of {len(suite.datasets)} datasets failed; call again, answers so far are reused")
        whole = joined(suite, entry, run)
        write_json(run.suite, whole.model_dump(), checksum=True)
        finish(whole, run, console)


def only_with(suite: Suite, entry: OutsideEntry) -> Suite:
    """The suite with this model alone. InputError if another row of its tables has its label."""
    if entry.label in (*RESERVED_LABELS, *(method.label for method in suite.methods)):
        raise InputError(f"name {entry.title!r}: the tables have a row {entry.label} already; give another name")
    return suite.model_copy(update={"methods": [entry]})


def joined(suite: Suite, entry: OutsideEntry, run: RunDir) -> Suite:
    """The suite, the models that were added to its run before, and this one."""
    others = [method for method in with_added(suite, run).methods if method.label != entry.label]
    return suite.model_copy(update={"methods": [*others, entry]})
