import pytest
import torch
import torch.nn.functional as F
from torch import nn

from baselines.contract import TextBatch, TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.layers.transformer import TransformerBlock
from baselines.losses import balanced_bce_dice
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, images, prompts, targets


class TestLViT(MethodTest):
    name = "lvit"


def test_counts_of_the_paper():
    bert = TextSpec(dim=768, length=40, vocab=30522)
    counted = count(build("lvit", "paper", bert, 224), bert, 224)
    assert counted["thop"] == pytest.approx(29.72, rel=0.01)
    assert counted["total"] == pytest.approx(29.91, rel=0.01)  # what gets a gradient in the published code


def test_paper_reads_ten_tokens_and_says_so():
    model = build("lvit", "paper", SPEC, 64, width=16).eval()
    assert model.token_limit == 10
    text = prompts(12)
    for place, changes in ((9, True), (10, False)):
        other = text.tokens.clone()
        other[:, place] += 1
        with torch.no_grad():
            same = torch.equal(
                model(images(1), text),
                model(images(1), type(text)(text.ids, text.mask, other, text.pooled)),
            )
        assert same is not changes


@torch.no_grad()
def test_nan_in_padding_does_not_matter():
    model, image, text = build("lvit", "tiny", SPEC, 64).eval(), images(2), prompts(5, 9)
    tokens = text.tokens.masked_fill(~text.mask.unsqueeze(-1), torch.nan)
    filled = TextBatch(text.ids, text.mask, tokens, text.pooled)
    torch.testing.assert_close(model(image, filled), model(image, text), rtol=0, atol=0)


def test_tiny_reads_the_longest_prompt_of_the_data():
    assert build("lvit", "tiny", SPEC, 64).token_limit == SPEC.length


def test_growing_after_the_convolution_is_what_the_paper_computes():
    model = build("lvit", "tiny", SPEC, 64)
    tokens = torch.randn(3, 32, 4, 4)
    first, later = model.rebuild[1], F.interpolate
    torch.testing.assert_close(later(first(tokens), scale_factor=8), first(later(tokens, scale_factor=8)))


@torch.no_grad()
def test_a_transformer_is_that_of_the_published_code():
    """`Block` of its nets/Vit.py, written out; dropout in the MLP alone, Xavier's weights there."""
    block = TransformerBlock(32, 4, dropout=0.5).eval()
    x = torch.randn(2, 9, 32)
    (norm, attend), (again, wide, _, _, narrow, _, _) = block.attend, block.mlp
    heads = attend.qkv(F.layer_norm(x, (32,), norm.weight, norm.bias)).reshape(2, 9, 3, 4, 8).permute(2, 0, 3, 1, 4)
    weights = (heads[0] @ heads[1].transpose(-2, -1) * 8**-0.5).softmax(-1)
    y = x + attend.project((weights @ heads[2]).transpose(1, 2).reshape(2, 9, 32))
    z = y + F.gelu(narrow(F.gelu(wide(F.layer_norm(y, (32,), again.weight, again.bias)))))
    torch.testing.assert_close(block(x), z)
    assert sum(isinstance(module, nn.Dropout) for module in block.modules()) == 2
    for layer in (wide, narrow):
        edge = (6 / (32 + 128)) ** 0.5
        assert 0.98 * edge < layer.weight.abs().max() <= edge
        assert layer.bias.abs().max() < 1e-4


def test_official_loss():
    model = build("lvit", "tiny", SPEC, 64, recipe="official").eval()
    image, text, target = images(2), prompts(5, 9), targets(2)
    torch.testing.assert_close(model.loss(image, text, target), balanced_bce_dice(model(image, text), target))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"heads": 3}, "width 16 is not a multiple of heads 3"),
        ({"tokens": 0}, "tokens 0 is less than 1"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=f"lvit: {message}"):
        build("lvit", "tiny", SPEC, 64, **options)


def test_other_images_than_built_for_are_refused():
    with pytest.raises(InputError, match="lvit: built for images of 64 pixels, got"):
        build("lvit", "tiny", SPEC, 64)(images(1, 96), prompts(3))
