"""Encoders by name, from folders made in the test: their pooling, and errors with their messages."""

import huggingface_hub
import numpy as np
import pytest
import torch
from transformers import BertForMaskedLM, BertModel, CLIPTextModelWithProjection

from c2seg_bench.errors import InputError
from c2seg_bench.text.encoder import load_encoder
from c2seg_bench.text.encoder_catalogue import ENCODERS, local_weights, resolve
from tests.c2seg_bench.text.small_encoders import edit_json, remove_weight, save_bert, save_clip, save_cxr_bert

TEXTS = ["two infected areas, upper left lung", "infection", ""]
BERTS = [name for name, entry in ENCODERS.items() if entry.kind == "bert"]


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Tests neither wait for the hub nor depend on the cache of whoever runs them."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def states(folder, encoder, text):
    """transformers' own last hidden states of one text, (N, D)."""
    model = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    with torch.inference_mode():
        return model(**encoder.tokenizer(text, return_tensors="pt")).last_hidden_state[0].numpy()


@pytest.mark.parametrize("name", BERTS)
@pytest.mark.parametrize("cls", [BertModel, BertForMaskedLM])
def test_a_named_bert_from_a_folder_has_its_own_pooling(name, cls, tmp_path):
    encoder = load_encoder(f"{name}={save_bert(tmp_path, cls)}")
    encoded = encoder.encode(TEXTS)
    for i, text in enumerate(TEXTS):
        tokens = states(tmp_path, encoder, text)
        pooled = {"mean": tokens.mean(0), "cls": tokens[0]}[ENCODERS[name].pooling]
        np.testing.assert_allclose(encoded.pooled[i], pooled, atol=1e-5)
        np.testing.assert_allclose(encoded.tokens[encoded.token_slice(i)], tokens, atol=1e-5)


@pytest.mark.parametrize("whole", [False, True])
def test_clip_is_pooled_at_the_end_token_after_the_projection(whole, tmp_path):
    encoder = load_encoder(f"clip={save_clip(tmp_path, whole=whole)}")
    model = CLIPTextModelWithProjection.from_pretrained(tmp_path).eval()
    encoded = encoder.encode(TEXTS)
    for i, text in enumerate(TEXTS):
        with torch.inference_mode():
            own = model(**encoder.tokenizer(text, return_tensors="pt")).text_embeds[0].numpy()
        np.testing.assert_allclose(encoded.pooled[i], own, atol=1e-5)


def test_cxr_bert_is_read_without_its_code_and_pooled_by_cls(tmp_path):
    encoder = load_encoder(f"cxr-bert={save_cxr_bert(tmp_path)}")
    encoded = encoder.encode(TEXTS[:1])
    trunk = save_bert(subfolder(tmp_path, "trunk"), BertForMaskedLM)
    np.testing.assert_allclose(encoded.pooled[0], states(trunk, encoder, TEXTS[0])[0], atol=1e-5)
    assert encoder.dim == 16 and encoded.lengths.sum() == len(TEXTS[0].replace(",", " ,").split()) + 2
    assert not (tmp_path / "was-run").exists()


def test_code_that_comes_with_a_folder_is_refused_without_a_question(tmp_path):
    with pytest.raises(InputError, match="cannot be loaded"):
        load_encoder(f"hf:{save_cxr_bert(tmp_path)}")
    assert not (tmp_path / "was-run").exists()


def subfolder(folder, name):
    (folder / name).mkdir()
    return folder / name


@pytest.mark.parametrize(("name", "same"), [("biobert", False), ("pubmedbert", True)])
def test_case_matters_for_a_cased_vocabulary_whatever_the_folder_says(name, same, tmp_path):
    tokenizer = load_encoder(f"{name}={save_bert(tmp_path, tokenizer=False)}").tokenizer
    assert (tokenizer("Left Lung")["input_ids"] == tokenizer("left lung")["input_ids"]) is same


@pytest.mark.parametrize("name", ["hf:", *(f"{b}=" for b in BERTS)])
def test_a_weight_that_is_missing_is_an_error_not_random(name, tmp_path):
    remove_weight(save_bert(tmp_path), "encoder.layer.1.output.dense.weight")
    with pytest.raises(
        InputError, match=r"1 weights are not in .*, encoder\.layer\.1\.output\.dense\.weight first; give"
    ) as e:
        load_encoder(f"{name}{tmp_path}")
    assert "\n" not in str(e.value)


def test_a_clip_without_its_projection_is_an_error(tmp_path):
    remove_weight(save_clip(tmp_path), "text_projection.weight")
    with pytest.raises(InputError, match=r"text encoder clip=.*text_projection\.weight first"):
        load_encoder(f"clip={tmp_path}")


def test_the_fingerprint_does_not_depend_on_layers_that_are_not_in_the_checkpoint(tmp_path):
    folder = save_bert(tmp_path, BertForMaskedLM)  # no pooler in it: transformers would make a random one each time
    fingerprints = set()
    for name in ("hf:", "pubmedbert=", "biobert="):
        torch.manual_seed(len(fingerprints))
        fingerprints.add(load_encoder(f"{name}{folder}").fingerprint)
    assert len(fingerprints) == 1


@pytest.mark.parametrize(
    ("make", "name", "message"),
    [
        (save_clip, "biobert", "contains a clip_text_model, expected a bert; take hf:"),
        (save_bert, "clip", "contains a bert, expected a clip; take hf:"),
        (lambda folder: save_clip(folder, projection=8), "clip", "tokens are 16 wide, the pooled vector 8"),
        (lambda folder: folder, "cxr-bert", "cannot be loaded .*; give a folder with config.json, weights and tokenizer"),
        (lambda folder: edit_json(save_bert(folder) / "config.json", hidden_size=32), "biobert", "cannot be loaded"),
        (lambda folder: (save_bert(folder) / "model.safetensors").write_bytes(b"half"), "biobert", "cannot be loaded"),
        (lambda folder: (save_bert(folder, tokenizer=False) / "vocab.txt").unlink(), "biobert", "has 5 tokens, the weights 18; give"),
        (lambda folder: (save_bert(folder, tokenizer=False) / "vocab.txt").unlink(), "hf", "has 5 tokens, the weights 18; give"),
        (lambda folder: folder.rmdir(), "clip", "no such folder; give the one with its config.json"),
        (lambda folder: folder.rmdir(), "hf", "no such folder; give the one with its config.json"),
    ],
)  # fmt: skip
def test_a_wrong_folder_is_one_line(make, name, message, tmp_path):
    folder = subfolder(tmp_path, "given")
    make(folder)
    with pytest.raises(InputError, match=message) as e:
        load_encoder(f"hf:{folder}" if name == "hf" else f"{name}={folder}")
    assert "\n" not in str(e.value)


@pytest.mark.parametrize("name", [n for n in ENCODERS if n != "minilm"])
def test_without_weights_one_line_says_how_to_get_them(name, tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("transformers.utils.hub.constants.HF_HUB_CACHE", str(tmp_path))
    load_encoder.cache_clear()
    hub = ENCODERS[name].hub
    message = f"run `hf download {hub} --local-dir FOLDER` where there is a network, copy the folder here and take text: {name}=FOLDER"
    for find in (lambda: load_encoder(name), lambda: local_weights(ENCODERS[name])):
        with pytest.raises(InputError) as e:
            find()
        assert message in str(e.value) and "or take minilm" in str(e.value) and "\n" not in str(e.value)


def test_weights_in_the_hubs_cache_are_recognized(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.file_download.constants.HF_HUB_CACHE", str(tmp_path))
    entry, commit = ENCODERS["biobert"], "0" * 40
    folder = tmp_path / f"models--{entry.hub.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text(commit)
    (folder / "snapshots" / commit).mkdir(parents=True)
    (folder / "snapshots" / commit / "config.json").write_text("{}")
    with pytest.raises(InputError, match="not in the hub's cache"):
        local_weights(entry)
    (folder / "snapshots" / commit / "pytorch_model.bin").write_bytes(b"")
    assert local_weights(entry) == str(folder / "snapshots" / commit)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bert", "unknown text encoder: 'bert'; .*there are: minilm, clip, .*each also as NAME=FOLDER, and hf:NAME"),
        ("bio-bert", "did you mean 'biobert'?"),
        ("hf:", "unknown text encoder: 'hf:'"),
        ("clip=", "clip=: FOLDER: no such folder"),
        ("hf:./nothing", r"hf:\./nothing: \./nothing: no such folder"),
    ],
)
def test_an_unknown_name_is_an_error_with_the_known_ones(name, message):
    with pytest.raises(InputError, match=message):
        resolve(name)


def test_a_checkpoint_of_the_old_format_is_read(tmp_path):
    """BioBERT and CXR-BERT are published as pytorch_model.bin alone."""
    from safetensors.torch import load_file

    name = f"biobert={save_bert(tmp_path, BertForMaskedLM)}"
    before = load_encoder(name).fingerprint
    torch.save(load_file(tmp_path / "model.safetensors"), tmp_path / "pytorch_model.bin")
    (tmp_path / "model.safetensors").unlink()
    load_encoder.cache_clear()
    assert load_encoder(name).fingerprint == before
