"""The table of embeddings: a row per distinct prompt, appended to, whole or not at all."""

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from baselines.contract import Vocabulary
from c2seg_bench.errors import InputError
from c2seg_bench.text import shards
from c2seg_bench.text.encoder import Encoded, TextEncoder
from c2seg_bench.text.table import ASKED, PromptTable

FILE = "prompts-00000.safetensors"


class Words:
    """An encoder of words: a token is its length; remembers what it was asked."""

    def __init__(self, fingerprint="one"):
        self.name, self.dim, self.vocab, self.longest, self.fingerprint, self.parameters = (
            "words",
            3,
            9,
            70,
            fingerprint,
            0,
        )
        self.words = Vocabulary("digest of them", 7, (1, 2))
        self.asked: list[str] = []

    def read(self, texts):
        if too_long := [text for text in texts if len(text.split()) > self.longest]:
            raise InputError(f"too long: {too_long[0]}")
        return [[len(word) for word in text.split()] for text in texts]

    def encode(self, texts, progress=None):
        self.asked += texts
        found = self.read(texts)
        lengths = np.array([len(ids) for ids in found], np.int64)
        ids = np.array([i for ids in found for i in ids], np.int64)
        tokens = np.repeat(ids[:, None], 3, axis=1).astype(np.float32)
        pooled = np.array([[sum(ids)] * 3 for ids in found], np.float32)
        if progress:
            progress(len(texts))
        return Encoded(np.cumsum(lengths) - lengths, lengths, ids, tokens, pooled)


def test_one_row_for_each_distinct_prompt(tmp_path):
    table = PromptTable.build(["a bb", "ccc", "a bb"], Words(), tmp_path)
    assert table.prompts == ["a bb", "ccc"]
    assert table.rows(["ccc", "a bb", "ccc"]).tolist() == [1, 0, 1]


def test_only_new_prompts_are_embedded_and_old_rows_stay(tmp_path):
    PromptTable.build(["bb", "a"], Words(), tmp_path)
    encoder = Words()
    table = PromptTable.build(["a", "c dddd ee"], encoder, tmp_path)
    assert encoder.asked == ["c dddd ee"]
    assert table.prompts == ["a", "bb", "c dddd ee"]
    assert PromptTable.build(["a"], encoder, tmp_path).prompts == table.prompts and encoder.asked == ["c dddd ee"]
    batch = table.batch(np.arange(3), "cpu")
    assert batch.ids.tolist() == [[1, 0, 0], [2, 0, 0], [1, 4, 2]]
    assert batch.mask.tolist() == [[True, False, False], [True, False, False], [True, True, True]]
    assert batch.tokens[..., 0].tolist() == batch.ids.tolist() and batch.pooled[:, 0].tolist() == [1, 2, 7]


def test_rows_are_in_alphabetical_order_whichever_were_embedded_first(tmp_path):
    """Batches of a prediction are made by row: they must not depend on what a folder embedded when."""
    PromptTable.build(["ccc", "a"], Words(), tmp_path / "grown")
    grown, whole = (PromptTable.build(["ccc", "bb b", "a"], Words(), tmp_path / name) for name in ("grown", "whole"))
    assert grown.prompts == whole.prompts == ["a", "bb b", "ccc"]
    for one, other in zip(
        vars(grown.batch(np.arange(3), "cpu")).values(), vars(whole.batch(np.arange(3), "cpu")).values(), strict=True
    ):
        assert torch.equal(one, other)


def test_what_was_embedded_before_an_interruption_is_not_embedded_again(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "SIZE", 2)
    prompts = ["a", "b", "c", "d", "e"]

    class Stopped(Words):
        def encode(self, texts, progress=None):
            if "e" in texts:
                raise KeyboardInterrupt
            return super().encode(texts, progress)

    with pytest.raises(KeyboardInterrupt):
        PromptTable.build(prompts, Stopped(), tmp_path)
    encoder, told = Words(), []
    table = PromptTable.build(prompts, encoder, tmp_path, lambda *state: told.append(state))
    assert encoder.asked == ["e"] and table.prompts == prompts and told == [(1, 1)]
    PromptTable.build([*prompts, "f", "g", "h"], encoder, tmp_path, lambda *state: told.append(state))
    assert told[1:] == [(2, 3), (3, 3)]
    assert sorted(p.name for p in tmp_path.glob("*.safetensors")) == [f"prompts-{i:05d}.safetensors" for i in range(5)]


def test_what_is_too_long_is_told_before_anything_is_embedded(tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "SIZE", 1)
    encoder = Words()
    with pytest.raises(InputError, match="too long"):
        PromptTable.build(["a", "b " * 71], encoder, tmp_path)
    assert encoder.asked == [] and not list(tmp_path.iterdir())


def test_what_was_written_is_read_again(tmp_path):
    built, opened = PromptTable.build(["a bb", ""], Words(), tmp_path), PromptTable.open(tmp_path)
    for part in ("starts", "lengths", "ids", "tokens", "pooled"):
        np.testing.assert_array_equal(getattr(built.encoded, part), getattr(opened.encoded, part))
    assert (opened.prompts, opened.spec, opened.spec.words) == (built.prompts, built.spec, Words().words)
    assert (opened.fingerprint, opened.spec.dim, opened.spec.vocab) == ("one", 3, 9)


def test_another_encoders_table_is_made_anew(tmp_path):
    PromptTable.build(["a"], Words(), tmp_path)
    assert PromptTable.build(["bb"], Words("two"), tmp_path).prompts == ["bb"]


@pytest.mark.parametrize("left", ["prompts-00000.safetensors", "prompts.safetensors"])
def test_a_table_of_an_earlier_version_is_made_anew(left, tmp_path):
    """Its one file had no number, and later another format may come."""
    head = {"prompts": '["a"]', "fingerprint": "one", "format": "2"}
    about = {"about": '{"fingerprint": "one", "dim": 3, "format": 2}'} if "0" in left else {}
    save_file({"ids": np.zeros((1, 1), np.int64)}, tmp_path / left, metadata={**head, **about})
    with pytest.raises(InputError, match="embeddings of an earlier version; prepare the suite again"):
        PromptTable.open(tmp_path)
    encoder = Words()
    assert PromptTable.build(["bb"], encoder, tmp_path).prompts == ["bb"] and encoder.asked == ["bb"]
    assert PromptTable.open(tmp_path).prompts == ["bb"]
    assert [p.name for p in tmp_path.glob("*.safetensors")] == ["prompts-00000.safetensors"]


def test_a_batch_is_as_wide_as_its_longest_prompt(tmp_path):
    table = PromptTable.build(["a bb ccc", "a", ""], Words(), tmp_path)
    batch = table.batch(table.rows(["a", ""]), "cpu")
    assert batch.ids.shape == (2, 1) and batch.mask.tolist() == [[True], [False]]
    assert batch.tokens.dtype == torch.float32 and batch.pooled.shape == (2, 3)


def test_length_comes_in_steps(tmp_path):
    assert PromptTable.build(["a"], Words(), tmp_path).spec.length == 64
    assert PromptTable.build(["a " * 65], Words(), tmp_path).spec.length == 70


def test_length_does_not_depend_on_what_an_earlier_suite_asked(tmp_path):
    """Methods are built by it: a suite's numbers must not depend on what its folder has seen."""
    PromptTable.build(["a " * 65, "b"], Words(), tmp_path)
    for table in (PromptTable.build(["b"], Words(), tmp_path), PromptTable.open(tmp_path)):
        assert (table.spec.length, len(table.prompts)) == (64, 2)


def test_errors_name_the_file_and_the_mend(tmp_path):
    with pytest.raises(InputError, match="no prompt embeddings; prepare the suite first"):
        PromptTable.open(tmp_path)
    (tmp_path / FILE).write_bytes(b"broken")
    with pytest.raises(InputError, match=f"{FILE}: not a table of prompts .*; delete it"):
        PromptTable.open(tmp_path)
    (tmp_path / FILE).unlink()
    with pytest.raises(InputError, match="prompt 'other': not in the table"):
        PromptTable.build(["a"], Words(), tmp_path).rows(["other"])


def test_an_interrupted_write_leaves_the_old_table(tmp_path, monkeypatch):
    PromptTable.build(["a"], Words(), tmp_path)
    monkeypatch.setattr(
        "c2seg_bench.text.shards.save_file", lambda *a, **k: (_ for _ in ()).throw(OSError("disk full"))
    )
    with pytest.raises(OSError, match="disk full"):
        PromptTable.build(["b"], Words(), tmp_path)
    assert PromptTable.open(tmp_path).prompts == ["a"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [ASKED, FILE]


def test_the_fake_has_the_real_ones_fields():
    assert {"name", "dim", "vocab", "longest", "fingerprint", "words"} <= set(TextEncoder.__dataclass_fields__) & set(
        vars(Words())
    )
