"""Each network against the official one: outputs of the authors' code with weights that both sides can fill in.

A file of `golden/` names the repository and commit that the outputs were taken from, the options that make the same
network, and for every parameter and running statistic of ours the official one that it stands for. A weight's values
follow from its official name and shape alone, so that no weights are stored. Keys that only some files have:

- `transposed`: weights whose second and third axes change places.
- `columns`: for a weight, the slices of its second axis in our order, where ours concatenates in another.
- `given`: values of a parameter that the official code computes from weights that nothing else reads.
- `drawn`: the seed of numbers that the official code draws in each pass.
- `slots`: shape of TGANet's word vectors, an input of the official code.
- `until`: the outputs are what enters this module of ours, because the official code makes no masks.
- `unofficial`: parameters, or modules, that the official code lacks.
"""

import json
import math
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from baselines.contract import TextBatch, TextSpec
from baselines.registry import build

GOLDEN = sorted(Path(__file__).parent.glob("golden/*.json"))


def official_value(name, shape):
    """A weight of the official network: normal numbers scaled by the fan-in, gains near 1, the rest near 0."""
    random = np.random.RandomState(zlib.crc32(name.encode()))
    if name.endswith("running_var"):
        return random.uniform(0.5, 1.5, shape)
    values = random.standard_normal(shape)
    if len(shape) >= 2:
        return values / math.sqrt(np.prod(shape[1:]))
    return 1 + 0.1 * values if name.endswith("weight") else 0.1 * values


def fill(model, golden):
    """Give every weight the value of the official one, or of the parts of official ones, that it stands for."""
    state, known = model.state_dict(), ("weights", "given", "drawn")
    unfilled = {name for name, value in state.items() if value.is_floating_point()}
    unfilled -= {name for key in known for name in golden.get(key, ())}
    assert all(any(f"{name}.".startswith(f"{own}.") for own in golden.get("unofficial", ())) for name in unfilled)
    for name, parts in golden["weights"].items():
        rows = [official_value(part, shape)[slice(*cut) if cut else slice(None)] for part, shape, *cut in parts]
        value = torch.from_numpy(np.concatenate(rows)).float()
        if name in golden.get("transposed", ()):
            value = value.transpose(1, 2)
        if columns := golden.get("columns", {}).get(name):
            value = torch.cat([value[:, slice(*cut)] for cut in columns], dim=1)
        state[name].copy_(value.reshape(state[name].shape))
    for name, values in golden.get("given", {}).items():
        state[name].copy_(torch.tensor(values).reshape(state[name].shape))
    for name, seed in golden.get("drawn", {}).items():
        drawn = torch.from_numpy(np.random.RandomState(seed).rand(*state[name].shape)).float()
        state[name].copy_(torch.nn.functional.normalize(drawn, dim=0))


def inputs(golden):
    """The image, and the prompt where the network reads one."""
    size = golden["image_size"]
    image = torch.from_numpy(np.random.RandomState(7).rand(1, 3, size, size)).float()
    dim, length = golden.get("text", [8, 4])[1], golden.get("text", [4, 8])[0]
    tokens = torch.from_numpy(np.random.RandomState(8).standard_normal((1, dim, length))).float()
    ones = torch.ones(1, dim, dtype=torch.bool)
    return image, TextBatch(ones.long(), ones, tokens, tokens.mean(1))


def output(model, golden, image, text):
    """The logits, or what enters the module from which on the network is ours alone."""
    if "until" not in golden:
        return model(image, text)
    entered = []
    model.get_submodule(golden["until"]).register_forward_pre_hook(lambda _, given: entered.append(given[0]))
    model(image, text)
    return entered[0]


@pytest.mark.slow
@pytest.mark.parametrize("file", GOLDEN, ids=lambda file: file.stem)
@torch.no_grad()
def test_the_official_network_gives_the_same(file):
    golden = json.loads(file.read_text())
    image, text = inputs(golden)
    spec = TextSpec(text.tokens.shape[2], text.tokens.shape[1], 1000)
    model = build(golden["method"], golden.get("size", "tiny"), spec, golden["image_size"], **golden["options"]).eval()
    fill(model, golden)
    if "slots" in golden:  # TGANet's word vectors, which the official code takes as an input
        slots = torch.from_numpy(np.random.RandomState(8).standard_normal((1, *golden["slots"]))).float()
        model.slots = lambda text: slots
    values = output(model, golden, image, text)
    assert list(values.shape) == golden["shape"]
    flat = values.flatten().double()
    at = np.linspace(0, len(flat) - 1, len(golden["values"])).round().astype(int)
    tolerance = max(1e-4 * golden["deviation"], 1e-6)  # the values are rounded to six digits
    np.testing.assert_allclose(flat[at].numpy(), golden["values"], rtol=0, atol=tolerance)
    assert float(flat.mean()) == pytest.approx(golden["mean"], abs=tolerance)
    assert float(flat.std()) == pytest.approx(golden["deviation"], abs=tolerance)
