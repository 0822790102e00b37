"""The table of embeddings: a row per distinct prompt, appended to, whole or not at all."""

import numpy as np
import pytest
import torch

from baselines.contract import Vocabulary
from c2seg_bench.errors import InputError
from c2seg_bench.text.encoder import Encoded, TextEncoder
from c2seg_bench.text.table import ASKED, FILE, PromptTable


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

    def encode(self, texts, batch=64):
        self.asked += texts
        width = max((len(t.split()) for t in texts), default=1)
        ids, mask = np.zeros((len(texts), width), np.int64), np.zeros((len(texts), width), bool)
        for i, text in enumerate(texts):
            for j, word in enumerate(text.split()):
                ids[i, j], mask[i, j] = len(word), True
        tokens = np.repeat(ids[..., None], 3, axis=2).astype(np.float32)
        return Encoded(ids, mask, tokens, tokens.sum(1))


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
    assert table.encoded.ids.tolist() == [[1, 0, 0], [2, 0, 0], [1, 4, 2]]


def test_what_was_written_is_read_again(tmp_path):
    built, opened = PromptTable.build(["a bb", ""], Words(), tmp_path), PromptTable.open(tmp_path)
    for part in ("ids", "mask", "tokens", "pooled"):
        np.testing.assert_array_equal(getattr(built.encoded, part), getattr(opened.encoded, part))
    assert (opened.prompts, opened.spec, opened.spec.words) == (built.prompts, built.spec, Words().words)


def test_another_encoders_table_is_made_anew(tmp_path):
    PromptTable.build(["a"], Words(), tmp_path)
    assert PromptTable.build(["bb"], Words("two"), tmp_path).prompts == ["bb"]


def test_a_table_of_an_earlier_version_is_made_anew(tmp_path, monkeypatch):
    with monkeypatch.context() as then:
        then.setattr("c2seg_bench.text.table.FORMAT", "1")
        PromptTable.build(["a"], Words(), tmp_path)
    with pytest.raises(InputError, match="prompts.safetensors: of an earlier version; prepare the suite again"):
        PromptTable.open(tmp_path)
    encoder = Words()
    assert PromptTable.build(["bb"], encoder, tmp_path).prompts == ["bb"] and encoder.asked == ["bb"]
    assert PromptTable.open(tmp_path).prompts == ["bb"]


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
    monkeypatch.setattr("c2seg_bench.text.table.save_file", lambda *a, **k: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        PromptTable.build(["b"], Words(), tmp_path)
    assert PromptTable.open(tmp_path).prompts == ["a"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [ASKED, FILE]


def test_the_fake_has_the_real_ones_fields():
    assert {"name", "dim", "vocab", "longest", "fingerprint", "words"} <= set(TextEncoder.__dataclass_fields__) & set(
        vars(Words())
    )
