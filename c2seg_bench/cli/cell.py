"""c2seg-bench pretrain, train, predict: one step of one cell of a suite"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from c2seg_bench.suite import Cell

Suite = Annotated[Path, typer.Argument(help="Suite file (YAML).", metavar="SUITE.yaml")]
Method = Annotated[str, typer.Option(help="Method of the suite, by name or label.")]
Dataset = Annotated[str | None, typer.Option(help="Dataset of the suite; default: its first.")]
Seed = Annotated[int | None, typer.Option(help="One of the suite's seeds; default: its first.")]
Out = Annotated[Path | None, typer.Option(help="Folder of the run; default: the suite's own `out`.")]


def pretrain(suite: Suite, method: Method, dataset: Dataset = None, seed: Seed = None, out: Out = None) -> None:
    """Stage 1 of one cell: contrastive pretraining. Prints the path of the weights.

    Example: c2seg-bench pretrain suites/quick.yaml --method c2seg --out results/quick
    """
    from c2seg_bench.engine import train as engine
    from c2seg_bench.engine.cell import open_inputs
    from c2seg_bench.engine.device import launch
    from c2seg_bench.errors import InputError

    cell = _prepared(suite, method, dataset, seed, out)
    material = open_inputs(cell)
    model = engine.build(cell, material)
    if engine.pretrain(cell, material, launch(cell.suite), model) is None:
        raise InputError(f"{suite}: {cell.method.label} has no pretraining here; set pretrain.epochs, or take c2seg")
    print(cell.folder / "pretrain.safetensors")


def train(suite: Suite, method: Method, dataset: Dataset = None, seed: Seed = None, out: Out = None) -> None:
    """Both stages of one cell's training. Prints the path of the best checkpoint.

    Example: c2seg-bench train suites/quick.yaml --method unet --seed 0 --out results/quick
    """
    from c2seg_bench.engine import train as engine
    from c2seg_bench.engine.cell import open_inputs
    from c2seg_bench.engine.device import launch

    cell = _prepared(suite, method, dataset, seed, out)
    engine.train(cell, open_inputs(cell), launch(cell.suite))
    print(cell.folder / "checkpoint.safetensors")


def predict(suite: Suite, method: Method, dataset: Dataset = None, seed: Seed = None, out: Out = None) -> None:
    """Masks of the test split under clean and noisy prompts, from the cell's checkpoint. Prints the files' paths.

    Example: c2seg-bench predict suites/quick.yaml --method c2seg --out results/quick
    """
    from c2seg_bench.engine import checkpoint
    from c2seg_bench.engine import train as engine
    from c2seg_bench.engine.cell import open_inputs, predict_cell
    from c2seg_bench.engine.device import launch
    from c2seg_bench.errors import InputError

    cell = _prepared(suite, method, dataset, seed, out)
    material, fabric = open_inputs(cell), launch(cell.suite)
    model = engine.build(cell, material)
    known = checkpoint.metadata(cell.files.checkpoint)
    if known and known["request"] != engine.fingerprint(cell, material):
        raise InputError(
            f"{cell.folder / 'checkpoint.json'}: trained with other settings, data or text than {suite.name}; "
            "train the cell again (c2seg-bench train)"
        )
    if known and not known["finished"]:
        raise InputError(
            f"{cell.folder / 'checkpoint.json'}: training has not ended; train the cell to its end (c2seg-bench train)"
        )
    checkpoint.load(cell.files.checkpoint, model)
    for path in predict_cell(cell, material, fabric, model.to(fabric.device)):
        print(path)


def _prepared(suite_file: Path, method: str, dataset: str | None, seed: int | None, out: Path | None) -> Cell:
    """The one cell that is meant, its data prepared."""
    from rich.console import Console

    from c2seg_bench.engine.run import check, prepare_all
    from c2seg_bench.errors import InputError
    from c2seg_bench.suite import cells, load_suite

    suite = load_suite(suite_file)
    folder = out or Path(suite.out or f"results/{suite.name}")
    grid = cells(suite, folder, only=method)
    dataset = dataset or next(iter(suite.datasets))
    seed = suite.seeds[0] if seed is None else seed
    if dataset not in suite.datasets:
        raise InputError(f"--dataset {dataset}: not in {suite_file}, which has {', '.join(suite.datasets)}")
    found = [c for c in grid if (c.dataset, c.seed) == (dataset, seed)]
    if not found:
        raise InputError(f"--seed {seed}: not in {suite_file}, which has {', '.join(map(str, suite.seeds))}")
    check(suite)
    prepare_all(suite, folder, Console(stderr=True))
    return found[0]
