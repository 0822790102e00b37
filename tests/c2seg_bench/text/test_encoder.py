"""Frozen encoders against transformers' own output, on small models made here, and what is said where weights lack."""

import numpy as np
import pytest
import torch
from transformers import (
    BertConfig,
    BertModel,
    BertTokenizer,
    CLIPTextConfig,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
)

from c2seg_bench.errors import InputError
from c2seg_bench.text import encoder as module
from c2seg_bench.text.encoder import load_encoder

TEXTS = ["two infected areas, upper left lung", "infection", "", "lower right lung and upper left lung and lower left"]
WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "two",
    "infected",
    "areas",
    ",",
    "upper",
    "left",
    "lung",
    "infection",
    "lower",
    "right",
    "and",
]


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bert")
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=24,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    letters = sorted(set("twoinfectedareas,upperleftlunglowerrightand"))
    vocab = {t: i for i, t in enumerate([*letters, *(c + "</w>" for c in letters), "<|startoftext|>", "<|endoftext|>"])}
    import json

    (folder / "vocab.json").write_text(json.dumps(vocab))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    end = vocab["<|endoftext|>"]
    CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = CLIPTextConfig(
        vocab_size=len(vocab), hidden_size=16, intermediate_size=32, projection_dim=16, num_hidden_layers=2,
        num_attention_heads=2, max_position_embeddings=64, bos_token_id=end - 1, eos_token_id=end, pad_token_id=end,
    )  # fmt: skip
    CLIPTextModelWithProjection(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("kind", ["bert", "clip"])
def test_a_prompt_is_embedded_as_transformers_does_alone(kind, request):
    folder = request.getfixturevalue(kind)
    encoder = load_encoder(f"hf:{folder}")
    found = encoder.encode(TEXTS)
    cls = BertModel if kind == "bert" else CLIPTextModelWithProjection
    model, tokenizer = cls.from_pretrained(folder).eval(), encoder.tokenizer
    for i, text in enumerate(TEXTS):
        with torch.inference_mode():
            own = model(**tokenizer(text, return_tensors="pt"))
        tokens = own.last_hidden_state[0].numpy()
        pooled = tokens.mean(0) if kind == "bert" else own.text_embeds[0].numpy()
        n = len(tokens)
        assert found.mask[i].sum() == n and found.mask[i, :n].all()
        np.testing.assert_allclose(found.tokens[i, :n], tokens, atol=1e-5)
        np.testing.assert_allclose(found.pooled[i], pooled, atol=1e-5)
        assert not found.tokens[i, n:].any()


def test_a_prompt_does_not_depend_on_its_batch(bert):
    encoder = load_encoder(f"hf:{bert}")
    together, alone = encoder.encode(TEXTS, batch=4), encoder.encode(TEXTS, batch=1)
    np.testing.assert_allclose(together.tokens, alone.tokens, atol=1e-5)
    np.testing.assert_allclose(together.pooled, alone.pooled, atol=1e-5)


def test_a_long_prompt_is_refused_not_cut(bert):
    with pytest.raises(InputError, match="52 tokens, but it reads 24: 'lung lung"):
        load_encoder(f"hf:{bert}").encode(["lung " * 50])


def test_minilm_is_the_known_model():
    encoder = load_encoder("minilm")
    near, far = (encoder.encode(["infection of the left lung", t]).pooled for t in ("left lung infection", "a red car"))
    cosine = lambda p: float(p[0] @ p[1] / np.linalg.norm(p[0]) / np.linalg.norm(p[1]))  # noqa: E731
    assert encoder.dim == 384 and encoder.vocab == 30522 and encoder.parameters == 22713216
    assert cosine(near) > 0.9 > 0.4 > cosine(far)


def test_other_weights_than_the_known_ones_are_refused(monkeypatch):
    monkeypatch.setattr(module, "MINILM_SHA256", "0" * 64)
    with pytest.raises(InputError, match=r"minilm: .*weights not the known ones \(sha256 53aa51172d14"):
        module._minilm_folder()


def test_without_weights_one_line_says_how_to_get_them(tmp_path):
    with pytest.raises(InputError, match="run `hf download .*nothing` where there is a network") as e:
        load_encoder(f"hf:{tmp_path / 'nothing'}")
    assert "\n" not in str(e.value)


def test_unknown_names_are_told():
    with pytest.raises(InputError, match="unknown text encoder: 'bert'; there are: minilm, clip, hf:NAME"):
        load_encoder("bert")
