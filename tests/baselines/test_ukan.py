import pytest
import torch

from baselines.count import count
from baselines.errors import InputError
from baselines.layers.kan import KANLinear
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, images, prompts


class TestUKAN(MethodTest):
    name = "ukan"


class TestUKANWithGaussians(MethodTest):
    name = "ukan"
    options = {"kind": "rbf", "grid": 5, "kan_lr": 10.0}


def test_counts_of_the_paper_and_of_its_tables():
    tables = build("ukan", "paper", SPEC, 224)
    assert count(tables, SPEC, 224)["thop"] == pytest.approx(9.385, rel=0.005)
    assert count(tables, SPEC, 224)["total"] == pytest.approx(25.36, rel=0.005)
    own = build("ukan", "small", SPEC, 224)
    assert count(own, SPEC, 224)["total"] == pytest.approx(6.357, rel=0.005)


def test_all_missed_by_the_tool_is_kan():
    model = build("ukan", "tiny", SPEC, 64)
    missed = sum(p.numel() for m in model.modules() if isinstance(m, KANLinear) for p in m.parameters()) / 1e6
    counted = count(model, SPEC, 64)
    assert counted["total"] - counted["thop"] == pytest.approx(missed, abs=1e-9)


def test_linear_layers_in_the_place_of_kan_are_the_ablation():
    model = build("ukan", "small", SPEC, 64, kind="linear")
    assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(2.77, rel=0.01)
    assert not any(isinstance(m, KANLinear) for m in model.modules())


def test_kan_layers_may_learn_faster():
    slow, fast = build("ukan", "tiny", SPEC, 64, kan_lr=100.0).param_groups(1e-4, 1e-4)
    assert (slow["lr"], fast["lr"]) == (1e-4, pytest.approx(1e-2))
    assert sum(p.numel() for p in fast["params"]) == 30 * (2 * 96**2 + 128**2 + 64**2)


def test_maps_halve_five_times():
    model = build("ukan", "tiny", SPEC, 64)
    with torch.no_grad():
        maps = model.eval().pyramid(images(1))
    assert [tuple(m.shape[1:]) for m in maps] == [
        (width, 32 >> depth, 32 >> depth) for depth, width in enumerate(model.map_widths)
    ]
    torch.testing.assert_close(model.restore(maps), model(images(1), prompts(3)))


def test_wrong_widths_are_refused():
    with pytest.raises(InputError, match=r"ukan: widths \[16, 32\]: expected a list of 3 positive whole numbers"):
        build("ukan", "tiny", SPEC, 64, widths=[16, 32])
