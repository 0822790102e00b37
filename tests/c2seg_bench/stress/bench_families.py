"""Prompts per second of the character families and of nlpaug's; pytest does not collect it by itself:

.venv/bin/pip install -c constraints.txt '.[bench]' && .venv/bin/pytest tests/c2seg_bench/stress/bench_families.py
"""

from random import Random

import nlpaug.augmenter.char as nlpaug
import pytest

from c2seg_bench.stress import FAMILIES

PROMPTS = ["Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung"] * 1000
PEERS = {"keyboard": nlpaug.KeyboardAug(aug_char_max=1), "swap": nlpaug.RandomCharAug(action="swap", aug_char_max=1)}


@pytest.mark.parametrize("name", ["keyboard", "swap", "delete", "insert", "ocr"])
def test_c2seg_bench(benchmark, name):
    family = FAMILIES[name]
    noisy = benchmark(lambda: [family.perturb(text, 3, Random(i)) for i, text in enumerate(PROMPTS)])
    assert any(a != b for a, b in zip(PROMPTS, noisy, strict=True))


@pytest.mark.parametrize("name", list(PEERS))
def test_nlpaug(benchmark, name):
    noisy = benchmark.pedantic(lambda: [PEERS[name].augment(text) for text in PROMPTS], rounds=3)
    assert len(noisy) == len(PROMPTS)
