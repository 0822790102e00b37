import pytest
import torch

from baselines.contract import TextBatch, TextSpec
from baselines.count import count
from baselines.errors import InputError
from baselines.registry import build
from tests.baselines.base import SPEC, MethodTest, images, prompts
from tests.baselines.base_ids import ReadsIdsTest


class TestMedLangViT(ReadsIdsTest):
    name = "medlangvit"


class TestMedLangViTFrozen(MethodTest):
    name = "medlangvit"
    options = {"embedding": "frozen"}


def test_counts_of_the_paper():
    bert = TextSpec(dim=768, length=40, vocab=30522)
    for embedding in ("learned", "frozen"):
        counted = count(build("medlangvit", "paper", bert, 224, embedding=embedding), bert, 224)
        assert counted["thop"] == pytest.approx(27.7, rel=0.015)


@torch.no_grad()
@pytest.mark.parametrize("embedding", ["learned", "frozen"])
def test_tokens_that_are_read_of_a_prompt(embedding):
    torch.manual_seed(0)
    model, text, image = build("medlangvit", "tiny", SPEC, 64, embedding=embedding).eval(), prompts(9), images(1)
    before = model(image, text)
    other_ids = TextBatch(text.ids.flip(1) * text.mask, text.mask, text.tokens, text.pooled)
    other_tokens = TextBatch(text.ids, text.mask, text.tokens + 1, text.pooled)
    assert torch.equal(model(image, other_ids), before) is (embedding == "frozen")
    assert torch.equal(model(image, other_tokens), before) is (embedding == "learned")


@torch.no_grad()
def test_paper_reads_ten_tokens_and_their_mean():
    model = build("medlangvit", "paper", SPEC, 64, width=16).eval()
    text = prompts(12, 4, 0)
    words, mean = model.read(text)
    assert model.token_limit == 10 and words.shape == (3, 10, 16)
    table = model.embed.weight
    torch.testing.assert_close(words[1, :4], table[text.ids[1, :4]])
    assert not words[1, 4:].any() and not words[2].any() and not mean[2].any()
    torch.testing.assert_close(mean[:2], torch.stack([table[text.ids[0, :10]].mean(0), table[text.ids[1, :4]].mean(0)]))
    assert build("medlangvit", "tiny", SPEC, 64).token_limit == SPEC.length


@torch.no_grad()
def test_skips_are_weighed_after_the_mean_word_is_in_them():
    torch.manual_seed(0)
    model, seen = build("medlangvit", "tiny", SPEC, 64).eval(), {}
    for i in range(4):
        model.attend[i].register_forward_pre_hook(lambda _, given, i=i: seen.update({i: given[0]}))
    image, text = images(1), prompts(5)
    features = model.encode_image(image)
    model.decode(features, text)
    weighted = {i: x.clone() for i, x in seen.items()}
    for say in model.say:
        say.weight.zero_()
        say.bias.zero_()
    model.decode(features, text)
    for i, x in seen.items():
        assert not torch.allclose(weighted[i], x)
        difference = weighted[i] - x  # the same at every pixel
        torch.testing.assert_close(difference, difference[..., :1, :1].expand_as(difference), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"embedding": "bert"}, "embedding 'bert' is unknown; there are: learned, frozen"),
        ({"heads": 3}, "width 16 is not a multiple of heads 3"),
        ({"tokens": 0}, "tokens 0 is less than 1"),
        ({"reduction": 0}, "reduction 0 is less than 1"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(InputError, match=f"medlangvit: {message}"):
        build("medlangvit", "tiny", SPEC, 64, **options)
