"""UniLSeg's decoders, layer by layer, against their definitions."""

import math

import torch
import torch.nn.functional as F

from baselines.contract import TextSpec
from baselines.unilseg.decoders import PixelDecoder, PromptNorm, QueryDecoder, VisionLanguageBlock, WordsToPixels
from baselines.unilseg.positions import sine_positions, word_positions
from tests.baselines.base import SPEC, prompts


def attention(layer, query, key, value):
    """One image's attention, (P, C), (M, C), (M, C) -> (P, C), head by head."""
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


@torch.no_grad()
def test_prompts_of_a_batch_are_normalised_together_and_a_lone_one_by_those_before():
    torch.manual_seed(0)
    norm, sentences = PromptNorm(3), torch.randn(5, 3)
    centred = sentences - sentences.mean(0)
    torch.testing.assert_close(norm(sentences), centred / (sentences.var(0, correction=0) + 1e-5).sqrt())
    mean, variance = norm.running_mean.clone(), norm.running_var.clone()
    torch.testing.assert_close(mean, 0.1 * sentences.mean(0))
    torch.testing.assert_close(norm(sentences[:1]), (sentences[:1] - mean) / (variance + 1e-5).sqrt())
    assert torch.equal(norm.running_mean, mean) and torch.equal(norm.running_var, variance)
