"""c2seg-bench pretrain, train, predict: one step of one cell of a suite"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from c2seg_bench.suite import Cell

Suite = Annotated[Path, typer.Argument(help="Suite file (YAML), or the name of one that ships.", metavar="SUITE")]
Method = Annotated[str, typer.Option(help="Method of the suite, by name or label.")]
Dataset = Annotated[str | None, typer.Option(help="Dataset of the suite; default: its first.")]
Seed = Annotated[int | None, typer.Option(help="One of the suite's seeds; default: its first.")]
Out = Annotated[Path | None, typer.Option(help="Folder of the run; default: the suite's own `out`.")]


def pretrain(suite: Suite, method: Method, dataset: Dataset = None, seed: Seed = None, out: Out = None) -> None:
    """Run stage 1 of one cell, contrastive pretraining. Prints the path of the weights.

    Example: c2seg-bench pretrain suites/quick.yaml --method c2seg --out results/quick
    """
    from c2seg_bench.engine.cell.steps import open_inputs
    from c2seg_bench.engine.device.device import launch
    from c2seg_bench.engine.training.build import build
    from c2seg_bench.engine.training.pretrain import pretrain as run_pretraining
    from c2seg_bench.errors import InputError

    with _prepared(suite, method, dataset, seed, out) as cell:
        inputs = open_inputs(cell)
        model = build(cell, inputs)
        if run_pretraining(cell, inputs, launch(cell.suite), model) is None:
            raise InputError(f"{suite}: {cell.method.label} has no pretraining; set pretrain.epochs, or take c2seg")
    print(cell.files.pretrained.with_suffix(".safetensors"))


def train(suite: Suite, method: Method, dataset: Dataset = None, seed: Seed = None, out: Out = None) -> None:
    """Run both stages of one cell's training. Prints the path of the best checkpoint.

    Example: c2seg-bench train suites/quick.yaml --method unet --seed 0 --out results/quick
    """
    from c2seg_bench.engine.cell.steps import open_inputs, open_judge, train_cell
    from c2seg_bench.engine.device.device import launch
    from c2seg_bench.engine.grid.trial_step import try_methods
    from c2seg_bench.engine.request.request import request_of

    with _prepared(suite, method, dataset, seed, out) as cell:
        try_methods([cell])
        inputs = open_inputs(cell)
        request = request_of(cell, inputs, open_judge(cell, inputs))
        train_cell(cell, inputs, request, launch(cell.suite))
    print(cell.files.checkpoint.with_suffix(".safetensors"))


def predict(suite: Suite, method: Method, dataset: Dataset = None, seed: Seed = None, out: Out = None) -> None:
    """Predict the test split under clean and noisy prompts from a cell's checkpoint. Prints the files' paths.

    Example: c2seg-bench predict suites/quick.yaml --method c2seg --out results/quick
    """
    from c2seg_bench.engine.cell.steps import load_trained, open_inputs, open_judge, predict_cell
    from c2seg_bench.engine.device.device import launch
    from c2seg_bench.engine.request.request import request_of

    with _prepared(suite, method, dataset, seed, out) as cell:
        inputs, fabric = open_inputs(cell), launch(cell.suite)
        model = load_trained(cell, inputs, fabric)
        request = request_of(cell, inputs, open_judge(cell, inputs))
        for path in predict_cell(cell, inputs, request, fabric, model):
            print(path)


@contextmanager
def _prepared(suite_file: Path, method: str, dataset: str | None, seed: int | None, out: Path | None) -> Iterator[Cell]:
    """The cell that the options name, with its data prepared; the folder of the run is locked until the end."""
    from c2seg_bench.engine.grid.check import check_suite
    from c2seg_bench.engine.grid.interruption import interruptible
    from c2seg_bench.engine.grid.prepare import prepare_all
    from c2seg_bench.engine.grid.repair import repair
    from c2seg_bench.errors import InputError
    from c2seg_bench.files import only_one
    from c2seg_bench.rundir import RunDir
    from c2seg_bench.suite import Cell, cells, load_suite
    from c2seg_bench.terminal.console import PlainConsole

    suite = load_suite(suite_file)
    run = RunDir(out or Path(suite.out or f"results/{suite.name}"))
    dataset = dataset or next(iter(suite.datasets))
    seed = suite.seeds[0] if seed is None else seed
    if dataset not in suite.datasets:
        raise InputError(f"--dataset {dataset}: not in {suite_file}, which has {', '.join(suite.datasets)}")
    if seed not in suite.seeds:
        raise InputError(f"--seed {seed}: not in {suite_file}, which has {', '.join(map(str, suite.seeds))}")
    named = [c for c in cells(suite, run.out, only=method) if c.dataset == dataset]
    matching = [c for c in named if isinstance(c, Cell) and c.seed == seed]
    if not matching:
        raise InputError(f"--method {method}: was trained elsewhere; run and evaluate request its masks")
    check_suite(suite)
    console = PlainConsole(stderr=True)
    with only_one(run.out), interruptible(run.out, console):
        repair(run, matching)
        prepare_all(suite, run, console)
        yield matching[0]
