import pytest
import torch
import torch.nn.functional as F

from baselines.contract import TextSpec
from baselines.errors import InputError
from baselines.mmiunet import Bridge, dice_of_twice_squashed
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, images, prompts, targets

CXR_BERT = TextSpec(dim=768, length=24, vocab=30522)


class TestMMIUNet(MethodTest):
    name = "mmiunet"


def millions(module):
    return sum(p.numel() for p in module.parameters()) / 1e6


def test_counts_of_the_paper():
    model = build("mmiunet", "paper", CXR_BERT, 224)
    assert millions(model) == pytest.approx(56.17, rel=0.03)
    assert [millions(bridge) for bridge in model.bridges] == pytest.approx([0.42, 1.29, 4.34, 15.76], rel=0.02)
    assert model.token_limit == 24


def test_pretrained_weights_are_taken(tmp_path):
    donor = build("mmiunet", "tiny", SPEC, 64, layer_scale=0.5)
    donor.tower.layernorm = torch.nn.LayerNorm(128)  # as published checkpoints have it
    donor.tower.save_pretrained(tmp_path)
    taken = build("mmiunet", "tiny", SPEC, 64, weights=str(tmp_path)).tower.state_dict()
    expected = {key: value for key, value in donor.tower.state_dict().items() if not key.startswith("layernorm")}
    assert taken.keys() == expected.keys() and all(torch.equal(taken[key], expected[key]) for key in taken)


@torch.no_grad()
def test_the_last_way_back_to_the_words_is_read_by_nothing():
    torch.manual_seed(0)
    model = build("mmiunet", "tiny", SPEC, 64, unread=True).eval()
    image, text = images(2), prompts(5, 9)
    before = model(image, text)
    for bridge, changes in zip(reversed(model.bridges), (False, True), strict=False):
        bridge.widen.weight += 1
        assert torch.equal(model(image, text), before) is not changes
    assert not hasattr(build("mmiunet", "tiny", SPEC, 64).bridges[-1], "widen")


@torch.no_grad()
@pytest.mark.parametrize("side", [7, 8])
def test_a_bridge_computes_both_directions_from_what_came_in(side):
    torch.manual_seed(0)
    bridge = Bridge(8, 12, heads=2, back=True).eval()
    x, words, mask = torch.randn(1, 8, side, side), torch.randn(1, 5, 12), torch.arange(5)[None] < 3
    map_out, words_out = bridge(x, words, mask, back=True)
    small = bridge.shrink(x)  # (1, 8, side // 2, side // 2)
    pixels, tokens = bridge.norm_map(small.flatten(2).transpose(1, 2)), bridge.norm_words(bridge.narrow(words[:, :3]))
    grown = bridge.grow(bridge.to_pixels(pixels, tokens).transpose(1, 2).reshape(small.shape))
    grown = F.pad(grown, (0, side % 2, 0, side % 2))  # what an odd side lacks; the kernel does not reach it
    torch.testing.assert_close(map_out, x + grown)
    torch.testing.assert_close(words_out[:, :3], words[:, :3] + bridge.widen(bridge.to_words(tokens, pixels)))


def test_contrast_and_brightness_of_a_image_do_not_matter():
    model, image, text = build("mmiunet", "tiny", SPEC, 64).eval(), images(2), prompts(5, 9)
    with torch.no_grad():
        torch.testing.assert_close(model(image * 0.5 + 0.2, text), model(image, text), rtol=0, atol=1e-4)


def test_official_loss():
    model, image, text, target = (
        build("mmiunet", "tiny", SPEC, 64, recipe="official"),
        images(2),
        prompts(5, 9),
        targets(2),
    )
    model.eval()
    logits = model(image, text)
    torch.testing.assert_close(model.loss(image, text, target), dice_of_twice_squashed(logits, target))


def test_official_loss_is_monais_on_probabilities():
    from monai.losses import DiceCELoss

    logits, target = torch.randn(3, 1, 8, 8), targets(3, 8)
    torch.testing.assert_close(dice_of_twice_squashed(logits, target), DiceCELoss()(logits.sigmoid(), target))


@pytest.mark.parametrize(
    ("size", "options", "message"),
    [
        (32, {}, "image size 32 is less than 64; take 64, for instance"),
        (64, {"heads": 3}, "width 16 is not a multiple of heads 3; change one of them"),
        (64, {"depths": (1, 1)}, r"depths \(1, 1\): expected a list of 4 positive whole numbers"),
        (64, {"weights": "/nowhere"}, "weights '/nowhere': no such folder"),
    ],
)
def test_wrong_options_are_refused(size, options, message):
    with pytest.raises(InputError, match=f"mmiunet: {message}"):
        build("mmiunet", "tiny", SPEC, size, **options)
