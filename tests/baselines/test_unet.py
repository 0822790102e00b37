import pytest

from baselines.errors import InputError
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest


class TestUNet(MethodTest):
    name = "unet"


def test_paper_has_the_classic_count():
    model = build("unet", "paper", SPEC, 224)
    assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(31.04, rel=0.01)


def test_widths_decide_how_often_a_image_is_halved():
    build("unet", "tiny", SPEC, 36, widths=[4, 8, 8])
    with pytest.raises(InputError, match="unet: image size 38 is not a multiple of 4; take 40"):
        build("unet", "tiny", SPEC, 38, widths=[4, 8, 8])
    with pytest.raises(InputError, match="unet: widths 16: expected a list of whole numbers"):
        build("unet", "tiny", SPEC, 64, widths=16)
    with pytest.raises(InputError, match=r"unet: widths \[16\]: expected a list of two or more positive whole numbers"):
        build("unet", "tiny", SPEC, 64, widths=[16])
