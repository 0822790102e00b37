import pytest
import torch

from baselines.errors import InputError
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest


class TestUNetPP(MethodTest):
    name = "unetpp"


class TestUNetPPOfficial(MethodTest):
    name, options = "unetpp", {"recipe": "official"}
    rate, steps = 6e-3, 20


def test_counts_are_those_of_the_nested_units():
    """Each node is two 3x3 convolutions; all nodes of a row have its width, the finest row included."""

    def unit(inputs, width):
        return 9 * inputs * width + width + 9 * width * width + width

    widths = (32, 64, 128, 256, 512)  # of the authors' code
    expected = sum(unit(a, b) for a, b in zip((3, *widths), widths, strict=False)) + 32 + 1
    for j in range(1, 5):
        for i in range(5 - j):
            expected += unit((j + 1) * widths[i], widths[i]) + 4 * widths[i + 1] * widths[i] + widths[i]
    with torch.device("meta"):
        model = build("unetpp", "paper", SPEC, 224, widths=widths, recipe="official")
    assert sum(p.numel() for p in model.parameters()) == expected
    assert expected / 1e6 == pytest.approx(9.04, rel=0.003)  # as the paper prints it


def test_wrong_options_are_named():
    with pytest.raises(
        InputError, match=r"unetpp: widths \[8\]: expected a list of two or more positive whole numbers"
    ):
        build("unetpp", "tiny", SPEC, 64, widths=[8])
    with pytest.raises(InputError, match="unetpp: image size 72 is not a multiple of 16"):
        build("unetpp", "tiny", SPEC, 72)
