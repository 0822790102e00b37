import pytest

from baselines.errors import InputError
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest


class TestUNetPP(MethodTest):
    name = "unetpp"


@pytest.mark.slow
def test_paper_has_monais_count():
    model = build("unetpp", "paper", SPEC, 224)
    assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(36.45, rel=0.01)


def test_features_are_six():
    with pytest.raises(InputError, match=r"unetpp: features \[8, 16\]: expected six positive whole numbers"):
        build("unetpp", "tiny", SPEC, 64, features=[8, 16])
