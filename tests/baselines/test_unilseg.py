import pytest
import torch
import torch.nn.functional as F

from baselines.contract import TextBatch, TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, images, prompts

CLIP = TextSpec(dim=512, length=17, vocab=49408)


class TestUniLSeg(MethodTest):
    name = "unilseg"


class TestUniLSegOnSixWords(MethodTest):
    name, options = "unilseg", {"tokens": 6}


class TestUniLSegOfficial(MethodTest):
    name, options = "unilseg", {"recipe": "official"}


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
    model, text, image = build("unilseg", "tiny", SPEC, 64).eval(), prompts(5, 9), images(2)
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
    image = images(1)
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
    model(images(1), prompts(9))
    assert met == [4, 4, 4, 16, 4, 64, 4, 256]  # to pixels on one grid of 2 x 2, to words on all of 2 x 2 to 16 x 16


@torch.no_grad()
def test_mask_is_the_product_of_query_and_pixels_enlarged_corner_to_corner():
    torch.manual_seed(0)
    model, text, given = build("unilseg", "tiny", SPEC, 64).eval(), prompts(5), {}
    for name in ("query", "pixels"):
        model.get_submodule(name).register_forward_hook(lambda _, __, out, name=name: given.update({name: out}))
    mask = model(images(1), text)
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
    model, image, text = build("unilseg", "tiny", SPEC, 64, recipe="official"), images(1), prompts(5)

    def logits(official):
        model.official = official
        torch.manual_seed(0)
        return model(image, text)

    model.eval()
    assert torch.equal(logits(True) > 0, logits(False).sigmoid() > 0.35)
    model.train()
    torch.testing.assert_close(logits(True), logits(False))  # the loss sees the logits as they are
