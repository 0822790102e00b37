"""What feeding a training step costs beside the step itself, at size tiny; not collected by itself:

.venv/bin/pytest tests/c2seg_bench/engine/bench_feed.py
"""

import numpy as np
import pytest
import torch

from baselines.registry import build
from c2seg_bench.data.cache import prepare
from c2seg_bench.engine.material import Material
from c2seg_bench.text.encoder import load_encoder
from c2seg_bench.text.table import PromptTable

SIZE, BATCH = 128, 16


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    folder = tmp_path_factory.mktemp("feed")
    cache = prepare("phantom", folder / "cache", SIZE, train=128, val=1, test=1)
    PromptTable.build(list(cache.index["prompt"]), load_encoder("minilm"), folder / "text")
    return Material.open(folder / "cache", folder / "text")


def feed(material, rows):
    device = torch.device("cpu")
    return material.images(rows, device), material.text(rows, device), material.targets(rows, device)


def test_feed(benchmark, material):
    rows = np.random.default_rng(0).permutation(128)[:BATCH]
    image, text, target = benchmark(feed, material, rows)
    assert len(image) == len(text) == len(target) == BATCH


@pytest.mark.parametrize("name", ["unet", "lvit", "c2seg"])
def test_step(benchmark, material, name):
    torch.set_num_threads(1)
    model = build(name, "tiny", material.table.spec, SIZE)
    optimiser = torch.optim.AdamW(model.param_groups(1e-3, 0.0))
    image, text, target = feed(material, np.arange(BATCH))

    def step():
        optimiser.zero_grad()
        loss = model.loss(image, text, target)
        loss.backward()
        optimiser.step()
        return loss

    assert benchmark.pedantic(step, rounds=5, warmup_rounds=1).isfinite()
