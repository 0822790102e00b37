import pytest
import torch
import torch.nn.functional as F

from baselines.contract import TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.layers.towers import bert_config, load_tower
from baselines.refsegformer.memory import ABSENT, MEMORY, Existence, Fusion, Look
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, images, prompts, targets
from tests.baselines.base_ids import ReadsIdsTest


class TestRefSegformer(ReadsIdsTest):
    name = "refsegformer"


class TestRefSegformerOfficialOnFrozenTokens(MethodTest):
    name, options = "refsegformer", {"recipe": "official", "language": "tokens", "fused": 3}
    rate, steps = 1e-3, 20


def parameters(module):
    return sum(p.numel() for p in module.parameters())


def test_counts_of_the_paper():
    bert = TextSpec(dim=768, length=20, vocab=30522)
    model = build("refsegformer", "paper", bert, 224)
    counted = count(model, bert, 224)
    assert counted["thop"] == pytest.approx(189.31, abs=0.01)
    for i, (coarse, width) in enumerate(((256, 128), (512, 256), (1024, 512))):  # the decoder's widths are the Swin's
        assert parameters(model.up[i]) == 9 * (coarse + width) * width + 9 * width**2 + 4 * width
    layers = parameters(model.language.bert.encoder)
    assert layers / 1e6 == pytest.approx(85.06, rel=0.001)
    own = parameters(model) - parameters(model.language)
    unread = sum(4 * (c * c + c) for c in (256, 512, 1024)) + 2 * 1024  # of the official code, see the card
    heads, key_biases = 2 * (256 + 1) + 2 * (512 + 1) + 2 * (1024 + 1), 3 * (256 + 512)
    assert (own + unread + heads + key_biases) / 1e6 == pytest.approx(109.9, rel=0.001)
    assert (own + unread + heads + key_biases + layers) / 1e6 == pytest.approx(195.0, rel=0.001)  # as published
    assert model.token_limit == 20


def test_heads_are_those_of_the_swin():
    model = build("refsegformer", "paper", SPEC, 64, depths=(1, 1, 1, 1), bert=(48, 1, 1), fused=3)
    for i, heads in ((1, 8), (2, 16), (3, 32)):
        fusion, recall = model.fusion[str(i)], model.recall[str(i)]
        assert (fusion.read.heads, fusion.look.heads, recall.look.heads) == (heads, heads, heads)


@torch.no_grad()
def test_paper_starts_without_the_text_and_lets_it_in():
    model, image = build("refsegformer", "tiny", SPEC, 64, start=0.0), images(2)
    model.eval()
    assert torch.equal(model(image, prompts(5, 9, seed=1)), model(image, prompts(5, 9, seed=2)))
    with torch.enable_grad():
        model.loss(image, prompts(5, 9), targets(2)).backward()
    assert model.fusion["1"].output[1].weight.grad.any()


@torch.no_grad()
def test_fusion_against_its_definition():
    torch.manual_seed(0)
    fusion = Fusion(8, 6, heads=2, start=1.0).eval()
    x, words, mask = torch.randn(1, 10, 8), torch.randn(1, 5, 6), torch.arange(5)[None] < 3

    def look(layer, query, memory):
        parts = []
        for head in (slice(0, 4), slice(4, 8)):
            weight = (layer.query(query)[:, head] @ layer.key(memory)[:, head].T / 4**0.5).softmax(1)
            parts.append(weight @ layer.value(memory)[:, head])
        return layer.answer(torch.cat(parts, dim=1))

    def normalised(y):
        return (y - y.mean(0)) / (y.var(0, correction=0) + 1e-5).sqrt()

    read = look(fusion.read, fusion.memory[0], fusion.narrow(words[0, :3]))
    memory = normalised(torch.cat([fusion.absent[0], read]))
    attended = normalised(look(fusion.look, fusion.see(x)[0], memory))
    expected = fusion.output[0](attended) / (1 + 1e-5) ** 0.5
    given, kept = fusion(x, words, mask)
    torch.testing.assert_close(given[0], expected, rtol=0, atol=1e-4)
    torch.testing.assert_close(kept[0], memory, rtol=0, atol=1e-4)
    assert kept.shape[1] == MEMORY + ABSENT


@torch.no_grad()
def test_a_prompt_of_one_word_is_not_lost():
    torch.manual_seed(0)
    fusion, x, one = Fusion(8, 6, heads=2, start=1.0).eval(), torch.randn(1, 10, 8), torch.ones(1, 1, dtype=torch.bool)
    first, second = (fusion(x, torch.randn(1, 1, 6), one)[0] for _ in range(2))
    assert (first - second).abs().max() > 0.05


@torch.no_grad()
def test_decoder_gets_the_answers_alone_and_enlarges_corner_to_corner():
    model, text = build("refsegformer", "tiny", SPEC, 64).eval(), prompts(5, 9)
    answers, given, stages = {}, {}, {}
    for i in ("1", "2"):
        model.fusion[i].register_forward_hook(lambda _, __, out, i=i: answers.update({i: out[0]}))
        model.fusion[i].register_forward_pre_hook(lambda _, x, i=i: stages.update({i: x[0]}))
    for i in (0, 1, 2):
        model.up[i].register_forward_pre_hook(lambda _, x, i=i: given.update({i: x[0]}))
    halved, halve = {}, model.swin.halve
    model.swin.halve = lambda i, x, size: halved.update({i: x}) or halve(i, x, size)
    outs, _ = model._decoded(model.encode_image(images(2)), text)
    for i, width, side in ((1, 48, 8), (2, 96, 4)):
        skip = given[i][:, -width:]
        assert torch.equal(skip.flatten(2).transpose(1, 2), answers[str(i)]) and skip.shape[-1] == side
        assert torch.equal(halved[i], stages[str(i)] + answers[str(i)])
    above = F.interpolate(outs[1], size=(16, 16), mode="bilinear", align_corners=True)
    torch.testing.assert_close(given[0][:, : above.shape[1]], above)
    pair = F.interpolate(model.heads[0](outs[0]), size=(64, 64), mode="bilinear", align_corners=True)
    torch.testing.assert_close(model(images(2), text), pair[:, 1:] - pair[:, :1], rtol=0, atol=1e-5)


def test_existence_trains_neither_map_nor_memory():
    torch.manual_seed(0)
    exists, x, memory = Existence(8, 6, 2), torch.randn(2, 8, 3, 3, requires_grad=True), torch.randn(2, 30, 6)
    given = exists(x, memory.requires_grad_())
    attended = Look.forward(exists.look, x.flatten(2).transpose(1, 2), memory)
    torch.testing.assert_close(given, exists.tell(attended.mean(1)))
    given.sum().backward()
    assert x.grad is None and memory.grad is None


def test_official_loss_has_prompts_about_absent_objects():
    torch.manual_seed(0)
    model = build("refsegformer", "tiny", SPEC, 64, recipe="official").eval()
    image, text, target = images(3), prompts(5, 9, 9), targets(3)
    text = text[torch.tensor([0, 1, 1])]  # the image before the third has the third's own prompt
    target[1] = 0

    def expected(image_rows, text_rows, target):
        outs, evidence = model._decoded(model.encode_image(image[image_rows]), text[text_rows])
        pairs = [head(out) for head, out in zip(model.heads, outs, strict=True)]
        masks = [F.interpolate(pair, size=(64, 64), mode="bilinear", align_corners=True) for pair in pairs]
        there = target.flatten(1).any(1)
        loss = F.binary_cross_entropy(model.exists(*evidence).sigmoid()[:, 0], there.float())
        for i, mask in enumerate(masks):
            for rows, weight in ((there, 1.0), (~there, 0.4)):
                part = F.cross_entropy(mask[rows], target[rows, 0].long()) if rows.any() else 0
                loss = loss + weight * (0.4 if i else 1.0) * part
        return loss

    nothing = torch.zeros(2, 1, 64, 64)
    whole = expected([0, 1, 2, 0, 1], [0, 1, 2, 2, 0], torch.cat([target, nothing]))
    torch.testing.assert_close(model.loss(image, text, target), whole, rtol=1e-4, atol=1e-5)
    same = text[torch.tensor([0, 0, 0])]  # one prompt for all: no image has another
    alone = expected([0, 1, 2], [0, 0, 0], target)
    torch.testing.assert_close(model.loss(image, same, target), alone, rtol=1e-4, atol=1e-5)


def test_official_recipe_trains_ten_layers_of_a_pretrained_bert(tmp_path):
    config = bert_config(SPEC.vocab, 16, 12, 2, length=32)
    load_tower("BertModel", config, "none", "test", add_pooling_layer=False).save_pretrained(tmp_path)
    model = build("refsegformer", "tiny", SPEC, 64, recipe="official", text_weights=str(tmp_path))
    trained = {name.split(".")[2] for name, p in model.language.bert.named_parameters() if p.requires_grad}
    assert trained == {str(i) for i in range(10)}  # encoder.layer.0 to 9, and none of the embeddings
    model = build("refsegformer", "tiny", SPEC, 64, text_weights=str(tmp_path))
    assert all(p.requires_grad for p in model.parameters())


def test_norms_and_position_tables_of_the_swin_do_not_decay():
    model = build("refsegformer", "tiny", SPEC, 64)
    decayed, plain = model.param_groups(1e-3, 0.01)
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.01, 0.0)
    blocks = [block for layer in model.swin.layers for block in layer.blocks]
    held, names = {id(p) for p in plain["params"]}, {id(p): name for name, p in model.named_parameters()}
    assert all(id(block.layernorm_before.weight) in held for block in blocks)
    assert sum(names[i].endswith("relative_position_bias_table") for i in held) == len(blocks)
    assert all(names[i].startswith("swin.") for i in held)


@pytest.mark.parametrize(
    ("size", "options", "message"),
    [
        (32, {}, "image size 32 is less than 64"),
        (64, {"fused": 4}, "fused 4: expected 1, 2 or 3 stages"),
        (64, {"language": "latin"}, "language 'latin' is unknown; there are: bert, tokens"),
        (64, {"bert": (48, 2, 5)}, r"bert \(48, 2, 5\): expected width, depth and heads that divide the width"),
        (64, {"heads": (2, 4, 8)}, r"heads \(2, 4, 8\): expected a list of 4 positive whole numbers"),
        (64, {"depths": (1, 1, 2)}, r"depths \(1, 1, 2\): expected a list of 4 positive whole numbers"),
        (64, {"heads": (1, 2, 5, 8)}, "width 96 of stage 3 is not a multiple of heads 5"),
        (64, {"decoder": (64, 45, 32)}, "width 45 is not a multiple of heads 2"),
        (64, {"decoder": (8, 8)}, r"decoder \(8, 8\): expected a list of 3 positive whole numbers"),
        (64, {"text_weights": "/nowhere"}, "text_weights '/nowhere': no such folder"),
    ],
)
def test_wrong_options_are_refused(size, options, message):
    with pytest.raises(InputError, match=f"refsegformer: {message}"):
        build("refsegformer", "tiny", SPEC, size, **options)
