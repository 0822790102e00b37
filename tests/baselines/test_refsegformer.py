import pytest
import torch
import torch.nn.functional as F

from baselines.contract import TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.layers.memory import ABSENT, MEMORY, Fusion
from baselines.registry import build
from tests.baselines.base import SPEC, pictures, prompts, targets
from tests.baselines.base_ids import ReadsIdsTest
from tests.baselines.base_rate import OwnRateTest


class TestRefSegformer(ReadsIdsTest):
    name = "refsegformer"


class TestRefSegformerOfficialOnFrozenTokens(OwnRateTest):
    name, options = "refsegformer", {"recipe": "official", "language": "tokens", "fused": 3}


def test_counts_of_the_paper():
    bert = TextSpec(dim=768, length=20, vocab=30522)
    model = build("refsegformer", "paper", bert, 224)
    counted = count(model, bert, 224)
    assert counted["thop"] == pytest.approx(195.0, rel=0.003)
    layers = sum(p.numel() for p in model.language.bert.encoder.parameters()) / 1e6
    assert layers == pytest.approx(85.06, rel=0.001)
    language = sum(p.numel() for p in model.language.parameters()) / 1e6
    assert counted["total"] - language == pytest.approx(109.9, rel=0.003)
    assert model.token_limit == 20


@torch.no_grad()
def test_paper_starts_without_the_text_and_lets_it_in():
    model, image = build("refsegformer", "tiny", SPEC, 64, start=0.0), pictures(2)
    model.eval()
    assert torch.equal(model(image, prompts(5, 9, seed=1)), model(image, prompts(5, 9, seed=2)))
    with torch.enable_grad():
        model.loss(image, prompts(5, 9), targets(2)).backward()
    assert model.fusion["1"].output[1].weight.grad.any()


@torch.no_grad()
def test_fusion_against_its_definition():
    torch.manual_seed(0)
    fusion = Fusion(8, 6, start=1.0).eval()
    x, words, mask = torch.randn(1, 10, 8), torch.randn(1, 5, 6), torch.arange(5)[None] < 3

    def look(layer, query, memory):
        weight = (layer.query(query) @ layer.key(memory).T / 8**0.5).softmax(1)
        return layer.answer(weight @ layer.value(memory))

    def normalised(y):
        return (y - y.mean(0)) / (y.var(0, correction=0) + 1e-5).sqrt()

    told = normalised(look(fusion.read, fusion.memory[0], fusion.narrow(words[0, :3])))
    memory = torch.cat([fusion.absent[0], told])
    found = normalised(look(fusion.look, fusion.see(x)[0], memory))
    expected = x[0] + fusion.output[0](found) / (1 + 1e-5) ** 0.5
    given, kept = fusion(x, words, mask)
    torch.testing.assert_close(given[0], expected, rtol=0, atol=1e-4)
    torch.testing.assert_close(kept[0], memory, rtol=0, atol=1e-4)
    assert kept.shape[1] == MEMORY + ABSENT


def test_official_loss_asks_for_what_is_not_there():
    torch.manual_seed(0)
    model = build("refsegformer", "tiny", SPEC, 64, recipe="official").eval()
    image, text, target = pictures(2), prompts(5, 9), targets(2)
    target[1] = 0

    def parts(prompt):
        outs, deepest = model._decoded(model.encode_image(image), prompt)
        pairs = [head(out) for head, out in zip(model.heads, outs, strict=True)]
        grown = [F.interpolate(pair, size=(64, 64), mode="bilinear") for pair in pairs]
        return grown, model.exists(deepest.mean((2, 3))).sigmoid()[:, 0]

    classes = target[:, 0].long()
    masks, there = parts(text)
    loss = F.cross_entropy(masks[0], classes) + 0.4 * sum(F.cross_entropy(mask, classes) for mask in masks[1:])
    loss = loss + F.binary_cross_entropy(there, torch.tensor([1.0, 0.0]))
    same = text[torch.tensor([0, 0])]
    absent, elsewhere = parts(text[torch.tensor([1, 0])])
    nothing = 0.4 * F.cross_entropy(absent[0], torch.zeros_like(classes))
    nothing = nothing + F.binary_cross_entropy(elsewhere, torch.zeros(2))
    torch.testing.assert_close(model.loss(image, text, target), loss + nothing, rtol=1e-4, atol=1e-5)
    masks, there = parts(same)  # one prompt for both: nobody else's prompt to ask with
    loss = F.cross_entropy(masks[0], classes) + 0.4 * sum(F.cross_entropy(mask, classes) for mask in masks[1:])
    loss = loss + F.binary_cross_entropy(there, torch.tensor([1.0, 0.0]))
    torch.testing.assert_close(model.loss(image, same, target), loss, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("size", "options", "message"),
    [
        (32, {}, "image size 32 is less than 64"),
        (64, {"fused": 4}, "fused 4: expected 1, 2 or 3 stages"),
        (64, {"language": "latin"}, "language 'latin' is unknown; there are: bert, tokens"),
        (64, {"bert": (48, 2, 5)}, r"bert \(48, 2, 5\): expected width, depth and heads that divide the width"),
        (64, {"decoder": (8, 8)}, r"decoder \(8, 8\): expected a list of 3 positive whole numbers"),
        (64, {"text_weights": "/nowhere"}, "text_weights '/nowhere': no such folder"),
    ],
)
def test_wrong_options_are_told(size, options, message):
    with pytest.raises(InputError, match=f"refsegformer: {message}"):
        build("refsegformer", "tiny", SPEC, size, **options)
