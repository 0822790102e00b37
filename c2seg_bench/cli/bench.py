"""c2seg-bench bench: how fast the program is on this machine, beside other programs"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from c2seg_bench.speed.ratio import Comparison

PARTS = ("metrics", "prompts", "training")


def bench(
    gpu: Annotated[bool, typer.Option("--gpu", help="Training speed on the GPU, at size paper and 224x224.")] = False,
    write: Annotated[Path | None, typer.Option(help="Write the whole page, such as docs/performance.md.")] = None,
    gpu_results: Annotated[
        Path | None,
        typer.Option(help="With --write: what bench --gpu --json printed; default: PAGE-gpu.jsonl beside the page."),
    ] = None,
    note: Annotated[
        str, typer.Option(help="With --write: a sentence for the page, such as what else the machine was doing.")
    ] = "",
    only: Annotated[str | None, typer.Option(help=f"One part: {', '.join(PARTS)}.")] = None,
    methods: Annotated[str, typer.Option(help="With --gpu: methods, separated by commas.")] = "unet,lvit,c2seg",
    batch: Annotated[int, typer.Option(help="With --gpu: images in a step.")] = 32,
    seconds: Annotated[float, typer.Option(help="With --gpu: time for each method.")] = 10.0,
    precision: Annotated[str, typer.Option(help="With --gpu: 32-true, bf16-mixed or 16-mixed.")] = "bf16-mixed",
    compile: Annotated[bool, typer.Option("--compile", help="With --gpu: torch.compile.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object per row.")] = False,
) -> None:
    """Metrics, parsing, noise, training input and a training step, each as a ratio to a named peer in the same run.

    Examples: c2seg-bench bench --only metrics; c2seg-bench bench --gpu
    """
    import json

    from c2seg_bench.errors import InputError
    from c2seg_bench.files import atomic

    if only is not None and only not in PARTS:
        raise InputError(f"--only {only}: unknown part; there are {', '.join(PARTS)}")
    if gpu:
        for row in _training_speed(methods.split(","), batch, seconds, precision, compile):
            print(json.dumps(row) if json_ else _line(row), flush=True)
        return
    rows = []
    for comparison in _comparisons(only):
        rows.append(comparison)
        ratio = {**vars(comparison), "ratio": comparison.ratio}
        print(
            json.dumps(ratio)
            if json_
            else f"{comparison.part}, {comparison.work}: {comparison.ratio:.1f} times as fast as {comparison.peer}",
            flush=True,
        )
    if write:
        kept = gpu_results or write.with_name(f"{write.stem}-gpu.jsonl")
        training = _read_rows(kept) if gpu_results or kept.exists() else []
        with atomic(write) as temporary:
            temporary.write_text(_page(rows, training, note), encoding="utf-8")


def _comparisons(only: str | None) -> Any:
    import torch

    from c2seg_bench.speed import masks, prompts, training

    torch.set_num_threads(1)
    if only in (None, "metrics"):
        yield from masks.comparisons()
    if only in (None, "prompts"):
        yield from prompts.comparisons()
    if only in (None, "training"):
        yield from training.comparisons(_fabric("cpu", "32-true"))


def _page(rows: list[Comparison], training: list[dict[str, Any]], note: str) -> str:
    import datetime
    from importlib.metadata import PackageNotFoundError, version

    from c2seg_bench.engine.device.device import machine
    from c2seg_bench.pages.performance import page
    from c2seg_bench.speed.masks import growth
    from c2seg_bench.speed.sweep import share_of_a_condition

    def versions() -> Any:
        for name in (
            "torch",
            "numpy",
            "numba",
            "medpy",
            "monai",
            "surface-distance",
            "scipy",
            "opencv-python-headless",
            "spacy",
            "nlpaug",
        ):
            try:
                yield f"{name} {version(name)}"
            except PackageNotFoundError:
                yield f"{name} not installed"

    fabric = _fabric("cpu", "32-true")
    today = datetime.date.today().isoformat()
    sweep = share_of_a_condition("c2seg", fabric)
    return page(machine(fabric), today, ", ".join(versions()), note, rows, growth(), sweep, training)


def _training_speed(methods: list[str], batch: int, seconds: float, precision: str, compile: bool) -> Any:
    from baselines import registry
    from c2seg_bench.engine.device.device import machine
    from c2seg_bench.speed.throughput import measure_training

    names = [name.strip() for name in methods]
    for name in names:
        registry.options(name, "paper")  # a misspelled name, before anything is measured
    fabric = _fabric("cuda", precision)
    for name in names:
        row = measure_training(name, "paper", 224, batch, fabric, seconds, compile)
        yield {**row, "machine": machine(fabric), "precision": precision}


def _fabric(device: str, precision: str) -> Any:
    from c2seg_bench.engine.device.device import launch
    from c2seg_bench.suite import Suite

    settings: dict[str, Any] = {"device": device, "precision": precision}
    return launch(Suite(name="bench", datasets={"random": {"source": "phantom"}}, methods=["unet"], **settings))  # type: ignore[dict-item, list-item]


def _line(row: dict[str, Any]) -> str:
    busy = "" if row["busy"] is None else f", busy {100 * row['busy']:.0f}%"
    return (
        f"{row['method']}: {row['images_per_second']:.1f} images/s{busy}, peak {row['peak_memory_gib']:.2f} GiB "
        f"({row['machine']}, {row['precision']}, batch {row['batch']})"
    )


def _read_rows(path: Path) -> list[dict[str, Any]]:
    import json

    from c2seg_bench.errors import InputError

    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as e:
        raise InputError(f"{path}: not the output of bench --gpu --json ({e})") from None
