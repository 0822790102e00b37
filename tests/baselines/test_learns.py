"""Every method at size tiny can learn: 64 embedded chest images with their prompts, until it has them by heart."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import metrics
from baselines.registry import build, names
from c2seg_bench.data.source import list_records
from c2seg_bench.seeding import rng
from c2seg_bench.text.encoder import load_encoder
from c2seg_bench.text.prompt_table import PromptTable

PAIRS, SIZE, BATCH, EPOCHS = 64, 64, 8, 240  # Swin-Unet needs 160 of them, the others 10 to 60
pytestmark = [pytest.mark.slow, pytest.mark.minutes]


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """Images (64, 3, S, S), masks (64, 1, S, S), the table of prompts and each image's row in it."""
    records = [r for r in list_records("phantom", None, SIZE, train=PAIRS, val=1, test=1) if r.split == "train"]
    pairs = [r.load() for r in records]
    table = PromptTable.build([r.prompt for r in records], load_encoder("minilm"), tmp_path_factory.mktemp("text"))
    images = torch.from_numpy(np.stack([p[0] for p in pairs])).permute(0, 3, 1, 2).float() / 255
    masks = torch.from_numpy(np.stack([p[1] for p in pairs]))[:, None].float()
    return images, masks, table, table.rows([r.prompt for r in records])


@pytest.mark.parametrize("name", names())
def test_learns_64_images(name, lesson):
    images, masks, table, rows = lesson
    torch.manual_seed(0)
    model = build(name, "tiny", table.spec, SIZE)
    optimiser = torch.optim.AdamW(model.param_groups(2e-3, 0.0))
    best = 0.0
    for epoch in range(EPOCHS):
        model.train()
        for some in np.split(rng("learns", epoch).permutation(PAIRS), PAIRS // BATCH):
            optimiser.zero_grad()
            model.loss(images[some], table.batch(rows[some], "cpu"), masks[some]).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        if epoch % 5 == 4 and (best := max(best, dice(model, lesson))) >= 0.9:
            return
    pytest.fail(f"{name}: Dice {best:.3f} after {EPOCHS} epochs")


@torch.inference_mode()
def dice(model, lesson):
    """Mean over the images."""
    images, masks, table, rows = lesson
    model.eval()
    result = torch.cat([model(images[i], table.batch(rows[i], "cpu")) for i in np.split(np.arange(PAIRS), 4)]) > 0
    return float(np.mean([metrics.dice(p[0].numpy(), t[0].numpy() > 0) for p, t in zip(result, masks, strict=True)]))
