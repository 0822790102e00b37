import pytest
import torch
import torch.nn.functional as F

from baselines.count import count
from baselines.errors import InputError
from baselines.losses import entropy_dice
from baselines.registry import build
from baselines.swinunet import PatchExpand
from tests.baselines.base import SPEC, MethodTest, images, prompts, targets


class TestSwinUnet(MethodTest):
    name = "swinunet"


class TestSwinUnetOfficial(MethodTest):
    name, options = "swinunet", {"recipe": "official"}


def test_paper_has_the_official_count():
    counted = count(build("swinunet", "paper", SPEC, 224), SPEC, 224)
    assert counted["total"] == pytest.approx(27.17, rel=0.005)


def test_expansion_lays_channels_out_in_space():
    expand = PatchExpand(6, 4, 2)
    x = torch.randn(2, 3 * 5, 6, generator=torch.Generator().manual_seed(0))
    fine, size = expand(x, (3, 5))
    assert size == (6, 10) and fine.shape == (2, 60, 4)
    grown = expand.grow(x)
    for row, column in ((0, 0), (3, 7), (5, 9)):
        part = 2 * (row % 2) + column % 2
        expected = expand.norm(grown[:, row // 2 * 5 + column // 2, 4 * part : 4 * part + 4])
        torch.testing.assert_close(fine[:, row * 10 + column], expected)


def test_only_maps_of_several_windows_are_shifted():
    model = build("swinunet", "paper", SPEC, 224, depths=(2, 2, 2, 2), width=24)
    down = [[block.shift_size for block in stage.blocks] for stage in model.down.layers]
    assert down == [[0, 3], [0, 3], [0, 3], [0, 0]]
    assert [[block.shift_size for block in blocks] for blocks in model.up] == [[0, 3]] * 3


@torch.no_grad()
def test_weights_go_down_and_up_and_lose_surplus_blocks(tmp_path):
    from baselines.layers.towers import load_tower, swin_config

    deep = swin_config(24, (1, 2, 3, 1), (1, 2, 4, 8), 4, 0.0, 64)
    donor = load_tower("SwinModel", deep, "none", "test")
    donor.save_pretrained(tmp_path)
    model = build("swinunet", "tiny", SPEC, 64, weights=str(tmp_path)).eval()
    assert [len(stage.blocks) for stage in model.down.layers] == [1, 2, 2, 1]
    for i in range(3):
        kept = donor.encoder.layers[i].blocks.state_dict()
        for blocks in (model.down.layers[i].blocks, model.up[2 - i]):
            assert all(torch.equal(kept[key], value) for key, value in blocks.state_dict().items())
    assert model(images(1), prompts(3)).isfinite().all()
    with pytest.raises(InputError, match=r"weights of depths \[1, 2, 3, 1\] have fewer blocks than \[2, 2, 2, 1\]"):
        build("swinunet", "tiny", SPEC, 64, weights=str(tmp_path), depths=(2, 2, 2, 1))
    with pytest.raises(InputError, match=r"weights of width 24 and heads \[1, 2, 4, 8\], expected 48 and"):
        build("swinunet", "tiny", SPEC, 64, weights=str(tmp_path), width=48)


def test_official_loss_is_that_of_two_classes():
    generator = torch.Generator().manual_seed(0)
    two, target = torch.randn(3, 2, 16, 16, generator=generator), targets(3, 16)
    p, true = two.softmax(1), torch.cat([1 - target, target], dim=1)
    dices = [(2 * (p[:, c] * true[:, c]).sum() / ((p[:, c] ** 2).sum() + true[:, c].sum())).item() for c in (0, 1)]
    expected = 0.4 * F.cross_entropy(two, target[:, 0].long()) + 0.6 * (1 - sum(dices) / 2)
    torch.testing.assert_close(entropy_dice(two[:, 1:] - two[:, :1], target, 0.6), expected)
    model = build("swinunet", "tiny", SPEC, 64, recipe="official").eval()
    image, text, target = images(2), prompts(3, 5), targets(2)
    torch.testing.assert_close(model.loss(image, text, target), entropy_dice(model(image, text), target, 0.6))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depths": (2, 2)}, r"depths \[2, 2\] and heads \[1, 2, 4, 8\]: expected as many of each"),
        ({"heads": (1, 5, 4, 8)}, "width 48 of stage 2 is not a multiple of heads 5"),
        ({"depths": 2}, "depths 2: expected a list of whole numbers"),
        ({"drop_path": 1.5}, "drop_path 1.5: expected a number from 0 on and below 1"),
        ({"window": 0}, "window 0: expected a whole number, 1 or more"),
        ({"weights": "/nowhere"}, "weights '/nowhere': no such folder"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=f"swinunet: {message}"):
        build("swinunet", "tiny", SPEC, 64, **options)
