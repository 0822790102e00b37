"""What a tokenizer says of its ids: no two vocabularies number the comma alike, and some have as many tokens."""

import pytest
import torch
from transformers import BertTokenizer, CLIPTokenizer

from baselines.contract import TextBatch, TextSpec
from baselines.layers.hub import vocabulary
from baselines.registry import build
from c2seg_bench.text.encoder import load_encoder
from tests.c2seg_bench.text.small_encoders import save_clip

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ",", "one", "area", "left", "lung"]
TEXT = "one area, left lung"


def bert(folder, words):
    (folder / "vocab.txt").write_text("\n".join(words))
    return BertTokenizer(str(folder / "vocab.txt"))


def test_minilm_numbers_as_bert_does():
    result = load_encoder("minilm").vocabulary
    assert (result.comma, result.marks) == (1010, (101, 102)) and len(result.digest) == 64


@pytest.mark.parametrize("words", [WORDS, WORDS[::-1]])
def test_ids_are_those_of_the_vocabulary_at_hand(words, tmp_path):
    result = vocabulary(bert(tmp_path, words))
    assert result.comma == words.index(",") and result.marks == (words.index("[CLS]"), words.index("[SEP]"))


def test_clips_comma_ends_a_word(tmp_path):
    tokenizer = CLIPTokenizer.from_pretrained(save_clip(tmp_path))
    known, result = tokenizer.get_vocab(), vocabulary(tokenizer)
    assert result.comma == known[",</w>"] and result.marks == (known["<|startoftext|>"], known["<|endoftext|>"])


def test_a_vocabulary_without_a_comma_has_none(tmp_path):
    assert vocabulary(bert(tmp_path, [word for word in WORDS if word != ","])).comma is None


def test_the_digest_tells_vocabularies_of_one_size_apart(tmp_path):
    assert vocabulary(bert(tmp_path, WORDS)).digest != vocabulary(bert(tmp_path, WORDS[::-1])).digest


@pytest.mark.parametrize("words", [WORDS, WORDS[::-1]])
def test_arseg_cuts_a_prompt_at_its_comma_whatever_its_number(words, tmp_path):
    """CXR-BERT has as many ids as BERT: the size of a vocabulary says nothing of its comma."""
    tokenizer = bert(tmp_path, words)
    ids = torch.tensor([tokenizer(TEXT)["input_ids"]])
    text = TextBatch(ids, torch.ones_like(ids, dtype=torch.bool), torch.randn(*ids.shape, 8), torch.zeros(1, 8))
    model = build("arseg", "tiny", TextSpec(8, 8, len(words), vocabulary(tokenizer)), 64).eval()
    with torch.no_grad():
        _, there = model.part_maps(text)
    assert there[:, 0].tolist() == [True, True, False]  # "one area" and "left lung": the third attribute is lacking
