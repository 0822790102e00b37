import math

import pytest
import torch
from scipy.fft import dctn

from baselines.count import count
from baselines.errors import InputError
from baselines.layers.kan import KANLinear
from baselines.mmukan.frequency_attention import FREQUENCIES, FrequencyAttention
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, images, prompts


class TestMMUKAN(MethodTest):
    name = "mmukan"


def test_gaussian_layers_and_their_learning_rate():
    model = build("mmukan", "tiny", SPEC, 64, kind="rbf", grid=5, kan_lr=10.0)
    assert model(images(2), prompts(3, 5)).shape == (2, 1, 64, 64)
    assert sorted({g["lr"] for g in model.param_groups(1e-3, 0.0)}) == [1e-3, 1e-2]


def test_count_of_the_tables_leaves_the_kan_weights_out():
    model = build("mmukan", "paper", SPEC, 224)
    counted = count(model, SPEC, 224)
    assert counted["thop"] == pytest.approx(9.898, rel=0.001)
    kan = sum(p.numel() for m in model.modules() if isinstance(m, KANLinear) for p in m.parameters()) / 1e6
    assert counted["total"] - counted["thop"] == pytest.approx(kan, abs=1e-9)


@pytest.mark.parametrize("side", [4, 7, 14, 16])
def test_coefficients_are_those_of_scipy(side):
    attention = FrequencyAttention(32, side)
    x = torch.randn(2, 32, side, side, generator=torch.Generator().manual_seed(0))
    spectrum = torch.from_numpy(dctn(x.numpy(), type=2, axes=(2, 3), norm="ortho"))
    times = side // 7 if side >= 7 else side / 7
    places = [(math.floor(row * times), math.floor(column * times)) for row, column in FREQUENCIES]
    expected = torch.stack([spectrum[:, c, *places[c // 2]] for c in range(32)], dim=1)
    torch.testing.assert_close(attention.coefficients(x), expected, rtol=1e-4, atol=1e-4)


def test_larger_maps_are_averaged_down_and_only_scaled():
    torch.manual_seed(0)
    attention, x = FrequencyAttention(16, 7, reduction=1), torch.randn(1, 16, 28, 28)
    small = torch.nn.functional.avg_pool2d(x, 4)
    torch.testing.assert_close(attention.coefficients(x), attention.coefficients(small))
    weight = attention(x) / x
    torch.testing.assert_close(weight, weight[:, :, :1, :1].expand_as(weight), rtol=1e-3, atol=1e-4)
    assert ((weight > 0) & (weight < 1)).all() and len(weight[0, :, 0, 0].unique()) == 16


def test_kan_layers_may_learn_faster():
    model = build("mmukan", "tiny", SPEC, 64, kan_lr=100.0)
    slow, fast = model.param_groups(1e-4, 1e-4)
    assert (slow["lr"], fast["lr"]) == (1e-4, pytest.approx(1e-2))
    below = 16**2 + 24**2 + 32**2 + 48**2
    assert sum(p.numel() for p in fast["params"]) == 30 * (2 * below + 64**2)
    assert len(build("mmukan", "tiny", SPEC, 64, kind="linear", kan_lr=100.0).param_groups(1e-4, 0.0)) == 1


def test_it_is_built_without_storage():
    with torch.device("meta"):
        model = build("mmukan", "tiny", SPEC, 64)
    assert all(parameter.is_meta for parameter in model.parameters())


def test_widths_are_shared_out_among_sixteen_frequencies():
    with pytest.raises(InputError, match=r"mmukan: stem and widths \[4, 8, 32, 48, 64\]: expected multiples of 8"):
        build("mmukan", "tiny", SPEC, 64, stem=None)
    with pytest.raises(InputError, match=r"mmukan: widths \[16, 32\]: expected a list of 3 positive whole numbers"):
        build("mmukan", "tiny", SPEC, 64, widths=[16, 32])
    with pytest.raises(InputError, match="mmukan: reduction 0 is less than 1"):
        build("mmukan", "tiny", SPEC, 64, reduction=0)
