"""Frozen text encoders, by name. Weights come from a package, a folder or the hub, never from a random generator.

`known.py` has the names, `load.py` the towers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

import numpy as np

from baselines.contract import TextSpec, Vocabulary
from baselines.layers.hub import vocabulary
from c2seg_bench.errors import InputError
from c2seg_bench.text.known import resolve
from c2seg_bench.text.load import Run, load

BATCH = 8


@dataclass(frozen=True)
class Encoded:
    """Prompts as the encoder sees them, one after another, without pads.

    starts (n,) and lengths (n,) int64: where a prompt's tokens are; ids (T,) int64 and tokens (T, D) float32 of all;
    pooled (n, D) float32.
    """

    starts: np.ndarray
    lengths: np.ndarray
    ids: np.ndarray
    tokens: np.ndarray
    pooled: np.ndarray

    def of(self, row: int) -> slice:
        """Where the tokens of one prompt are."""
        return slice(self.starts[row], self.starts[row] + self.lengths[row])


@dataclass
class TextEncoder:
    """A frozen encoder. `fingerprint` is the sha256 of its weights; `dim` the width of tokens and pooled vector."""

    name: str
    dim: int
    vocab: int
    longest: int
    fingerprint: str
    parameters: int
    words: Vocabulary
    tokenizer: Any
    run: Run  # ids, mask (torch) -> tokens (n, N, D), pooled (n, D)

    def spec(self, length: int) -> TextSpec:
        """What a method is told of it, for prompts of so many tokens; no more than it reads."""
        return TextSpec(self.dim, min(length, self.longest), self.vocab, self.words)

    def read(self, texts: list[str]) -> list[list[int]]:
        """Token ids of texts.

        Raises:
            InputError: a text is longer than the encoder can read; it is never cut silently.
        """
        ids = [self.tokenizer(t)["input_ids"] for t in texts]
        for text, tokens in zip(texts, ids, strict=True):
            if len(tokens) > self.longest:
                raise InputError(
                    f"{self.name}: {len(tokens)} tokens, but it reads {self.longest}: {text[:60]!r}...; shorten the "
                    "prompt, leave out the noise that made it long, or take an encoder that reads more (minilm: 512)"
                )
        return ids

    def encode(self, texts: list[str], progress: Callable[[int], None] | None = None) -> Encoded:
        """Embed texts. All tokens are kept.

        The result of one does not depend on the others, to the last bit: trainings would drift apart by the rounding.
        So a batch has prompts of one length, without pads, and one number of rows, filled up with its own.

        Args:
            progress: called with the number of texts that are done.

        Raises:
            InputError: as `read`.
        """
        import torch

        ids, done = self.read(texts), 0
        lengths = np.array([len(x) for x in ids], np.int64)
        starts = np.cumsum(lengths) - lengths
        flat = np.fromiter(chain.from_iterable(ids), np.int64, lengths.sum())
        tokens = np.empty((len(flat), self.dim), np.float32)
        out = Encoded(starts, lengths, flat, tokens, np.empty((len(ids), self.dim), np.float32))
        for rows in _of_one_length(lengths):
            where = starts[rows, None] + np.arange(lengths[rows[0]])  # (rows, N)
            batch = torch.from_numpy(flat[where[np.arange(BATCH) % len(rows)]])
            with torch.inference_mode():
                states, pooled = self.run(batch, torch.ones_like(batch, dtype=torch.bool))
            tokens[where] = states[: len(rows)].float().numpy()
            out.pooled[rows] = pooled[: len(rows)].float().numpy()
            done += len(rows)
            if progress:
                progress(done)
        return out


def _of_one_length(lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Numbers of at most `BATCH` prompts that have the same number of tokens."""
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        yield from np.split(rows, range(BATCH, len(rows), BATCH))


@cache
def load_encoder(name: str) -> TextEncoder:
    """An encoder by name: one of `known.KNOWN` (`minilm` needs no download, `clip` is the paper's), alone or as
    NAME=FOLDER; or any other as `hf:NAME` or `hf:FOLDER`.

    Raises:
        InputError: an unknown name, or weights that cannot be had here or are not complete, with the way to get them.
    """
    known, where = resolve(name)
    tokenizer, model, run = load(name, known, where)
    config, digest = model.config, hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(key.encode() + tensor.contiguous().cpu().numpy().tobytes())
    parameters = sum(p.numel() for p in model.parameters())
    return TextEncoder(
        name,
        config.hidden_size,
        config.vocab_size,
        config.max_position_embeddings,
        digest.hexdigest(),
        parameters,
        vocabulary(tokenizer),
        tokenizer,
        run,
    )
