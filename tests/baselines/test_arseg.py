import pytest
import torch
import torch.nn.functional as F

from baselines.arseg.bottleneck_tokens import BottleneckMap
from baselines.arseg.distillation import divergence, prototype_gap
from baselines.arseg.prompt_attributes import gather_part, part_of_token, words_of
from baselines.contract import TextBatch, TextSpec, Vocabulary
from baselines.errors import InputError
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, images, prompts, targets

BERT = TextSpec(dim=768, length=24, vocab=30522)
COMMA = 1010
SLOTS = (5, 5, 10)
DIVIDED = Vocabulary(comma=COMMA)
MARKED = Vocabulary(comma=COMMA, marks=(101, 102))


class TestARSeg(MethodTest):
    name = "arseg"


class TestARSegOfficial(MethodTest):
    name = "arseg"
    options = {"recipe": "official", "drop": (0.0, 0.0, 0.0)}  # what is left out of a batch gets no gradient


def prompt_of(*ids):
    """One prompt of these token ids."""
    row = torch.tensor([ids])
    tokens = torch.arange(1.0, len(ids) + 1)[None, :, None].expand(1, len(ids), 4)
    return TextBatch(row, torch.ones_like(row, dtype=torch.bool), tokens, tokens[:, 0])


def test_counts_of_the_official_code():
    model = build("arseg", "paper", BERT, 224)
    assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(30.0, rel=0.005)
    assert model.token_limit == 20


def test_commas_end_an_attribute_and_belong_to_none():
    text = prompt_of(7, 8, COMMA, 9, 10, COMMA, 11, COMMA, 12)
    assert parts(text, COMMA) == [0, 0, -1, 1, 1, -1, 2, -1, 2]
    assert parts(text, None, slots=(9, 9, 9)) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert parts(prompt_of(7, COMMA, 9), COMMA) == [0, -1, 1]  # the third is lacking


def parts(text, comma, slots=SLOTS):
    return part_of_token(text, slots, comma, words_of(text, Vocabulary(comma=comma)))[0].tolist()


def test_marks_around_a_prompt_are_no_words():
    text = prompt_of(101, 8, 102, 9, 102)  # the same ids in between are words
    assert words_of(text, MARKED).tolist() == [[False, True, True, True, False]]
    padded = TextBatch(text.ids, text.mask & (torch.arange(5) < 3), text.tokens, text.pooled)
    assert words_of(padded, MARKED).tolist() == [[False, True, False, False, False]]
    assert words_of(text, Vocabulary()).all()


def test_words_that_do_not_fit_take_the_free_slots_of_other_attributes():
    assert parts(prompt_of(*[8] * 16), COMMA) == [0] * 4 + [1] * 4 + [2] * 8  # no comma: shared out by slots
    assert parts(prompt_of(*[8] * 7, COMMA, 9, COMMA, 9), COMMA) == [0] * 5 + [1] * 2 + [-1, 1, -1, 2]
    assert parts(prompt_of(8, COMMA, 8, COMMA, *[9] * 12), COMMA) == [0, -1, 1, -1] + [1] * 2 + [2] * 10
    assert parts(prompt_of(*[8] * 22), COMMA) == [0] * 5 + [1] * 5 + [2] * 10 + [-1] * 2


def test_the_first_twenty_words_find_a_slot_in_order_whatever_the_commas():
    chance = torch.Generator().manual_seed(0)
    for length in range(1, 31):
        ids = torch.where(torch.rand(8, length, generator=chance) < 0.2, COMMA, 8)
        real = torch.arange(length) < torch.randint(length + 1, (8, 1), generator=chance)
        text = TextBatch(ids, real, torch.zeros(8, length, 4), torch.zeros(8, 4))
        words = words_of(text, DIVIDED)
        for number, row in zip(part_of_token(text, SLOTS, COMMA, words), words, strict=True):
            result = number[row].tolist()
            assert result[:20] == sorted(result[:20]) and set(result[20:]) <= {-1} and -1 not in result[:20]
            assert all(result.count(i) <= slots for i, slots in enumerate(SLOTS)) and (number[~row] == -1).all()
    none = TextBatch(ids[:, :0], real[:, :0], text.tokens[:, :0], text.pooled)
    assert part_of_token(none, SLOTS, COMMA, none.mask).shape == (8, 0)


@torch.no_grad()
@pytest.mark.parametrize("commas", [(), (4,), (2, 9)])
def test_the_mask_depends_on_the_tokens_that_are_read_and_on_no_others(commas):
    torch.manual_seed(0)
    spec = TextSpec(dim=8, length=28, vocab=30522, words=MARKED)
    model = build("arseg", "paper", spec, 32, widths=(8, 16, 24, 32)).double().eval()
    ids = torch.full((1, 28), 8)
    ids[0, 0], ids[0, 25], ids[0, list(commas)] = 101, 102, COMMA
    text = TextBatch(ids, torch.arange(28)[None] < 26, torch.randn(1, 28, 8).double(), torch.zeros(1, 8))
    image, read = images(1, 32).double(), model.reads(text)
    assert read.tolist() == [[i <= 20 + len(commas) or i == 25 for i in range(28)]]
    expected = model(image, text)
    for i in range(28):
        tokens = text.tokens.clone()
        tokens[:, i] += 100
        changed = not torch.equal(model(image, TextBatch(ids, text.mask, tokens, text.pooled)), expected)
        assert changed is (bool(read[0, i]) and i not in (0, 25, *commas)), i


def test_other_methods_read_the_first_tokens():
    text = prompts(3, 9)
    assert build("lvit", "tiny", SPEC, 64, tokens=4).reads(text).sum(1).tolist() == [3, 4]
    assert torch.equal(build("reclmis", "tiny", SPEC, 64).reads(text), text.mask)


def test_words_of_an_attribute_are_gathered_in_order_and_the_rest_is_zero():
    text = prompt_of(1, COMMA, 2, 3, COMMA, 4)
    number = part_of_token(text, SLOTS, COMMA, words_of(text, DIVIDED))
    assert gather_part(text.tokens, number == 1, 4)[0, :, 0].tolist() == [3, 4, 0, 0]
    assert gather_part(text.tokens, number == 1, 1)[0, :, 0].tolist() == [3]


@torch.no_grad()
def test_an_attribute_that_is_missing_adds_nothing():
    model = build("arseg", "tiny", TextSpec(4, 6, 30522, MARKED), 64).eval()
    maps, there = model.part_maps(prompt_of(5, 6, COMMA, 7))
    assert there[:, 0].tolist() == [True, True, False]
    assert maps[2].abs().max() == 0 and all(maps[i].abs().max() > 0 for i in (0, 1))


@torch.no_grad()
def test_the_mask_is_made_of_the_sum_of_the_maps():
    model, image, text = build("arseg", "tiny", SPEC, 64).eval(), images(2), prompts(5, 9)
    image_map, *skips = model.encode_image(image)
    maps, _ = model.part_maps(text)
    torch.testing.assert_close(model(image, text), model.up(image_map + maps[0] + maps[1] + maps[2], skips)[-1])


@torch.no_grad()
def test_a_map_has_rank_one_in_every_channel():
    torch.manual_seed(0)
    result = BottleneckMap(8, 5, heads=2, rounds=2, dropout=0.0).eval()(torch.randn(2, 25, 8))
    assert result.shape == (2, 8, 5, 5)
    assert (torch.linalg.svdvals(result)[..., 1:] < 1e-6).all()


@torch.no_grad()
@pytest.mark.parametrize("own_first", [True, False])
def test_the_first_attention_of_tokens_uses_the_requested_block(own_first):
    torch.manual_seed(0)
    squeeze, features = BottleneckMap(8, 5, 2, rounds=1, dropout=0.0, own_first=own_first).eval(), torch.randn(2, 25, 8)
    first = squeeze.to_tokens if own_first else squeeze.to_features
    tokens = first(squeeze.tokens.expand(2, -1, -1), features)
    tokens = squeeze.to_tokens(tokens, squeeze.to_features(features, tokens))
    torch.testing.assert_close(squeeze(features), torch.einsum("brc,xsc->bcrs", tokens, squeeze.columns))


def test_the_image_looks_with_the_features_block_and_the_text_with_the_tokens_own():
    model = build("arseg", "tiny", SPEC, 64)
    assert not model.squeeze.own_first and all(part.own_first for part in model.squeeze_part)


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
    image, target, empty = images(2), targets(2), prompts(0, 0)
    p = model(image, empty).sigmoid()
    dice = 2 * (p * target).sum() / (p.sum() + target.sum())
    torch.testing.assert_close(model.loss(image, empty, target), 1 - dice)


@torch.no_grad()
def test_official_loss_is_dice_and_what_each_attribute_learns_from_the_whole():
    model = build("arseg", "tiny", SPEC, 64, recipe="official").eval()
    image, text, target, shares = images(2), prompts(6, 9), targets(2), (0.1, 0.4, 0.7)
    image_map, *skips = model.encode_image(image)
    maps, _ = model.part_maps(text)
    whole = model.up(image_map + maps.sum(0), skips)
    p = whole[-1].sigmoid()
    dice = 2 * (p * target).sum() / (p.sum() + target.sum())
    alone = [model.up(image_map + part, skips) for part in maps]
    gaps, distances = zip(*(prototype_gap(one[-2], whole[-2], target) for one in alone), strict=True)
    mean_distance = torch.stack(distances).mean()  # over attributes and images
    expected = 1 - dice
    for share, one, gap, distance in zip(shares, alone, gaps, distances, strict=True):
        kl = sum(divergence(*pair) for pair in zip(one, whole, strict=True))
        rare = 1 / (2 * (1 - share))  # an attribute that is dropped more often weighs more
        expected = expected + (0.5 * rare * kl + 0.5 * distance / mean_distance * gap).mean()
    torch.testing.assert_close(model.loss(image, text, target), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    ("size", "options", "message"),
    [
        (72, {}, "image size 72 is not a multiple of 16"),
        (16, {}, "image size 16 is less than 32"),
        (64, {"widths": (8, 16)}, "expected a list of 4 positive whole numbers"),
        (64, {"heads": 3}, "width 64 is not a multiple of heads 3"),
        (64, {"drop": (0.1, 0.4)}, r"drop \[0.1, 0.4\]: expected 3 shares, each at least 0 and below 1"),
        (64, {"rounds": -1}, "rounds -1: expected a whole number, 1 or more"),
    ],
)
def test_wrong_options_are_refused(size, options, message):
    with pytest.raises(InputError, match=message):
        build("arseg", "tiny", SPEC, size, **options)
