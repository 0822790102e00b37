import math

import pytest
import torch

from baselines.contract import TextBatch, TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.layers.position import sine_positions
from baselines.registry import build
from baselines.unilseg import VisionLanguageBlock
from tests.baselines.base import SPEC, MethodTest, pictures, prompts

CLIP = TextSpec(dim=512, length=17, vocab=49408)


class TestUniLSeg(MethodTest):
    name = "unilseg"


class TestUniLSegLate(MethodTest):
    name, options = "unilseg", {"early": False, "tokens": 6}


def test_counts_of_the_paper():
    model = build("unilseg", "paper", CLIP, 224)
    total, backbone = (sum(p.numel() for p in part.parameters()) / 1e6 for part in (model, model.swin))
    assert backbone == pytest.approx(86.7, rel=0.01)
    assert total - backbone == pytest.approx(46.95, rel=0.01)
    decoders = count(model, CLIP, 224)["thop"]  # `uncounted` leaves the backbone and the joins out
    assert decoders == pytest.approx(28.83, rel=0.01)
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
def test_early_is_whether_the_next_stage_sees_the_words():
    def second_stage(early: bool, seed: int) -> torch.Tensor:
        torch.manual_seed(0)
        model, seen = build("unilseg", "tiny", SPEC, 64, early=early).eval(), []
        model.join[1].register_forward_pre_hook(lambda _, given: seen.append(given[0]))
        model(pictures(1), prompts(9, seed=seed))
        return seen[0]

    assert torch.equal(second_stage(False, 1), second_stage(False, 2))
    assert not torch.allclose(second_stage(True, 1), second_stage(True, 2), atol=1e-4)


@torch.no_grad()
def test_block_against_prompts_without_pads():
    torch.manual_seed(0)
    block = VisionLanguageBlock(8, 2, 16).eval()
    x, words, mask = torch.randn(1, 6, 8), torch.randn(1, 5, 8), torch.arange(5)[None] < 3
    found = block(x, words, mask)
    torch.testing.assert_close(found, block(x, words[:, :3], mask[:, :3]))
    assert not torch.allclose(found, block(x, words, torch.ones_like(mask)), atol=1e-3)
    moved = x.flip(1)  # it knows no order of pixels
    torch.testing.assert_close(block(moved, words, mask), found.flip(1))


def test_positions_are_a_code_of_row_and_column():
    code = sine_positions(torch.zeros(2, 8, 3, 5))
    assert code.shape == (1, 15, 8)
    row, column, turn = 1, 3, 2 * math.pi
    values = []
    for place in ((row + 1) / 3 * turn, (column + 1) / 5 * turn):
        for function in (math.sin, math.cos):
            values += [function(place * 10_000 ** (-i / 2)) for i in range(2)]
    torch.testing.assert_close(code[0, row * 5 + column], torch.tensor(values))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"heads": 5}, "width 24 is not a multiple of heads 5"),
        ({"pixel_width": 60}, "width 60 is not a multiple of heads 8"),
        ({"tokens": 0}, "tokens 0 is less than 1"),
        ({"weights": "/nowhere"}, "weights '/nowhere': no such folder"),
    ],
)
def test_wrong_options_are_told(options, message):
    with pytest.raises(InputError, match=f"unilseg: {message}"):
        build("unilseg", "tiny", SPEC, 64, **options)
