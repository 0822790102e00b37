import pytest
import torch

from baselines.contract import TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, images, prompts


class TestCLIP(MethodTest):
    name = "clip"


def test_count_of_the_tables():
    own = TextSpec(dim=512, length=24, vocab=49408)
    assert count(build("clip", "paper", own, 224), own, 224)["thop"] == pytest.approx(87.0, rel=0.002)


def test_pretrained_tower_of_another_size_is_read_and_its_positions_stretched(tmp_path):
    donor = build("clip", "tiny", SPEC, 64, hidden=32, depth=1, patch=16)
    donor.tower.save_pretrained(tmp_path)
    model = build("clip", "tiny", SPEC, 96, weights=str(tmp_path)).eval()
    assert model.patch == 16
    kept = donor.tower.state_dict()
    assert all(torch.equal(kept[key], value) for key, value in model.tower.state_dict().items())
    with torch.no_grad():
        assert model(images(1, 96), prompts(5)).shape == (1, 1, 96, 96)


def test_pooled_text_alone_is_read_whatever_its_length():
    model, image, text = build("clip", "tiny", SPEC, 64).eval(), images(2), prompts(5, 9)
    longer = type(text)(text.ids, text.mask, 0 * text.tokens, 10 * text.pooled)
    with torch.no_grad():
        torch.testing.assert_close(model(image, longer), model(image, text), rtol=0, atol=1e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patch": 12}, "image size 64 is not a multiple of 12; take 60"),
        ({"width": 20}, "patch 8 and width 20: expected a power of two and a multiple of it"),
        ({"heads": 5}, "width 64 is not a multiple of heads 5"),
        ({"weights": "/not/there"}, "weights '/not/there': no such folder"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=f"clip: {message}"):
        build("clip", "tiny", SPEC, 64, **options)
