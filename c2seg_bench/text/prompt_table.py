"""The table of prompt embeddings: one row per distinct prompt, computed once and stored on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from baselines.contract import TextBatch, TextSpec
from c2seg_bench.errors import InputError
from c2seg_bench.files import read_json, write_json
from c2seg_bench.text import embedding_shards
from c2seg_bench.text.embedding_shards import EncoderInfo
from c2seg_bench.text.encoder import EncodedPrompts, TextEncoder

LAST_BUILD = "last_build.json"  # beside the shards: length of the longest prompt of the last `build`


@dataclass
class PromptTable:
    """Embeddings of U distinct prompts, in alphabetical order.

    Args:
        prompts: the U texts.
        encoded: their embeddings, in the same order.
        encoder: that made them.

    Attributes:
        longest: tokens of the longest prompt of the last `build`; other rows may be longer.
    """

    prompts: list[str]
    encoded: EncodedPrompts
    encoder: EncoderInfo
    longest: int = field(init=False)
    _row: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.longest = int(self.encoded.lengths.max(initial=0))
        self._row = {prompt: i for i, prompt in enumerate(self.prompts)}

    @classmethod
    def build(
        cls,
        prompts: list[str],
        encoder: TextEncoder,
        folder: Path,
        progress: Callable[[int, int], None] | None = None,
    ) -> PromptTable:
        """The table in `folder`, with these prompts added. Only new ones are embedded.

        Args:
            prompts: texts; repetitions count once.
            encoder: to embed them with; embeddings of another encoder are deleted.
            folder: of the table.
            progress: called with (done, total) of the new prompts.

        Raises:
            InputError: a prompt is longer than the encoder can read. Nothing is embedded in that case.
        """
        info = EncoderInfo.of(encoder)
        new = sorted(set(prompts) - embedding_shards.drop_stale(folder, info))
        encoder.tokenize(new)
        for start in range(0, len(new), embedding_shards.SHARD_SIZE):
            shard = new[start : start + embedding_shards.SHARD_SIZE]

            def report(done: int, before: int = start) -> None:
                if progress:
                    progress(before + done, len(new))

            embedding_shards.write_shard(folder, info, shard, encoder.encode(shard, report))
        table = cls(*embedding_shards.read_embeddings(folder, info), info)
        table.longest = int(table.encoded.lengths[table.rows(prompts)].max(initial=0))
        write_json(folder / LAST_BUILD, {"longest": table.longest}, checksum=True)
        return table

    @classmethod
    def open(cls, folder: Path) -> PromptTable:
        """The table that `build` wrote to a folder.

        Raises:
            InputError: there is no table, or it was written by an earlier version.
        """
        info = embedding_shards.read_encoder(folder)
        table = cls(*embedding_shards.read_embeddings(folder, info), info)
        if last_build := read_json(folder / LAST_BUILD):
            table.longest = last_build["longest"]
        return table

    @property
    def fingerprint(self) -> str:
        """Digest of the encoder's weights."""
        return self.encoder.fingerprint

    @property
    def spec(self) -> TextSpec:
        """The encoder's properties for a method.

        The length is rounded up to a multiple of 64 tokens, so that a method keeps its shape if a few longer prompts
        are added.
        """
        length = min(max(-(-self.longest // 64), 1) * 64, self.encoder.max_tokens)
        return TextSpec(self.encoder.dim, length, self.encoder.vocab_size, self.encoder.vocabulary)

    def rows(self, prompts: list[str]) -> np.ndarray:
        """(n,) int64, the rows of these prompts.

        Raises:
            InputError: a prompt is not in the table.
        """
        try:
            return np.array([self._row[prompt] for prompt in prompts], dtype=np.int64)
        except KeyError as e:
            raise InputError(f"prompt {str(e)[:80]}: not in the table of embeddings; prepare the suite again") from None

    def batch(self, rows: np.ndarray, device: torch.device | str) -> TextBatch:
        """The prompts of these rows (B,), padded to the longest of them."""
        encoded = self.encoded
        position = np.arange(max(int(encoded.lengths[rows].max(initial=0)), 1))
        mask = position < encoded.lengths[rows, None]  # (B, N)
        token = (encoded.starts[rows, None] + position)[mask]
        ids, tokens = np.zeros(mask.shape, np.int64), np.zeros((*mask.shape, self.encoder.dim), np.float32)
        ids[mask], tokens[mask] = encoded.ids[token], encoded.tokens[token]
        return TextBatch(*(torch.from_numpy(part).to(device) for part in (ids, mask, tokens, encoded.pooled[rows])))
