"""Frozen encoders against transformers' own output, on small models made in the test, and errors on missing weights."""

import numpy as np
import pytest
import torch
from transformers import BertModel, CLIPTextModelWithProjection

import metrics
from c2seg_bench.errors import InputError
from c2seg_bench.text import minilm
from c2seg_bench.text.encoder import load_encoder
from tests.c2seg_bench.text.small_encoders import save_bert, save_clip

TEXTS = ["two infected areas, upper left lung", "infection", "", "lower right lung and upper left lung and lower left"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return save_bert(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return save_clip(tmp_path_factory.mktemp("clip"))


@pytest.mark.parametrize("kind", ["bert", "clip"])
def test_a_prompt_is_embedded_as_transformers_does_alone(kind, request):
    folder = request.getfixturevalue(kind)
    encoder = load_encoder(f"hf:{folder}")
    encoded = encoder.encode(TEXTS)
    cls = BertModel if kind == "bert" else CLIPTextModelWithProjection
    model, tokenizer = cls.from_pretrained(folder).eval(), encoder.tokenizer
    for i, text in enumerate(TEXTS):
        with torch.inference_mode():
            own = model(**tokenizer(text, return_tensors="pt"))
        tokens = own.last_hidden_state[0].numpy()
        pooled = tokens.mean(0) if kind == "bert" else own.text_embeds[0].numpy()
        assert (
            encoded.lengths[i] == len(tokens)
            and list(encoded.ids[encoded.token_slice(i)]) == tokenizer(text)["input_ids"]
        )
        np.testing.assert_allclose(encoded.tokens[encoded.token_slice(i)], tokens, atol=1e-5)
        np.testing.assert_allclose(encoded.pooled[i], pooled, atol=1e-5)
    assert len(encoded.tokens) == len(encoded.ids) == encoded.lengths.sum()


def test_a_prompt_does_not_depend_on_the_others_to_the_last_bit():
    """Trainings drift apart by the rounding, and a suite's numbers would depend on what its folder embedded before."""
    encoder = load_encoder("minilm")
    places = [
        f"{size} {side} lung" for size in ("upper", "lower", "whole", "mid") for side in ("left", "right", "both")
    ]
    together = encoder.encode([*TEXTS, *places])
    for i, text in enumerate([*TEXTS, *places]):
        alone = encoder.encode([text])
        assert np.array_equal(together.tokens[together.token_slice(i)], alone.tokens), text
        assert np.array_equal(together.pooled[i], alone.pooled[0]), text


def test_a_long_prompt_is_refused_not_cut(bert):
    with pytest.raises(InputError, match="52 tokens, but it reads 24: 'lung lung.*; shorten the prompt, .* or take an"):
        load_encoder(f"hf:{bert}").encode(["lung " * 50])


@pytest.mark.parametrize("text", ["left \ud800 lung", None, 3])
def test_what_is_not_text_is_refused_in_one_line(bert, text):
    with pytest.raises(metrics.InputError, match="^prompt .*: half a character at|^prompt .* is not a string") as error:
        load_encoder(f"hf:{bert}").encode(["infection", text])
    assert "\n" not in str(error.value)


def test_minilm_is_the_known_model():
    encoder = load_encoder("minilm")
    near, far = (encoder.encode(["infection of the left lung", t]).pooled for t in ("left lung infection", "a red car"))
    cosine = lambda p: float(p[0] @ p[1] / np.linalg.norm(p[0]) / np.linalg.norm(p[1]))  # noqa: E731
    assert encoder.dim == 384 and encoder.vocab_size == 30522 and encoder.parameters == 22713216
    assert cosine(near) > 0.9 > 0.4 > cosine(far)


def test_other_weights_than_the_known_ones_are_refused(monkeypatch):
    monkeypatch.setattr(minilm, "SHA256", "0" * 64)
    with pytest.raises(InputError, match=r"minilm: .*weights not the known ones \(sha256 53aa51172d14"):
        minilm.package_folder()
