"""What a condition of the stress sweep costs beside a plain prediction pass; not collected by itself:

.venv/bin/pytest tests/c2seg_bench/engine/bench_sweep.py

The sweep is that of suites/stress-qata-cpu.yaml: all families of noise, all severities, 128x128, size tiny. With the
line's mean of `test_sweep` over that of `test_plain`, divided by the number of conditions (in `extra_info`, `--benchmark-json`).
"""

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric

from c2seg_bench.data.cache import prepare
from c2seg_bench.engine.material import Material
from c2seg_bench.engine.predict import predict
from c2seg_bench.methods import build
from c2seg_bench.stress import FAMILIES
from c2seg_bench.stress.apply import perturb_prompts
from c2seg_bench.text.encoder import load_encoder
from c2seg_bench.text.table import PromptTable

SIZE, IMAGES = 128, 32
METHODS = ("c2seg", "lvit", "unet")


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """Pictures, and the rows of the prompt table under every condition."""
    folder = tmp_path_factory.mktemp("sweep")
    cache = prepare("phantom", folder / "cache", SIZE, train=1, val=1, test=IMAGES)
    rows = cache.rows("test")
    names, clean = list(cache.index["name"].iloc[rows]), list(cache.index["prompt"].iloc[rows])
    noisy = {
        f"{family}-{severity}": list(perturb_prompts(names, clean, family, severity, seed=0)["prompt"])
        for family in FAMILIES
        for severity in FAMILIES[family].sweep(range(1, 6))
    }
    everything = [*cache.index["prompt"], *(prompt for prompts in noisy.values() for prompt in prompts)]
    PromptTable.build(everything, load_encoder("minilm"), folder / "text")
    material = Material.open(folder / "cache", folder / "text")
    return material, rows, {name: material.table.rows(prompts) for name, prompts in noisy.items()}


def run(material, rows, conditions, name):
    torch.set_num_threads(1)
    model = build(name, "tiny", material.table.spec, SIZE).to(memory_format=torch.channels_last)
    fabric = Fabric(accelerator="cpu", devices=1)
    return lambda: predict(model, material, rows, conditions, fabric)


@pytest.mark.parametrize("name", METHODS)
def test_plain(benchmark, sweep, name):
    material, rows, _ = sweep
    masks = benchmark.pedantic(
        run(material, rows, {"clean": material.text_rows[rows]}, name), rounds=3, warmup_rounds=1
    )
    assert masks["clean"].shape == (IMAGES, SIZE, SIZE)


@pytest.mark.parametrize("name", METHODS)
def test_sweep(benchmark, sweep, name):
    material, rows, noisy = sweep
    benchmark.extra_info["conditions"] = len(noisy)
    masks = benchmark.pedantic(
        run(material, rows, {"clean": material.text_rows[rows], **noisy}, name), rounds=1, warmup_rounds=0
    )
    assert set(masks) == {"clean", *noisy} and np.isin(masks["clean"], (0, 1)).all()
