import pytest
import torch
import torch.nn.functional as F

from baselines.contract import TextBatch, TextSpec
from baselines.errors import InputError
from baselines.layers.bottleneck import BottleneckMap
from baselines.layers.distil import divergence, prototype_gap
from baselines.layers.parts import gather_part, part_of_token
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, pictures, prompts, targets

BERT = TextSpec(dim=768, length=24, vocab=30522)
COMMA = 1010


class TestARSeg(MethodTest):
    name = "arseg"


class TestARSegOfficial(MethodTest):
    name = "arseg"
    options = {"recipe": "official", "drop": (0.0, 0.0, 0.0)}  # what is left out of a batch gets no gradient


def said(*ids):
    """One prompt of these token ids."""
    row = torch.tensor([ids])
    tokens = torch.arange(1.0, len(ids) + 1)[None, :, None].expand(1, len(ids), 4)
    return TextBatch(row, torch.ones_like(row, dtype=torch.bool), tokens, tokens[:, 0])


def test_counts_of_the_official_code():
    model = build("arseg", "paper", BERT, 224)
    assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(30.0, rel=0.005)
    assert model.token_limit == 20


def test_commas_end_an_attribute_and_belong_to_none():
    text = said(101, 8, COMMA, 9, 10, COMMA, 11, COMMA, 12)
    assert part_of_token(text, 3, COMMA).tolist() == [[0, 0, -1, 1, 1, -1, 2, -1, 2]]
    assert part_of_token(text, 3, None).tolist() == [[0, 0, 0, 1, 1, 1, 2, 2, 2]]


def test_words_of_an_attribute_are_gathered_in_order_and_the_rest_is_zero():
    text = said(1, COMMA, 2, 3, COMMA, 4)
    number = part_of_token(text, 3, COMMA)
    assert gather_part(text.tokens, number == 1, 4)[0, :, 0].tolist() == [3, 4, 0, 0]
    assert gather_part(text.tokens, number == 1, 1)[0, :, 0].tolist() == [3]


@torch.no_grad()
def test_an_attribute_that_is_missing_adds_nothing():
    model = build("arseg", "tiny", TextSpec(4, 6, 30522), 64).eval()
    maps, there = model.part_maps(said(5, 6, COMMA, 7))
    assert there[:, 0].tolist() == [True, True, False]
    assert maps[2].abs().max() == 0 and all(maps[i].abs().max() > 0 for i in (0, 1))


@torch.no_grad()
def test_the_mask_is_made_of_the_sum_of_the_maps():
    model, image, text = build("arseg", "tiny", SPEC, 64).eval(), pictures(2), prompts(5, 9)
    picture, *skips = model.encode_image(image)
    maps, _ = model.part_maps(text)
    torch.testing.assert_close(model(image, text), model.up(picture + maps[0] + maps[1] + maps[2], skips)[-1])


@torch.no_grad()
def test_a_map_has_rank_one_in_every_channel():
    torch.manual_seed(0)
    found = BottleneckMap(8, 5, heads=2, rounds=2, dropout=0.0).eval()(torch.randn(2, 25, 8))
    assert found.shape == (2, 8, 5, 5)
    assert (torch.linalg.svdvals(found)[..., 1:] < 1e-6).all()


def test_divergence_is_that_of_the_definition():
    torch.manual_seed(0)
    student, teacher = torch.randn(2, 3, 4, 4), torch.randn(2, 3, 4, 4)
    expected = []
    for s, t in zip(student, teacher, strict=True):
        p, q = (t / 2).softmax(0), (s / 2).softmax(0)
        expected.append(4 * (p * (p / q).log()).mean())
    torch.testing.assert_close(divergence(student, teacher), torch.stack(expected))
    assert divergence(student, student).abs().max() < 1e-6
    one, other = torch.randn(1, 1, 4, 4), torch.randn(1, 1, 4, 4)  # one logit: two classes
    p, q = (other / 2).sigmoid(), (one / 2).sigmoid()
    kl = p * (p / q).log() + (1 - p) * ((1 - p) / (1 - q)).log()
    torch.testing.assert_close(divergence(one, other), 4 * kl.mean()[None] / 2)


def test_prototype_gap_by_a_loop():
    torch.manual_seed(0)
    student, teacher, target = torch.randn(1, 6, 4, 4), torch.randn(1, 6, 4, 4), targets(1, 8)
    weight = F.avg_pool2d(target, 2)[0, 0]
    gaps = []
    for y in range(4):
        for x in range(4):
            pair = []
            for maps in (student[0], teacher[0]):
                prototype = sum(maps[:, i, j] * weight[i, j] for i in range(4) for j in range(4)) / weight.sum()
                pair.append(F.cosine_similarity(maps[:, y, x], prototype, dim=0))
            gaps.append(pair[0] - pair[1])
    squared, absolute = prototype_gap(student, teacher, target)
    torch.testing.assert_close(squared[0], torch.stack(gaps).square().mean(), rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(absolute[0], torch.stack(gaps).abs().mean(), rtol=1e-3, atol=1e-5)
    assert prototype_gap(student, teacher, torch.zeros(1, 1, 8, 8))[0].item() == 0


def test_official_loss_alone_is_dice_where_all_attributes_are_missing():
    model = build("arseg", "tiny", SPEC, 64, recipe="official").eval()
    image, target, empty = pictures(2), targets(2), prompts(0, 0)
    p = model(image, empty).sigmoid()
    dice = 2 * (p * target).sum() / (p.sum() + target.sum())
    torch.testing.assert_close(model.loss(image, empty, target), 1 - dice)


@pytest.mark.parametrize(
    ("size", "options", "message"),
    [
        (72, {}, "image size 72 is not a multiple of 16"),
        (16, {}, "image size 16 is less than 32"),
        (64, {"widths": (8, 16)}, "expected a list of 4 positive whole numbers"),
        (64, {"heads": 3}, "width 64 is not a multiple of heads 3"),
        (64, {"drop": (0.1, 0.4)}, r"drop \[0.1, 0.4\]: expected 3 shares, each at least 0 and below 1"),
        (64, {"recipe": "own"}, "recipe 'own' is unknown; there are: common, official"),
    ],
)
def test_wrong_options_are_told(size, options, message):
    with pytest.raises(InputError, match=message):
        build("arseg", "tiny", SPEC, size, **options)
