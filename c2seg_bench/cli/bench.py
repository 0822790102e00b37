"""c2seg-bench bench: how fast this machine trains"""

from __future__ import annotations

from typing import Annotated

import typer


def bench(
    gpu: Annotated[bool, typer.Option("--gpu", help="Training on the GPU, at size paper and 224x224.")] = False,
    methods: Annotated[str, typer.Option(help="Methods, separated by commas.")] = "unet,lvit,c2seg",
    size: Annotated[str, typer.Option(help="Size of the methods.")] = "paper",
    image_size: Annotated[int, typer.Option(help="Side of the pictures, pixels.")] = 224,
    batch: Annotated[int, typer.Option(help="Pictures in a step.")] = 32,
    seconds: Annotated[float, typer.Option(help="Time for each method.")] = 10.0,
    precision: Annotated[str, typer.Option(help="32-true, bf16-mixed or 16-mixed.")] = "bf16-mixed",
    compile: Annotated[bool, typer.Option("--compile", help="With torch.compile.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object per method.")] = False,
) -> None:
    """Training speed of methods on random pictures: images per second, share of time busy, peak memory.

    Example: c2seg-bench bench --gpu
    """
    import json

    from baselines import registry
    from c2seg_bench.engine.device import launch, machine
    from c2seg_bench.engine.throughput import measure_training
    from c2seg_bench.suite import Suite

    names = [name.strip() for name in methods.split(",")]
    for name in names:
        registry.options(name, size)  # a misspelled name, before anything is measured
    settings = {"device": "cuda" if gpu else "cpu", "precision": precision}
    suite = Suite(name="bench", datasets={"random": {"source": "phantom"}}, methods=names, **settings)  # type: ignore[arg-type]
    fabric = launch(suite)
    if not json_:
        print(f"{machine(fabric)}, {precision}, batch {batch}, {image_size}x{image_size}")
        print(f"{'method':12}{'images/s':>10}{'busy':>7}{'peak GiB':>10}")
    for name in names:
        row = measure_training(name, size, image_size, batch, fabric, seconds, compile)
        if json_:
            print(json.dumps({**row, "machine": machine(fabric), "precision": precision}), flush=True)
        else:
            busy = "" if row["busy"] is None else f"{100 * row['busy']:.0f}%"
            print(f"{name:12}{row['images_per_second']:10.1f}{busy:>7}{row['peak_memory_gib']:10.2f}", flush=True)
