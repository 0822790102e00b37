"""A model that was trained elsewhere, measured like the methods of a suite and listed beside them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError
from rich.console import Console

from c2seg_bench.data.cache import Cache
from c2seg_bench.engine.interruption import interruptible
from c2seg_bench.engine.outside_cell import requests_of, run_outside_cell
from c2seg_bench.engine.prepare import check, prepare_all
from c2seg_bench.engine.repair import repair
from c2seg_bench.engine.result import Result
from c2seg_bench.engine.run import RunFailed, finish, run_cells, with_added
from c2seg_bench.errors import InputError
from c2seg_bench.files import only_one, write_json
from c2seg_bench.outside.pack import check_pack
from c2seg_bench.outside.predictor import FROM_PYTHON, Predictor
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
        version: of the model, for what its code does not show, such as other weights: under another one it is called
            again. A change of the function or of FILE.py is noticed without.
        out: folder of the run; by default the suite's own, results/NAME.

    Raises:
        InputError: a wrong argument, a mask that is not one, or answers that are missing or too many; names the
            picture and the prompt.
        RunFailed: `predict` raised an error, which is printed with the picture and the prompt.
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
    predictor = Predictor(predict, batch) if callable(predict) else None
    measure(loaded, entry, run, predictor, None if pack is None else Path(pack), console or PlainConsole(stderr=True))
    return Result(run.out, entry.label)


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
    """Ask the model for every mask, score them, and write the run's tables and report with its row.

    Args:
        predictor: the model, where it is a function given in Python.
        pack: that was answered, or None.
    """
    alone = only_with(suite, entry)
    check(alone)
    with only_one(run.out), interruptible(run.out, console):
        repair(run, cells(alone, run.out))
        prepare_all(alone, run, console)
        if pack is not None:
            check_pack(pack, [requests_of(suite, run, name, Cache.open(run.data(name))) for name in suite.datasets])

        def run_one(cell: AnyCell) -> Path:
            assert isinstance(cell, OutsideCell)
            return run_outside_cell(cell, predictor)

        if failed := run_cells(cells(alone, run.out), 1, console, run_one):
            raise RunFailed(f"{failed} of {len(suite.datasets)} datasets failed; what is answered is kept, call again")
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
