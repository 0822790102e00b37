import pytest
import torch
import torch.nn.functional as F

from baselines.contract import TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.losses import bce_dice
from baselines.registry import build
from baselines.slvit.cross_scale import CellEnhancement, disagreement, from_cells, to_cells
from baselines.slvit.hamburger import Factors, Hamburger
from baselines.slvit.mscan import DropPath, StripAttention
from tests.baselines.base import SPEC, MethodTest, images, prompts, targets
from tests.baselines.base_ids import ReadsIdsTest


class TestSLViT(ReadsIdsTest):
    name = "slvit"


class TestSLViTOnFrozenTokens(MethodTest):
    name, options = "slvit", {"language": "tokens", "recipe": "official", "cells": 2}


def test_counts_of_the_paper():
    bert = TextSpec(dim=768, length=20, vocab=30522)
    model = build("slvit", "paper", bert, 224)
    counted = count(model, bert, 224)
    assert counted["thop"] == pytest.approx(131.55, rel=0.001)
    never_run = (3 * 64**2 + 3 * 128**2 + 12 * 320**2 + 3 * 512**2 + 768 * 512) / 1e6  # in the official code
    language = sum(p.numel() for p in model.language.parameters()) / 1e6
    assert counted["total"] - language + never_run == pytest.approx(48.97, rel=0.001)
    assert language == pytest.approx(108.89, rel=0.001)
    assert sum(p.numel() for p in model.factorise.parameters()) == 2 * (512**2 + 512)  # two plain convolutions
    attention = 4 * (256**2 + 256) + 256  # with the scale of what it finds
    ways = sum(256 * c + 256 + 256 * c + c + 2 * c * c + c + 2 * c for c in (64, 128, 320, 512))
    assert sum(p.numel() for p in model.enhance.parameters()) == attention + ways
    assert model.token_limit == 20


@torch.no_grad()
def test_words_are_one_more_branch_of_the_block():
    torch.manual_seed(0)
    layer, x, words = StripAttention(8, 6).eval(), torch.randn(1, 8, 9, 9), torch.randn(1, 4, 6)
    mask = torch.ones(1, 4, dtype=torch.bool)
    inside = F.gelu(F.conv2d(x, layer.enter[0].weight, layer.enter[0].bias))
    near = layer.near(inside)
    strips = sum(strip(near) for strip in layer.strips)
    pixels = near[0].flatten(1).T  # (P, C); the words see what the first convolution gave, as the strips do
    branch = layer.words

    def normalised(y):
        return (y - y.mean(0)) / (y.var(0, correction=0) + 1e-5).sqrt()

    weights = (normalised(branch.query(pixels)) @ branch.key(words[0]).T / 8**0.5).softmax(1)
    attended = normalised(branch.answer(weights @ branch.value(words[0])))
    gate = torch.tanh(branch.gate[2].weight @ (branch.gate[0].weight @ attended.T).clamp_min(0))
    gated = (gate * attended.T).reshape(1, 8, 9, 9)
    given, best = layer(x, words, mask)
    torch.testing.assert_close(given, x + layer.leave(layer.mix(near + strips + gated) * inside), rtol=0, atol=1e-4)
    torch.testing.assert_close(best[0].flatten(), weights.max(1).values, rtol=0, atol=1e-5)


def test_cells_are_squares_of_the_image():
    x = torch.arange(2 * 3 * 8 * 12.0).reshape(2, 3, 8, 12)
    cells = to_cells(x, 4)
    assert cells.shape == (2, 6, 16, 3)
    torch.testing.assert_close(cells[1, 4], x[1, :, 4:8, 4:8].flatten(1).T)  # second row, second of three
    assert torch.equal(from_cells(cells, 4, 3), x)


def test_disagreement_by_hand():
    fine, middle, coarse = torch.zeros(1, 4, 4), torch.full((1, 2, 2), 0.5), torch.full((1, 1, 1), 0.1)
    fine[0, 0, 0] = 1.6
    assert disagreement([fine, middle, coarse]).item() == pytest.approx(abs(0.1 - 0.5) + abs(0.5 - 0.1))


@torch.no_grad()
def test_only_the_cells_of_most_disagreement_attend():
    torch.manual_seed(0)
    net = CellEnhancement((4, 4), width=8, heads=2, cells=1)
    torch.nn.init.normal_(net.scale)
    maps = [torch.randn(1, 4, 4, 4), torch.randn(1, 4, 2, 2)]
    weights = [torch.zeros(1, 4, 4), torch.zeros(1, 2, 2)]
    weights[1][0, 1, 0] = 1  # cell 2 of 4

    def tokens(cell):
        row, column = divmod(cell, 2)
        fine = net.enter[0](maps[0])[0, :, 2 * row : 2 * row + 2, 2 * column : 2 * column + 2].flatten(1)
        return torch.cat([fine, net.enter[1](maps[1])[0, :, row, column, None]], dim=1).T  # (5, 8)

    attended = net(maps, weights)
    for cell in range(4):
        own = tokens(cell)
        expected = own + (net.scale * net.attend(own[None])[0] if cell == 2 else own)
        row, column = divmod(cell, 2)
        back = net.leave[1](expected[4].reshape(1, 8, 1, 1))
        mixed = net.mix[1](torch.cat([maps[1][:, :, row, column, None, None], back], dim=1))
        torch.testing.assert_close(attended[1][:, :, row, column], mixed[:, :, 0, 0], rtol=0, atol=1e-5)


def test_cells_start_with_all_that_attention_finds():
    assert torch.equal(CellEnhancement((4, 4), width=8, heads=2, cells=1).scale, torch.ones(8))


@torch.no_grad()
def test_what_the_factors_give_is_added_without_a_norm():
    torch.manual_seed(0)
    net, x = Hamburger(4, 2).eval(), torch.randn(1, 4, 3, 3)
    inside = net.factors(F.conv2d(x, net.enter[0].weight, net.enter[0].bias).relu().flatten(2))
    leave = net.leave.weight[:, :, 0, 0] @ inside[0] + net.leave.bias[:, None]
    torch.testing.assert_close(net(x)[0].flatten(1), (x[0].flatten(1) + leave).relu(), rtol=0, atol=1e-5)


@torch.no_grad()
def test_only_the_mask_is_enlarged_corner_to_corner():
    torch.manual_seed(0)
    model, text, given = build("slvit", "tiny", SPEC, 64).eval(), prompts(5), {}
    for name in ("enhance", "head"):
        model.get_submodule(name).register_forward_hook(lambda _, __, out, name=name: given.update({name: out}))
    model.squeeze.register_forward_pre_hook(lambda _, x: given.update(squeeze=x[0]))
    mask, (no, yes) = model(images(1), text), given["head"].split(1, dim=1)
    large = F.interpolate(yes - no, size=(64, 64), mode="bilinear", align_corners=True)
    torch.testing.assert_close(mask, large, rtol=0, atol=1e-5)
    maps = [F.interpolate(x, size=(16, 16), mode="bilinear", align_corners=False) for x in given["enhance"]]
    torch.testing.assert_close(given["squeeze"], torch.cat(maps, dim=1), rtol=0, atol=1e-5)


def test_factors_come_close_to_a_product_of_their_rank():
    torch.manual_seed(0)
    x = torch.rand(2, 12, 3) @ torch.rand(2, 3, 40)
    error = []
    for steps in (1, 200):
        attended = Factors(12, 3, steps, steps)(x)
        assert (attended >= 0).all()
        error.append(((attended - x).norm() / x.norm()).item())
    assert error[1] < 0.03 < error[0]


def test_drop_path_keeps_the_mean():
    torch.manual_seed(0)
    drop, x = DropPath(0.25), torch.ones(4000, 1, 1, 1)
    dropped = drop(x).flatten()
    assert sorted(set(dropped.tolist())) == pytest.approx([0, 4 / 3])
    assert dropped.mean().item() == pytest.approx(1, abs=0.05)
    assert torch.equal(drop.eval()(x), x)


def test_recipes():
    image, text, target = images(2), prompts(5, 9), targets(2)
    for recipe in ("common", "official"):
        torch.manual_seed(0)
        model = build("slvit", "tiny", SPEC, 64, recipe=recipe).eval()
        logits = model(image, text)
        pair = torch.cat([torch.zeros_like(logits), logits], dim=1)
        official = F.cross_entropy(pair, target[:, 0].long(), weight=torch.tensor([0.9, 1.1]))
        expected = bce_dice(logits, target) if recipe == "common" else official
        torch.testing.assert_close(model.loss(image, text, target), expected)


@pytest.mark.parametrize(
    ("size", "options", "message"),
    [
        (32, {}, "image size 32 is less than 64"),
        (64, {"widths": (8, 8)}, r"widths \(8, 8\): expected a list of 4 positive whole numbers"),
        (64, {"heads": 3}, "width 32 is not a multiple of heads 3"),
        (64, {"cells": 0}, "cells 0 and rank 16: both have to be 1 or more"),
    ],
)
def test_wrong_options_are_refused(size, options, message):
    with pytest.raises(InputError, match=f"slvit: {message}"):
        build("slvit", "tiny", SPEC, size, **options)
