"""The page docs/performance.md. `c2seg-bench bench --write docs/performance.md`"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from c2seg_bench.speed.ratio import Comparison, table

HEAD = """# Performance

Written by `c2seg-bench bench --write docs/performance.md`. {machine}, {date}; {versions}.

Both sides of a row run in turns in one process on one core, and each keeps its shortest time of three. Ratios carry
over to other machines better than times do. A ratio below 1 means that the peer is faster.

## Beside other programs
"""
GROWTH = """
## Many pairs

`score_masks` (HD95, ASSD, Dice, IoU) for pairs of 224x224 on all cores; memory beyond that of the masks.

| Pairs | Time (s) | Time per pair (ms) | Memory (MiB) |
| --: | --: | --: | --: |
"""
SWEEP = """
## A stressed condition

A condition of the stress sweep costs {share:.2f} of a plain prediction pass of C2Seg, size tiny, in operations
(PyTorch's counter): a picture is encoded once, whatever the number of prompts.
"""
TRAINING = """
## Training on a GPU

Random pictures at 224x224, size paper. Busy: the share of the time in which the GPU computes. Peak: GPU memory that
tensors took. `c2seg-bench bench --gpu` measures it.

| Machine | Method | Precision | Batch | Images/s | Busy (%) | Peak (GiB) |
| --- | --- | --- | --: | --: | --: | --: |
"""
NO_GPU = """
## Training on a GPU

No GPU was at hand when this page was written. `c2seg-bench bench --gpu` measures images per second, the share of time
busy and peak memory.
"""


def page(
    machine: str,
    date: str,
    versions: str,
    comparisons: Iterable[Comparison],
    growth: Iterable[dict[str, Any]],
    sweep: float,
    training: list[dict[str, Any]],
) -> str:
    """The page as Markdown.

    Args:
        growth: rows of `speed.masks.growth`.
        sweep: cost of a stressed condition as a share of a plain pass.
        training: rows of `engine.throughput.measure_training` on a GPU, each with `machine` and `precision`.
    """
    parts = [HEAD.format(machine=machine, date=date, versions=versions), table(comparisons), "\n", GROWTH]
    parts += [
        f"| {row['pairs']:,} | {row['seconds']:.2f} | {1e3 * row['seconds'] / row['pairs']:.3f} | {row['mib']:.1f} |\n"
        for row in growth
    ]
    parts += [SWEEP.format(share=sweep), TRAINING if training else NO_GPU]
    parts += [
        f"| {row['machine']} | {row['method']} | {row['precision']} | {row['batch']} "
        f"| {row['images_per_second']:.0f} | {100 * row['busy']:.0f} | {row['peak_memory_gib']:.2f} |\n"
        for row in training
    ]
    return "".join(parts)
