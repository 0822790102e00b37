import pytest
import torch

from baselines.contract import TextBatch
from baselines.errors import InputError
from baselines.losses import entropy_dice
from baselines.registry import build
from baselines.transunet.hybrid_backbone import MapTransformer
from tests.baselines.base import SPEC, MethodTest, images, prompts, targets


class TestTransUNet(MethodTest):
    name = "transunet"


class TestTransUNetOfficial(MethodTest):
    name, options = "transunet", {"recipe": "official"}


def test_paper_has_the_official_count():
    with torch.device("meta"):
        model = build("transunet", "paper", SPEC, 224)
    parts = {name: sum(p.numel() for p in part.parameters()) / 1e6 for name, part in model.named_children()}
    assert sum(parts.values()) == pytest.approx(105.28, rel=0.005)


@torch.no_grad()
def test_skips_are_at_a_half_a_quarter_and_an_eighth():
    model = build("transunet", "tiny", SPEC, 64).eval()
    assert [tuple(x.shape[1:]) for x in model.resnet(images(1))] == [
        (16, 32, 32), (32, 16, 16), (64, 8, 8), (128, 4, 4),
    ]  # fmt: skip


@torch.no_grad()
def test_transformer_knows_where_a_pixel_is_by_its_positions_alone():
    torch.manual_seed(0)
    model, x = MapTransformer(6, 4, 16, 2, 2, 0.1).eval(), torch.randn(1, 6, 4, 4)
    torch.testing.assert_close(model(x.flip(3)), model(x).flip(3), rtol=0, atol=1e-5)  # positions start at zero
    model.position.normal_()
    assert not torch.allclose(model(x.flip(3)), model(x).flip(3), atol=1e-2)


def test_official_loss_is_half_entropy_half_dice():
    model = build("transunet", "tiny", SPEC, 64, recipe="official").eval()
    image, text, target = images(2), prompts(3, 5), targets(2)
    torch.testing.assert_close(model.loss(image, text, target), entropy_dice(model(image, text), target, 0.5))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"groups": 32}, r"stem 16 and widths \[32, 64, 128\] with groups 32: expected multiples of groups"),
        ({"heads": 5}, "width 96 is not a multiple of heads 5"),
        ({"decoder": (8, 8)}, r"decoder \(8, 8\): expected a list of 5 positive whole numbers"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=f"transunet: {message}"):
        build("transunet", "tiny", SPEC, 64, **options)


def test_images_of_another_size_are_refused():
    text: TextBatch = prompts(3)
    with pytest.raises(InputError, match=r"transunet: built for images of 64 pixels, got \(96, 96\)"):
        build("transunet", "tiny", SPEC, 64)(images(1, 96), text)
