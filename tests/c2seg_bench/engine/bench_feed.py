"""What feeding a training step costs beside the step itself, at size tiny; not collected by itself:

.venv/bin/pytest tests/c2seg_bench/engine/bench_feed.py
"""

import numpy as np
import pytest
import torch

from baselines.registry import build
from c2seg_bench.data.cache import prepare
from c2seg_bench.engine.inputs import CellInputs
from c2seg_bench.text.encoder import load_encoder
from c2seg_bench.text.prompt_table import PromptTable

SIZE, BATCH = 128, 16


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("feed")
    cache = prepare("phantom", folder / "cache", SIZE, train=128, val=1, test=1)
    PromptTable.build(list(cache.index["prompt"]), load_encoder("minilm"), folder / "text")
    return CellInputs.open(folder / "cache", folder / "text")


def feed(inputs, rows):
    feed = inputs.on(torch.device("cpu"))
    batch = next(feed.batches([rows]))
    return batch.images, feed.text(inputs.prompt_rows[rows]), batch.targets


def test_feed(benchmark, inputs):
    rows = np.random.default_rng(0).permutation(128)[:BATCH]
    image, text, target = benchmark(feed, inputs, rows)
    assert len(image) == len(text) == len(target) == BATCH


@pytest.mark.parametrize("name", ["unet", "lvit", "c2seg"])
def test_step(benchmark, inputs, name):
    torch.set_num_threads(1)
    model = build(name, "tiny", inputs.table.spec, SIZE)
    optimiser = torch.optim.AdamW(model.param_groups(1e-3, 0.0))
    image, text, target = feed(inputs, np.arange(BATCH))

    def step():
        optimiser.zero_grad()
        loss = model.loss(image, text, target)
        loss.backward()
        optimiser.step()
        return loss

    assert benchmark.pedantic(step, rounds=5, warmup_rounds=1).isfinite()
