import pytest
import torch
import torch.nn.functional as F

from baselines.contract import TextSpec
from baselines.count import count
from baselines.reclmis.reconstruction import Importance, Reconstructor, conditioned_contrast, hide, squared_error
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, images, prompts, targets


class TestRecLMIS(MethodTest):
    name = "reclmis"


class TestRecLMISOfficial(MethodTest):
    name = "reclmis"
    options = {"recipe": "official"}
    rate, steps = 1e-3, 20


CLIP = TextSpec(dim=512, length=18, vocab=49408)


def trained(module):
    return sum(p.numel() for p in module.parameters()) / 1e6


def test_counts_of_the_paper():
    model = build("reclmis", "paper", CLIP, 224, recipe="official")
    extra = [model.weigh_pixels, model.weigh_words]
    rebuild = trained(model.rebuild_pixels) + trained(model.rebuild_words)
    assert isinstance(model.rebuild_words.output, torch.nn.Identity)
    never_run = 8 * trained(torch.nn.MultiheadAttention(512, 4))  # of the official reconstructors
    assert rebuild + never_run == pytest.approx(50.47, rel=0.01)
    assert sum(map(trained, extra)) == pytest.approx(0.53, rel=0.01)
    assert trained(model) + never_run == pytest.approx(69.44, rel=0.01)
    assert trained(model) - rebuild - sum(map(trained, extra)) == pytest.approx(18.44, rel=0.03)
    refine = trained(model.refine)  # runs at inference in the official code, though nothing reads it
    assert count(model, CLIP, 224)["thop"] + refine == pytest.approx(15.9, rel=0.01)


def test_common_recipe_builds_what_the_mask_needs_and_no_more():
    common, official = (build("reclmis", "tiny", SPEC, 64, recipe=recipe) for recipe in ("common", "official"))
    gone = set(official.state_dict()) - set(common.state_dict())
    parts = {"refine", "words_look", "weigh_pixels", "weigh_words", "rebuild_pixels", "rebuild_words"}
    assert {name.split(".")[0] for name in gone} == parts
    assert set(common.state_dict()) < set(official.state_dict())


def test_paper_reads_eighteen_tokens_and_tiny_all():
    assert build("reclmis", "paper", CLIP, 64, width=12).token_limit == 18
    assert build("reclmis", "tiny", CLIP, 64).token_limit is None
    model, text, image = build("reclmis", "tiny", SPEC, 64, tokens=4).eval(), prompts(9), images(1)
    with torch.no_grad():
        short = type(text)(text.ids[:, :4], text.mask[:, :4], text.tokens[:, :4], text.pooled)
        torch.testing.assert_close(model(image, text), model(image, short))


def test_the_requested_share_of_tokens_is_hidden_important_ones_first():
    torch.manual_seed(0)
    mask = torch.arange(10) < torch.tensor([[10], [7], [1]])
    weight = mask / mask.sum(1, keepdim=True)
    weight[0, 0], weight[0, 1] = 100, 0  # relative weights are what counts
    drawn = [hide(torch.ones(3, 10, 2), weight, mask, 0.3)[..., 0] == 0 for _ in range(200)]
    assert all((hidden.sum(1) == torch.tensor([3, 2, 1])).all() for hidden in drawn)
    assert not any((hidden & ~mask).any() for hidden in drawn)
    often = torch.stack(drawn).float().mean(0)
    assert often[0, 0] > 0.98 and often[0, 1] < 0.02
    assert often[1, :7] == pytest.approx(torch.full((7,), 2 / 7), abs=0.12)


def test_contrast_against_its_definition():
    torch.manual_seed(0)
    image, words = torch.randn(3, 4, 6), torch.randn(3, 5, 6)
    mask = torch.arange(5) < torch.tensor([[5], [2], [3]])
    given = torch.rand(3, 4), torch.rand(3, 5) * mask
    of_pixel, of_word = given[0].softmax(1), torch.zeros(3, 5)  # once more, over real tokens
    for row, real in enumerate(mask.sum(1)):
        of_word[row, :real] = given[1][row, :real].softmax(0)
    similarity = torch.zeros(3, 3)
    for a in range(3):
        for b in range(3):
            real = int(mask[a].sum())
            cosines = F.cosine_similarity(words[a, :real, None], image[b, None], dim=-1)
            by_word = sum(of_word[a, i] * cosines[i].max() for i in range(real))
            by_pixel = sum(of_pixel[b, j] * cosines[:, j].max() for j in range(4))
            similarity[a, b] = 10 * (by_word + by_pixel) / 2
    rows, columns = -similarity.log_softmax(1).diag().mean(), -similarity.log_softmax(0).diag().mean()
    result = conditioned_contrast(image, given[0], words, given[1], mask, 10)
    torch.testing.assert_close(result, (rows + columns) / 2)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(conditioned_contrast(image, given[0], words, given[1], mask, 10), result)


def test_plain_features_are_hidden_and_matched_and_attended_ones_weigh_them(monkeypatch):
    from baselines.reclmis import model as reclmis

    model, text = build("reclmis", "tiny", SPEC, 64, recipe="official").eval(), prompts(5, 9)
    pixels = [torch.randn(2, 16, 96, requires_grad=True) for _ in range(2)]
    words = [torch.randn(2, 12, 96) for _ in range(2)]
    hidden, matched, rebuilt = [], [], []
    monkeypatch.setattr(reclmis, "hide", lambda x, *rest: hidden.append((x, *rest)) or x)
    monkeypatch.setattr(reclmis, "conditioned_contrast", lambda *given: matched.append(given) or torch.tensor(0.0))
    squared = reclmis.squared_error
    monkeypatch.setattr(reclmis, "squared_error", lambda *given: rebuilt.append(given) or squared(*given))
    model.conditioned_losses(tuple(pixels), tuple(words), text).backward()
    refined = model.refine(words[1].transpose(1, 2)).transpose(1, 2) * text.mask.unsqueeze(-1)
    of_word, of_pixel = model.weigh_words(refined, text.mask), model.weigh_pixels(pixels[1], torch.tensor(True))
    assert hidden[0][0] is words[0] and hidden[1][0] is pixels[0]
    for weight, expected in zip((hidden[0][1], hidden[1][1]), (of_word, of_pixel), strict=True):
        torch.testing.assert_close(weight, expected)
    assert matched[0][0] is pixels[0] and matched[0][2] is words[0]
    assert rebuilt[0][1] is text.tokens and rebuilt[1][1] is pixels[1]
    error = pixels[1].grad.abs().amax((1, 2))
    assert (error > 1e-6).all()  # the target is trained through, as in the official code


def test_the_losses_get_the_deepest_map_and_the_words_of_the_convolution(monkeypatch):
    model, image, text = build("reclmis", "tiny", SPEC, 64, recipe="official").eval(), images(2), prompts(5, 9)
    given = []
    monkeypatch.setattr(model, "conditioned_losses", lambda *got: given.append(got) or torch.tensor(0.0))
    model.loss(image, text, torch.zeros(2, 1, 64, 64))
    (pixels, after), (words, attended), _ = given[0]
    deepest = model.encode_image(image)[-1]
    torch.testing.assert_close(pixels, deepest.flatten(2).transpose(1, 2))
    real = text.mask.unsqueeze(-1)
    torch.testing.assert_close(words, model.read(text.tokens.transpose(1, 2)).transpose(1, 2) * real)
    expected = model.interact(deepest, words, text)
    torch.testing.assert_close(after, expected[0])
    torch.testing.assert_close(attended, expected[1])


@torch.no_grad()
def test_official_loss_adds_reconstruction_and_contrast_to_five_times_the_mask(monkeypatch):
    model, image, text = build("reclmis", "tiny", SPEC, 64, recipe="official").eval(), images(2), prompts(5, 9)
    target, p = targets(2), model(image, text).sigmoid()
    entropy = torch.nn.functional.binary_cross_entropy(p, target)
    overlap, mass = (p * target).sum((1, 2, 3)), (p * p + target * target).sum((1, 2, 3))
    mask = 0.5 * entropy + 0.5 * (1 - (2 * overlap / mass).mean())
    monkeypatch.setattr("baselines.reclmis.model.squared_error", lambda *given: torch.tensor(3.0))
    monkeypatch.setattr("baselines.reclmis.model.conditioned_contrast", lambda *given: torch.tensor(10.0))
    torch.testing.assert_close(model.loss(image, text, target), 5 * mask + 3 + 3 + 0.2 * 10)


def test_the_other_modality_is_read_by_importance_and_in_order():
    torch.manual_seed(0)
    net = Reconstructor(8, 8, heads=2, depth=1, hidden=16).eval()
    other, weight = torch.randn(1, 4, 8), torch.tensor([[0.1, 0.2, 0.3, 0.4]])
    memory = []
    net.read.register_forward_hook(lambda module, inputs, output: memory.append(output))
    net(other, weight, torch.ones(1, 4, dtype=torch.bool), torch.randn(1, 3, 8))
    layer = net.read.layers[0]
    query, key, value = F.linear(other[0], layer.self_attn.in_proj_weight, layer.self_attn.in_proj_bias).chunk(3, 1)
    heads = []
    for q, k, v in zip(query.split(4, 1), key.split(4, 1), value.split(4, 1), strict=True):
        probability = (q @ k.T / 2).masked_fill(torch.ones(4, 4).triu(1).bool(), -torch.inf).softmax(1) * weight
        heads.append(probability / probability.sum(1, keepdim=True) @ v)
    x = layer.norm1(other[0] + layer.self_attn.out_proj(torch.cat(heads, 1)))
    x = layer.norm2(x + layer.linear2(layer.linear1(x).relu()))
    torch.testing.assert_close(memory[0][0], x, rtol=1e-4, atol=1e-4)


def test_rebuilding_ignores_pads_and_follows_importance():
    torch.manual_seed(0)
    net = Reconstructor(8, 6, heads=2, depth=2, hidden=16).eval()
    other, hidden, mask = torch.randn(1, 5, 8), torch.randn(1, 4, 8), torch.arange(5)[None] < 3
    weight = mask / 3
    changed = other.masked_fill(~mask.unsqueeze(-1), 9)
    torch.testing.assert_close(net(changed, weight, mask, hidden), net(other, weight, mask, hidden))
    only = torch.tensor([[1.0, 0, 0, 0, 0]])
    assert not torch.allclose(net(other, only, mask, hidden), net(other, weight, mask, hidden))
    later = hidden.clone()
    later[:, 3] += 1  # a token sees those before it
    before, after = net(other, weight, mask, hidden), net(other, weight, mask, later)
    torch.testing.assert_close(before[:, :3], after[:, :3])
    assert not torch.allclose(before[:, 3], after[:, 3])


def test_weights_and_errors_know_real_tokens_only():
    mask = torch.arange(4) < torch.tensor([[4], [2]])
    weight = Importance(3)(torch.randn(2, 4, 3), mask)
    torch.testing.assert_close(weight.sum(1), torch.ones(2))
    assert (weight[~mask] == 0).all()
    rebuilt = torch.zeros(2, 4, 3)
    rebuilt[0, 0] = 6.0
    rebuilt[1, 3] = 100.0  # a pad
    assert squared_error(rebuilt, torch.zeros(2, 4, 3), mask).item() == pytest.approx(36 / 6)
