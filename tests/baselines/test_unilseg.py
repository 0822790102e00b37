import math

import pytest
import torch
import torch.nn.functional as F

from baselines.contract import TextBatch, TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.registry import build
from baselines.unilseg.decoders import PixelDecoder, QueryDecoder, VisionLanguageBlock, WordsToPixels
from baselines.unilseg.positions import sine_positions, word_positions
from tests.baselines.base import SPEC, MethodTest, pictures, prompts

CLIP = TextSpec(dim=512, length=17, vocab=49408)


class TestUniLSeg(MethodTest):
    name = "unilseg"


class TestUniLSegOnSixWords(MethodTest):
    name, options = "unilseg", {"tokens": 6}


def parameters(*modules):
    return sum(p.numel() for module in modules for p in module.parameters())


def test_counts_of_the_paper():
    model = build("unilseg", "paper", CLIP, 224)
    assert parameters(model.swin) / 1e6 == pytest.approx(86.7, rel=0.01)
    first = 4 * (256**2 + 256) + 2 * 256 - 256  # attention to itself and norm of the first layer, for a start
    heads = parameters(model.join, model.pixels, model.query) + first
    assert heads / 1e6 == pytest.approx(46.95, rel=0.001)  # of the official code
    assert parameters(model.norms) == 2 * (128 + 256 + 512 + 1024)
    decoders = count(model, CLIP, 224)["thop"]  # `uncounted` leaves the backbone and the joins out
    assert decoders == pytest.approx(28.83, rel=0.001)
    assert decoders == pytest.approx(28.7, rel=0.01)  # as published
    assert model.token_limit == 17


@torch.no_grad()
def test_words_and_sentence_both_count():
    torch.manual_seed(0)
    model, text, image = build("unilseg", "tiny", SPEC, 64).eval(), prompts(5, 9), pictures(2)
    before = model(image, text)
    sentence = TextBatch(text.ids, text.mask, text.tokens, text.pooled + 1)
    words = TextBatch(text.ids, text.mask, text.tokens + 1, text.pooled)
    assert all(not torch.allclose(model(image, other), before, atol=1e-3) for other in (sentence, words))


@torch.no_grad()
def test_words_join_normalised_maps_after_the_whole_swin():
    model, met = build("unilseg", "tiny", SPEC, 64).eval(), []
    for i, join in enumerate(model.join):
        torch.nn.init.normal_(model.norms[i].weight)
        join.register_forward_pre_hook(lambda _, given: met.append(given[0]))
    image = pictures(1)
    model(image, prompts(9))
    tokens, size = model.swin.embed((image - STATISTICS[0]) / STATISTICS[1])
    for i, norm in enumerate(model.norms):  # stage after stage, and no word in between
        tokens = model.swin.stage(i, tokens, size)
        expected = F.layer_norm(tokens, tokens.shape[2:], norm.weight, norm.bias)
        torch.testing.assert_close(met[i].flatten(2).transpose(1, 2), expected, rtol=0, atol=1e-4)
        if i < 3:
            tokens, size = model.swin.halve(i, tokens, size)


STATISTICS = (
    torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1),
    torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1),
)


@torch.no_grad()
def test_every_pixel_of_every_level_meets_the_words():
    model, met = build("unilseg", "tiny", SPEC, 64).eval(), []
    for block in model.pixels.blocks:
        block.to_words.register_forward_pre_hook(lambda _, given: met.append(given[0].shape[1]))
        block.together.register_forward_pre_hook(lambda _, given: met.append(given[0].shape[1]))
    model(pictures(1), prompts(9))
    assert met == [4, 4, 4, 16, 4, 64, 4, 256]  # to pixels on one grid of 2 x 2, to words on all of 2 x 2 to 16 x 16


def attention(layer, query, key, value):
    """One picture's attention, (P, C), (M, C), (M, C) -> (P, C), head by head."""
    width, heads = query.shape[1], layer.num_heads
    weight, bias = layer.in_proj_weight.chunk(3), layer.in_proj_bias.chunk(3)
    query, key, value = (x @ w.T + b for x, w, b in zip((query, key, value), weight, bias, strict=True))
    parts = []
    for i in range(heads):
        head = slice(i * width // heads, (i + 1) * width // heads)
        parts.append((query[:, head] @ key[:, head].T / (width // heads) ** 0.5).softmax(1) @ value[:, head])
    return layer.out_proj(torch.cat(parts, dim=1))


@torch.no_grad()
def test_block_against_its_definition():
    torch.manual_seed(0)
    block = VisionLanguageBlock(8, 2, 16, shrink=4).eval()
    x, words, mask = torch.randn(1, 8, 8, 12), torch.randn(1, 5, 8), torch.arange(5)[None] < 3
    order = word_positions(words, 17)
    pixels, place, tokens = x[0].permute(1, 2, 0), sine_positions(x)[0].reshape(8, 12, 8), words[0, :3]

    def small(grid):  # bilinear, 4 times smaller: the mean of the four pixels in the middle
        middle = (grid[1::4] + grid[2::4]) / 2
        return ((middle[:, 1::4] + middle[:, 2::4]) / 2).flatten(0, 1)

    query = small(pixels + place)
    attended = attention(block.together, query, torch.cat([query, tokens]), torch.cat([small(pixels), tokens]))
    large = F.interpolate(attended.T.reshape(1, 8, 2, 3), scale_factor=4, mode="bilinear", align_corners=False)
    y = block.norms[0](pixels + large[0].permute(1, 2, 0)).flatten(0, 1)
    y = block.norms[1](y + attention(block.to_words, y + place.flatten(0, 1), tokens + order[0, :3], tokens))
    y = block.norms[2](y + block.mlp[3](block.mlp[0](y).relu()))
    torch.testing.assert_close(block(x, words, mask, order)[0].flatten(1).T, y, rtol=0, atol=1e-5)


@torch.no_grad()
def test_words_to_pixels_against_its_definition():
    torch.manual_seed(0)
    join, x, text = WordsToPixels(8, SPEC.dim, 2).eval(), torch.randn(1, 8, 3, 4), prompts(5)
    pixels, words = x[0].flatten(1).T, join.narrow(text.tokens[0, :5])
    expected = pixels + attention(join.attend, pixels + sine_positions(x)[0], words, words)
    torch.testing.assert_close(join(x, text)[0].flatten(1).T, expected, rtol=0, atol=1e-5)


@torch.no_grad()
def test_pixel_decoder_sums_what_the_blocks_give():
    torch.manual_seed(0)
    net, text = (
        PixelDecoder((4, 8), 8, 8, 12, heads=2, hidden=16, longest=12).eval(),
        prompts(5, spec=TextSpec(8, 12, 9)),
    )
    maps, given = [torch.randn(1, 4, 16, 16), torch.randn(1, 8, 8, 8)], []
    for block in net.blocks:
        block.register_forward_hook(lambda _, __, out: given.append(out))
    attended = net(maps, text)
    deep, fine = given
    above = F.interpolate(net.smooth[1](deep), size=(16, 16), mode="bilinear", align_corners=False)
    y = F.conv2d(net.smooth[0](fine + above), net.output[0].weight, padding=1) / (1 + 1e-5) ** 0.5
    torch.testing.assert_close(attended, y.relu(), rtol=0, atol=1e-5)


@torch.no_grad()
def test_query_against_its_definition():
    torch.manual_seed(0)
    net, deepest, sentence = QueryDecoder(6, 5, 8, 2, 16, layers=2).eval(), torch.randn(1, 6, 3, 3), torch.randn(1, 5)
    for parameter in (net.start, net.norm.weight, net.norm.bias):
        torch.nn.init.normal_(parameter)
    seen = (F.conv2d(deepest, net.look[0].weight, padding=1) / (1 + 1e-5) ** 0.5).relu()
    value, key = seen[0].flatten(1).T, seen[0].flatten(1).T + sine_positions(seen)[0]
    position = F.layer_norm(sentence @ net.ask[0].weight.T, (8,)).relu()
    x = net.start[0]
    for i, layer in enumerate(net.layers):
        if i:  # the first one's is a constant
            x = layer.norms["own"](x + attention(layer.own, x + position, x + position, x))
        x = layer.norms["pixels"](x + attention(layer.pixels, x + position, key, value))
        x = layer.norms["mlp"](x + layer.mlp[3](layer.mlp[0](x).relu()))
    torch.testing.assert_close(
        net(deepest, sentence)[0], F.layer_norm(x, (8,), net.norm.weight, net.norm.bias), rtol=0, atol=1e-5
    )
    assert not QueryDecoder(6, 5, 8, 2, 16, layers=1).start.any()  # zeros, as the public code's query


@torch.no_grad()
def test_mask_is_the_product_of_query_and_pixels_enlarged_corner_to_corner():
    torch.manual_seed(0)
    model, text, given = build("unilseg", "tiny", SPEC, 64).eval(), prompts(5), {}
    for name in ("query", "pixels"):
        model.get_submodule(name).register_forward_hook(lambda _, __, out, name=name: given.update({name: out}))
    mask = model(pictures(1), text)
    small = (given["query"][0] @ given["pixels"][0].flatten(1)).reshape(1, 1, 16, 16)
    large = F.interpolate(small, size=(64, 64), mode="bilinear", align_corners=True)
    torch.testing.assert_close(mask, large, rtol=0, atol=1e-5)


def test_all_attention_drops_a_tenth():
    model = build("unilseg", "tiny", SPEC, 64)
    attentions = [module for module in model.modules() if isinstance(module, torch.nn.MultiheadAttention)]
    assert len(attentions) == 4 + 2 * 4 + 3 and {module.dropout for module in attentions} == {0.1}
    decoders = [*model.pixels.modules(), *model.query.modules()]
    drops = [module for module in decoders if isinstance(module, torch.nn.Dropout)]
    assert len(drops) == 2 * (4 + 2) and {module.p for module in drops} == {0.1}


def test_positions_are_a_code_of_row_and_column():
    code = sine_positions(torch.zeros(2, 8, 3, 5))
    assert code.shape == (1, 15, 8)
    row, column, turn = 1, 3, 2 * math.pi
    values = []
    for place in ((row + 0.5) / 3 * turn, (column + 0.5) / 5 * turn):
        for i in range(2):
            values += [math.sin(place * 10_000 ** (-i / 2)), math.cos(place * 10_000 ** (-i / 2))]
    torch.testing.assert_close(code[0, row * 5 + column], torch.tensor(values))


def test_positions_of_words_do_not_know_of_pads():
    code = word_positions(torch.zeros(2, 5, 4), 17)
    place = 3 / 17 * 2 * math.pi  # the third word
    values = [math.sin(place), math.cos(place), math.sin(place / 100), math.cos(place / 100)]
    torch.testing.assert_close(code[0, 2], torch.tensor(values))
    assert torch.equal(code, word_positions(torch.zeros(2, 9, 4), 17)[:, :5])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"heads": 5}, "width 24 is not a multiple of heads 5"),
        ({"pixel_width": 60}, "width 60 is not a multiple of heads 8"),
        ({"depths": (1, 1, 1)}, r"depths \(1, 1, 1\): expected a list of 4 positive whole numbers"),
        ({"swin_heads": (1, 2, 4)}, r"swin_heads \(1, 2, 4\): expected a list of 4 positive whole numbers"),
        ({"swin_heads": (1, 2, 5, 8)}, "width 96 of stage 3 is not a multiple of heads 5"),
        ({"tokens": 0}, "tokens 0 is less than 1"),
        ({"weights": "/nowhere"}, "weights '/nowhere': no such folder"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=f"unilseg: {message}"):
        build("unilseg", "tiny", SPEC, 64, **options)


@torch.no_grad()
def test_official_masks_start_at_a_probability_of_035():
    common, official = (build("unilseg", "tiny", SPEC, 64, recipe=recipe) for recipe in ("common", "official"))
    official.load_state_dict(common.state_dict())
    image, text = pictures(1), prompts(5)
    probability = common.eval()(image, text).sigmoid()
    assert torch.equal(official.eval()(image, text) > 0, probability > 0.35)
    official.train(), common.train()
    torch.manual_seed(0)
    expected = common(image, text)
    torch.manual_seed(0)
    torch.testing.assert_close(official(image, text), expected)  # the loss sees the logits as they are
