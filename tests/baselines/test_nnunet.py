import pytest
import torch

from baselines.errors import InputError
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, images, prompts


class TestNNUNet(MethodTest):
    name, rounding = "nnunet", 1e-4  # instance norm of a few pixels enlarges rounding


class TestNNUNetOfficial(MethodTest):
    name, options, rounding = "nnunet", {"recipe": "official"}, 1e-4


@pytest.mark.slow
def test_paper_has_the_measured_count():
    model = build("nnunet", "paper", SPEC, 224)
    assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(18.67, rel=0.01)


def test_deep_supervision_is_the_weighted_mean_over_scales():
    torch.manual_seed(0)
    model = build("nnunet", "tiny", SPEC, 64, recipe="official")
    image, text = images(2), prompts(3, 5)
    target = (torch.rand(2, 1, 64, 64) > 0.7).float()
    outputs = model.net(image).unbind(1)
    assert len(outputs) == 3
    losses = []
    for k, output in enumerate(outputs):
        step = 2**k
        middle = slice(step // 2, None, step)  # of what becomes one pixel
        coarse = target[:, :, middle, middle].repeat_interleave(step, 2).repeat_interleave(step, 3)
        p = output.sigmoid()
        dice = 2 * (p * coarse).sum() / (p.sum() + coarse.sum())
        entropy = -(coarse * p.log() + (1 - coarse) * (1 - p).log()).mean()
        losses.append(entropy + 1 - dice)
    expected = sum(part / 2**k for k, part in enumerate(losses)) / sum(1 / 2**k for k in range(3))
    torch.testing.assert_close(model.loss(image, text, target), expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"filters": (8, 16)}, r"filters \(8, 16\): expected three scales or more"),
        ({"filters": (8, 16, 0)}, r"filters \(8, 16, 0\): expected a list of two or more positive whole numbers"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=f"nnunet: {message}"):
        build("nnunet", "tiny", SPEC, 64, **options)
