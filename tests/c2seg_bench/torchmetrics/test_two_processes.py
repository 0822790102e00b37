"""Two processes that each see a part of the images agree on the value of all of them."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest
import torch

import metrics
from metrics.consistency import evaluate

MASKS = str(Path(__file__).with_name("test_against_metrics.py"))
FIRST = (17, 25)  # images of the first process, of 25: at 25 the second process sees none


def worker(rank: int, folder: str) -> None:
    from c2seg_bench.torchmetrics import Dice, HausdorffDistance95, TextMaskConsistency

    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/store", rank=rank, world_size=2)
    preds, targets, prompts = runpy.run_path(MASKS)["masks_and_prompts"]()
    overlap = (Dice(), HausdorffDistance95())
    consistency = [TextMaskConsistency(frame="qata", value=value) for value in ("score", "chance")]
    values = []
    for first in FIRST:
        own = range(0, first) if rank == 0 else range(first, len(preds))
        for start in own[::4]:
            part = slice(start, min(start + 4, own.stop))
            for metric in overlap:
                metric.update(preds[part], targets[part])
            for metric in consistency:
                metric.update(preds[part], prompts[part])
        values.append([float(metric.compute()) for metric in (*overlap, *consistency)])
        for metric in (*overlap, *consistency):
            metric.reset()
    torch.save(values, f"{folder}/values-{rank}.pt")
    torch.distributed.destroy_process_group()


@pytest.mark.minutes
def test_both_processes_have_the_value_of_all_images(tmp_path: Path) -> None:
    torch.multiprocessing.start_processes(worker, (str(tmp_path),), nprocs=2, start_method="spawn")
    preds, targets, prompts = runpy.run_path(MASKS)["masks_and_prompts"]()
    overlap = metrics.summarise(metrics.score_masks(preds, targets))
    axis = evaluate(preds, prompts, frame="qata").summary()["axes"]["all"]
    whole = [overlap["dice"], overlap["hd95"], axis["score"], axis["chance"]]
    for rank in (0, 1):
        for values in torch.load(tmp_path / f"values-{rank}.pt"):
            assert values == pytest.approx(whole, abs=1e-12)
