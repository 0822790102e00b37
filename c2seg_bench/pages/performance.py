"""The page docs/performance.md. `c2seg-bench bench --write docs/performance.md`"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from c2seg_bench.speed.masks import ALL_CORES, CORES, PAIRS, TIMES
from c2seg_bench.speed.ratio import Comparison, table

HEAD = """# Performance

Written by `c2seg-bench bench --write docs/performance.md`. {machine}, {date}; {versions}.

The two programs of a row take turns in one process on one core. The time of each is its shortest processor time of
three or more rounds. Ratios carry over to other machines better than times. A ratio below 1 means that the peer is
faster.
{note}
"""
MASKS = """
## Metrics beside other libraries

The time of a peer divided by the time of `score_masks` for the same pairs of masks. medpy, MONAI and
surface-distance compute HD95, ASSD, Dice and IoU (surface-distance: no IoU); scipy and OpenCV only the distances
between the outlines, by the exact distance transform (OpenCV: of the masks' bounding box). Times are per pair; ours
is for {pairs} pairs scored at once. "medpy, {cores} cores" divides medpy's processor time on one core by our
shortest wall time of ten on all cores.

"""
OTHERS = """
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

A condition of the stress sweep whose prompts are all new costs {share:.2f} of a plain prediction pass of C2Seg, size
tiny, in operations (PyTorch's counter). An image is encoded once, and a prompt with the tokens of another is free.
"""
TRAINING = """
## Training on a GPU

Random images at 224x224, size paper. Busy: the share of the time in which the GPU computes. Peak: GPU memory that
tensors took. `c2seg-bench bench --gpu` measures it.

| Machine | Method | Precision | Batch | Images/s | Busy (%) | Peak (GiB) |
| --- | --- | --- | --: | --: | --: | --: |
"""
RUNS = """
## A run on a GPU

`make gpu` (suites/gpu-30min.yaml): size paper, 224x224, from scratch, pretraining and validation included in the time.

| Machine | Method | Epochs | Best validation Dice (%) | Time (min) | Images/s | Peak (GiB) | |
| --- | --- | --: | --: | --: | --: | --: | --- |
"""
NO_GPU = """
## Training on a GPU

No GPU was at hand when this page was written. `c2seg-bench bench --gpu` measures images per second, the share of time
busy and peak memory.
"""

SETTINGS = """
## Settings of a suite that matter for speed

| Key | What it does |
| --- | --- |
| `precision: bf16-mixed` | convolutions and matrix products in bfloat16; splines and losses in float32 |
| `train: {micro_batch: N}` | N images at a time; gradients are summed up to `batch`. Batch norm sees the N |
| `pretrain: {micro_batch: N}` | N images are encoded at a time; CaCL still contrasts the whole batch |
| `predict_batch: N` | N images, and pairs of image and prompt, are predicted at a time; default 32 |
| `devices: N` | N GPUs (on a CPU, processes) train one cell, each a share of a batch; batch norm and CaCL see all |
| `compile: true` | `torch.compile` for the network of a training step |

On a GPU, images, masks and prompt embeddings stay in its memory where they take a quarter and a tenth of what is
free; otherwise a thread loads one batch ahead. Augmentation and noise are computed on the device from a few numbers
per image, drawn by name. The loss is read ten times an epoch and twice a second, not at every step. If a batch does
not fit into memory, the run ends with one line that names the cell, the key to set and the number of images that
fit.

Two processes give the same losses and weights as one process: to 1e-5 after 20 steps in double precision, CaCL
included. In single precision the difference is about 1e-4, because sums are rounded in another order and the
temperature of 0.07 magnifies this.
"""


OWN_TIMES = {"metrics": "Scores (ms)", "distances": "Distances (ms)"}
MASK_PARTS = (*OWN_TIMES, ALL_CORES)


def mask_table(comparisons: Sequence[Comparison]) -> str:
    """Markdown: a row for each kind of pairs, a column for each peer; the last rows are the least and median ratios."""
    columns: dict[str, dict[str, str]] = {}  # heading -> kind of pairs -> cell
    ratios: dict[str, list[float]] = {}  # heading -> ratios of all kinds
    for c in comparisons:
        if c.part in OWN_TIMES:
            columns.setdefault(OWN_TIMES[c.part], {}).setdefault(c.work, f"{1e3 * c.seconds / c.items:.3g}")
        if c.part in MASK_PARTS:
            heading = f"{c.peer}, {CORES} cores" if c.part == ALL_CORES else c.peer
            columns.setdefault(heading, {})[c.work] = f"{c.ratio:.1f}"
            ratios.setdefault(heading, []).append(c.ratio)
    rows = [["Pairs", *columns], ["---", *["--:"] * len(columns)]]
    for work in dict.fromkeys(work for column in columns.values() for work in column):
        rows.append([work, *(column.get(work, "") for column in columns.values())])
    for name, choose in (("least", min), ("median", median)):
        rows.append([name, *(f"{choose(ratios[heading]):.1f}" if heading in ratios else "" for heading in columns)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def page(
    machine: str,
    date: str,
    versions: str,
    note: str,
    comparisons: Sequence[Comparison],
    growth: Sequence[Mapping[str, Any]],
    sweep: float,
    training: Sequence[Mapping[str, Any]],
) -> str:
    """The page as Markdown.

    Args:
        machine, date, versions: of the measurement, for the head of the page.
        note: a sentence on how it was measured, or "".
        comparisons: of `score_masks` and other programs with their peers.
        growth: rows of `speed.masks.growth`.
        sweep: cost of a stressed condition as a share of a plain pass.
        training: rows of `speed.throughput.measure_training` on a GPU, with `machine` and `precision`; and
            rows of the cells of a run, as in their checkpoint.json, which have an `epoch`.
    """
    parts = [HEAD.format(machine=machine, date=date, versions=versions, note=note)]
    if any(c.part in MASK_PARTS for c in comparisons):
        parts += [MASKS.format(pairs=PAIRS * TIMES, cores=CORES), mask_table(comparisons), "\n"]
    parts += [OTHERS, table(c for c in comparisons if c.part not in MASK_PARTS), "\n", GROWTH]
    parts += [
        f"| {row['pairs']:,} | {row['seconds']:.2f} | {1e3 * row['seconds'] / row['pairs']:.3f} | {row['mib']:.1f} |\n"
        for row in growth
    ]
    speeds, runs = ([row for row in training if ("epoch" in row) == is_run] for is_run in (False, True))
    parts += [SWEEP.format(share=sweep), TRAINING if speeds else NO_GPU]
    parts += [
        f"| {row['machine']} | {row['method']} | {row['precision']} | {row['batch']} "
        f"| {row['images_per_second']:.0f} | {100 * row['busy']:.0f} | {row['peak_memory_gib']:.2f} |\n"
        for row in speeds
    ]
    parts += [RUNS] if runs else []
    parts += [
        f"| {row['machine']} | {row['label']} | {row['epochs']} | {100 * row['val_dice']:.1f} "
        f"| {row['seconds'] / 60:.1f} | {row['images_per_second']:.0f} | {row['peak_memory_gib']:.1f} "
        f"| {row.get('note', '')} |\n"
        for row in runs
    ]
    return "".join([*parts, SETTINGS])
