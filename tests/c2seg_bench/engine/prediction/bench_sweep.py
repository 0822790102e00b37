"""What a condition of the stress sweep costs beside a plain prediction pass; not collected by itself:

QATA=data/qata .venv/bin/pytest tests/c2seg_bench/engine/prediction/bench_sweep.py --benchmark-json sweep.json

The sweep is that of suites/stress-qata-cpu.yaml: all families of noise, all severities, 128x128, size tiny; without
QATA on embedded images. A condition costs, as part of a plain pass, (test_sweep / test_plain - 1) / conditions: in
seconds (the means), and in operations, which no other work on the machine disturbs (`extra_info`, `gflop`).
"""

import os

import pytest
import torch
from lightning_fabric import Fabric
from torch.utils.flop_counter import FlopCounterMode

from baselines.registry import build
from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.engine.prediction.predict import predict
from c2seg_bench.stress import FAMILIES
from c2seg_bench.stress.noisy_prompts import perturb_prompts
from c2seg_bench.text.encoder import load_encoder
from c2seg_bench.text.prompt_table import PromptTable

SIZE, IMAGES = 128, 100
METHODS = ("c2seg", "lvit", "unet")


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """Images, and the rows of the prompt table under every condition."""
    folder = tmp_path_factory.mktemp("sweep")
    real = {"name": "qata", "root": os.environ["QATA"]} if "QATA" in os.environ else {"name": "phantom"}
    cache = prepare(**real, out=folder / "cache", size=SIZE, train=1, val=1, test=IMAGES)
    rows = cache.rows("test")
    names, clean = list(cache.index["name"].iloc[rows]), list(cache.index["prompt"].iloc[rows])
    noisy = {
        f"{family}-{severity}": list(perturb_prompts(names, clean, family, severity, seed=0)["prompt"])
        for family in FAMILIES
        for severity in FAMILIES[family].sweep(range(1, 6))
    }
    everything = [*cache.index["prompt"], *(prompt for prompts in noisy.values() for prompt in prompts)]
    PromptTable.build(everything, load_encoder("minilm"), folder / "text")
    inputs = CellInputs.open(folder / "cache", folder / "text")
    return inputs, rows, {name: inputs.table.rows(prompts) for name, prompts in noisy.items()}


def measure(benchmark, inputs, rows, conditions, name, rounds):
    """The masks; the time and the operations that they take go to `benchmark`."""
    torch.set_num_threads(1)
    model = build(name, "tiny", inputs.table.spec, SIZE).to(memory_format=torch.channels_last)
    fabric = Fabric(accelerator="cpu", devices=1)
    with FlopCounterMode(display=False) as counter:
        predict(model, inputs, rows, conditions, fabric)  # and warms up
    benchmark.extra_info["gflop"] = counter.get_total_flops() / 1e9
    return benchmark.pedantic(predict, (model, inputs, rows, conditions, fabric), rounds=rounds)


@pytest.mark.parametrize("name", METHODS)
def test_plain(benchmark, sweep, name):
    inputs, rows, _ = sweep
    masks = measure(benchmark, inputs, rows, {"clean": inputs.prompt_rows[rows]}, name, rounds=5)
    assert masks["clean"].unpack().shape == (IMAGES, SIZE, SIZE)


@pytest.mark.parametrize("name", METHODS)
def test_sweep(benchmark, sweep, name):
    inputs, rows, noisy = sweep
    benchmark.extra_info["conditions"] = len(noisy)
    masks = measure(benchmark, inputs, rows, {"clean": inputs.prompt_rows[rows], **noisy}, name, rounds=1)
    assert set(masks) == {"clean", *noisy}
