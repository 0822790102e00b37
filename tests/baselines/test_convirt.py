import pytest
import torch

from baselines.contract import TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.layers.contrastive_losses import cosines
from baselines.registry import build
from tests.baselines.base import SPEC, ContrastTest, MethodTest, images, prompts, targets


class TestConVIRT(ContrastTest):
    name = "convirt"


class TestConVIRTWithContrastBesideTheMasks(MethodTest):
    name, options = "convirt", {"auxiliary": 0.1}

    @pytest.mark.parametrize("size", [64])
    @pytest.mark.parametrize("batch", [3])
    def test_logits_loss_and_gradients(self, size: int, batch: int) -> None:  # one image has no other to differ from
        super().test_logits_loss_and_gradients(size, batch)


def test_the_published_count_includes_the_projection_of_the_image():
    bert = TextSpec(dim=768, length=24, vocab=30522)
    model = build("convirt", "paper", bert, 224)
    projection = sum(p.numel() for p in model.project_image.parameters()) / 1e6
    assert count(model, bert, 224)["thop"] == pytest.approx(32.52, abs=0.02)
    assert count(model, bert, 224)["thop"] + projection == pytest.approx(35.2, rel=0.01)


def test_loss_written_as_in_the_paper():
    model = build("convirt", "tiny", SPEC, 64).eval()
    image, text = images(3), prompts(3, 12, 7)
    with torch.no_grad():
        maps = model.resnet(_imagenet(image))
        v = model.project_image(maps[-1].mean((2, 3)))
        u = model.project_text(torch.stack([text.tokens[i, : int(text.mask[i].sum())].max(0)[0] for i in range(3)]))
        total = 0.0
        for i in range(3):
            scores = [[torch.cosine_similarity(v[a], u[b], dim=0) / 0.1 for b in range(3)] for a in range(3)]
            row, column = torch.stack(scores[i]), torch.stack([scores[a][i] for a in range(3)])
            total = total - 0.75 * row.log_softmax(0)[i] / 3 - 0.25 * column.log_softmax(0)[i] / 3
        torch.testing.assert_close(model.pretrain_loss(image, text), total)


def test_empty_prompts_are_a_text_of_zeros():
    loss = build("convirt", "tiny", SPEC, 64).pretrain_loss(images(3), prompts(0, 5, 0))
    loss.backward()
    assert loss.isfinite()


def test_cosines_are_float32_under_autocast():
    images, texts = torch.randn(2, 3, 64, generator=torch.Generator().manual_seed(0))
    expected = cosines(images, texts)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        result = cosines(images, texts)
    assert result.dtype == torch.float32 and torch.equal(result, expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tau": 0}, "tau 0.0: expected a number above 0"),
        ({"tau": "warm"}, "tau 'warm': expected a number"),
        ({"forward_weight": 2}, "forward_weight 2.0: expected a number from 0 to 1"),
        ({"hidden": 0}, "hidden 0: expected a whole number, 1 or more"),
        ({"joint": 1.5}, "joint 1.5: expected a whole number"),
        ({"stem": 0}, "stem 0: expected a whole number, 1 or more"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=f"convirt: {message}"):
        build("convirt", "tiny", SPEC, 64, **options)


def test_auxiliary_adds_the_contrast():
    image, text, target = images(3), prompts(3, 12, 7), targets(3)
    torch.manual_seed(0)
    plain = build("convirt", "tiny", SPEC, 64).eval()
    torch.manual_seed(0)
    both = build("convirt", "tiny", SPEC, 64, auxiliary=0.5).eval()
    with torch.no_grad():
        expected = plain.loss(image, text, target) + 0.5 * plain.pretrain_loss(image, text)
        torch.testing.assert_close(both.loss(image, text, target), expected)
    with pytest.raises(InputError, match="convirt: auxiliary -1.0 is negative"):
        build("convirt", "tiny", SPEC, 64, auxiliary=-1)


def _imagenet(image):
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return (image - mean[:, None, None]) / deviation[:, None, None]
