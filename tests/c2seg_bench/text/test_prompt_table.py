"""The table of embeddings: a row per distinct prompt, extended by later suites, complete or not there at all."""

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from baselines.contract import Vocabulary
from c2seg_bench.errors import InputError
from c2seg_bench.text import embedding_shards
from c2seg_bench.text.encoder import EncodedPrompts, TextEncoder
from c2seg_bench.text.prompt_table import LAST_BUILD, PromptTable

FILE = "prompts-00000.safetensors"


class WordEncoder:
    """A fake encoder: a token per word, which is its length; remembers what it embedded."""

    def __init__(self, fingerprint="one"):
        self.name, self.dim, self.vocab_size, self.max_tokens = "words", 3, 9, 70
        self.fingerprint, self.parameters = fingerprint, 0
        self.vocabulary = Vocabulary("digest of them", 7, (1, 2))
        self.embedded: list[str] = []

    def tokenize(self, texts):
        if too_long := [text for text in texts if len(text.split()) > self.max_tokens]:
            raise InputError(f"too long: {too_long[0]}")
        return [[len(word) for word in text.split()] for text in texts]

    def encode(self, texts, progress=None):
        self.embedded += texts
        token_ids = self.tokenize(texts)
        lengths = np.array([len(ids) for ids in token_ids], np.int64)
        ids = np.array([i for ids in token_ids for i in ids], np.int64)
        tokens = np.repeat(ids[:, None], 3, axis=1).astype(np.float32)
        pooled = np.array([[sum(ids)] * 3 for ids in token_ids], np.float32)
        if progress:
            progress(len(texts))
        return EncodedPrompts(np.cumsum(lengths) - lengths, lengths, ids, tokens, pooled)


def test_one_row_for_each_distinct_prompt(tmp_path):
    table = PromptTable.build(["a bb", "ccc", "a bb"], WordEncoder(), tmp_path)
    assert table.prompts == ["a bb", "ccc"]
    assert table.rows(["ccc", "a bb", "ccc"]).tolist() == [1, 0, 1]


def test_only_new_prompts_are_embedded_and_old_rows_stay(tmp_path):
    PromptTable.build(["bb", "a"], WordEncoder(), tmp_path)
    encoder = WordEncoder()
    table = PromptTable.build(["a", "c dddd ee"], encoder, tmp_path)
    assert encoder.embedded == ["c dddd ee"]
    assert table.prompts == ["a", "bb", "c dddd ee"]
    assert PromptTable.build(["a"], encoder, tmp_path).prompts == table.prompts and encoder.embedded == ["c dddd ee"]
    batch = table.batch(np.arange(3), "cpu")
    assert batch.ids.tolist() == [[1, 0, 0], [2, 0, 0], [1, 4, 2]]
    assert batch.mask.tolist() == [[True, False, False], [True, False, False], [True, True, True]]
    assert batch.tokens[..., 0].tolist() == batch.ids.tolist() and batch.pooled[:, 0].tolist() == [1, 2, 7]


def test_rows_are_in_alphabetical_order_whichever_were_embedded_first(tmp_path):
    """Batches are made by row, so predictions must not depend on the order in which a folder was filled."""
    PromptTable.build(["ccc", "a"], WordEncoder(), tmp_path / "grown")
    grown, whole = (
        PromptTable.build(["ccc", "bb b", "a"], WordEncoder(), tmp_path / name) for name in ("grown", "whole")
    )
    assert grown.prompts == whole.prompts == ["a", "bb b", "ccc"]
    for one, other in zip(
        vars(grown.batch(np.arange(3), "cpu")).values(), vars(whole.batch(np.arange(3), "cpu")).values(), strict=True
    ):
        assert torch.equal(one, other)


def test_what_was_embedded_before_an_interruption_is_not_embedded_again(tmp_path, monkeypatch):
    monkeypatch.setattr(embedding_shards, "SHARD_SIZE", 2)
    prompts = ["a", "b", "c", "d", "e"]

    class Stopped(WordEncoder):
        def encode(self, texts, progress=None):
            if "e" in texts:
                raise KeyboardInterrupt
            return super().encode(texts, progress)

    with pytest.raises(KeyboardInterrupt):
        PromptTable.build(prompts, Stopped(), tmp_path)
    encoder, reported = WordEncoder(), []
    table = PromptTable.build(prompts, encoder, tmp_path, lambda *state: reported.append(state))
    assert encoder.embedded == ["e"] and table.prompts == prompts and reported == [(1, 1)]
    PromptTable.build([*prompts, "f", "g", "h"], encoder, tmp_path, lambda *state: reported.append(state))
    assert reported[1:] == [(2, 3), (3, 3)]
    assert sorted(p.name for p in tmp_path.glob("*.safetensors")) == [f"prompts-{i:05d}.safetensors" for i in range(5)]


def test_a_prompt_that_is_too_long_is_an_error_before_anything_is_embedded(tmp_path, monkeypatch):
    monkeypatch.setattr(embedding_shards, "SHARD_SIZE", 1)
    encoder = WordEncoder()
    with pytest.raises(InputError, match="too long"):
        PromptTable.build(["a", "b " * 71], encoder, tmp_path)
    assert encoder.embedded == [] and not list(tmp_path.iterdir())


def test_what_was_written_is_read_again(tmp_path):
    built, opened = PromptTable.build(["a bb", ""], WordEncoder(), tmp_path), PromptTable.open(tmp_path)
    for part in ("starts", "lengths", "ids", "tokens", "pooled"):
        np.testing.assert_array_equal(getattr(built.encoded, part), getattr(opened.encoded, part))
    assert (opened.prompts, opened.spec, opened.spec.words) == (built.prompts, built.spec, WordEncoder().vocabulary)
    assert (opened.fingerprint, opened.spec.dim, opened.spec.vocab) == ("one", 3, 9)


def test_a_table_of_another_encoder_is_replaced(tmp_path):
    PromptTable.build(["a"], WordEncoder(), tmp_path)
    assert PromptTable.build(["bb"], WordEncoder("two"), tmp_path).prompts == ["bb"]


@pytest.mark.parametrize("left", ["prompts-00000.safetensors", "prompts.safetensors"])
def test_a_table_of_an_earlier_version_is_replaced(left, tmp_path):
    """The first version wrote one file without a number; the next ones number them."""
    head = {"prompts": '["a"]', "fingerprint": "one", "format": "2"}
    encoder_info = {"encoder": '{"fingerprint": "one", "dim": 3, "format": 2}'} if "0" in left else {}
    save_file({"ids": np.zeros((1, 1), np.int64)}, tmp_path / left, metadata={**head, **encoder_info})
    with pytest.raises(InputError, match="embeddings of an earlier version; prepare the suite again"):
        PromptTable.open(tmp_path)
    encoder = WordEncoder()
    assert PromptTable.build(["bb"], encoder, tmp_path).prompts == ["bb"] and encoder.embedded == ["bb"]
    assert PromptTable.open(tmp_path).prompts == ["bb"]
    assert [p.name for p in tmp_path.glob("*.safetensors")] == ["prompts-00000.safetensors"]


def test_a_batch_is_as_wide_as_its_longest_prompt(tmp_path):
    table = PromptTable.build(["a bb ccc", "a", ""], WordEncoder(), tmp_path)
    batch = table.batch(table.rows(["a", ""]), "cpu")
    assert batch.ids.shape == (2, 1) and batch.mask.tolist() == [[True], [False]]
    assert batch.tokens.dtype == torch.float32 and batch.pooled.shape == (2, 3)


def test_length_comes_in_steps(tmp_path):
    assert PromptTable.build(["a"], WordEncoder(), tmp_path).spec.length == 64
    assert PromptTable.build(["a " * 65], WordEncoder(), tmp_path).spec.length == 70


def test_length_does_not_depend_on_the_prompts_of_an_earlier_suite(tmp_path):
    """Methods are built with this length, so a suite's numbers must not depend on what its folder embedded before."""
    PromptTable.build(["a " * 65, "b"], WordEncoder(), tmp_path)
    for table in (PromptTable.build(["b"], WordEncoder(), tmp_path), PromptTable.open(tmp_path)):
        assert (table.spec.length, len(table.prompts)) == (64, 2)


def test_errors_name_the_file_and_the_fix(tmp_path):
    with pytest.raises(InputError, match="no prompt embeddings; prepare the suite first"):
        PromptTable.open(tmp_path)
    (tmp_path / FILE).write_bytes(b"broken")
    with pytest.raises(
        InputError, match=rf"{FILE}: damaged \(not a file of prompt embeddings: .*\); run the suite again"
    ):
        PromptTable.open(tmp_path)
    (tmp_path / FILE).unlink()
    with pytest.raises(InputError, match="prompt 'other': not in the table"):
        PromptTable.build(["a"], WordEncoder(), tmp_path).rows(["other"])


def test_an_interrupted_write_leaves_the_old_table(tmp_path, monkeypatch):
    PromptTable.build(["a"], WordEncoder(), tmp_path)
    monkeypatch.setattr(
        "c2seg_bench.text.embedding_shards.save_file", lambda *a, **k: (_ for _ in ()).throw(OSError("disk full"))
    )
    with pytest.raises(OSError, match="disk full"):
        PromptTable.build(["b"], WordEncoder(), tmp_path)
    assert PromptTable.open(tmp_path).prompts == ["a"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["SHA256SUMS", LAST_BUILD, FILE]


def test_the_fake_encoder_has_the_fields_of_the_real_one():
    assert {"name", "dim", "vocab_size", "max_tokens", "fingerprint", "vocabulary"} <= set(
        TextEncoder.__dataclass_fields__
    ) & set(vars(WordEncoder()))
