"""Frozen text encoders. Weights come from a package, a folder or the hub, never from a random generator.

`encoder_catalogue.py` lists the names, `pretrained.py` loads the weights.
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
from c2seg_bench.text.encoder_catalogue import resolve
from c2seg_bench.text.pretrained import Forward, load_tower
from metrics.texts import check_prompt

BATCH = 8


@dataclass(frozen=True)
class EncodedPrompts:
    """n encoded prompts, one after another, without padding; T tokens of width D in all.

    Args:
        starts, lengths: (n,) int64, position and number of each prompt's tokens.
        ids: (T,) int64.
        tokens: (T, D) float32, last hidden states.
        pooled: (n, D) float32.
    """

    starts: np.ndarray
    lengths: np.ndarray
    ids: np.ndarray
    tokens: np.ndarray
    pooled: np.ndarray

    def token_slice(self, row: int) -> slice:
        """The slice of `ids` and `tokens` that belongs to one prompt."""
        return slice(self.starts[row], self.starts[row] + self.lengths[row])


@dataclass
class TextEncoder:
    """A frozen encoder.

    Args:
        name: as in suites.
        dim: width D of tokens and pooled vector.
        vocab_size: number of token ids.
        max_tokens: tokens of the longest prompt that it can read.
        fingerprint: sha256 of its weights.
        parameters: number of weights.
        vocabulary: meaning of some token ids.
        tokenizer: of transformers.
        forward: ids, mask (torch) -> tokens (n, N, D), pooled (n, D).
    """

    name: str
    dim: int
    vocab_size: int
    max_tokens: int
    fingerprint: str
    parameters: int
    vocabulary: Vocabulary
    tokenizer: Any
    forward: Forward

    def spec(self, length: int) -> TextSpec:
        """The encoder's properties for a method, for prompts of at most `length` tokens."""
        return TextSpec(self.dim, min(length, self.max_tokens), self.vocab_size, self.vocabulary)

    def tokenize(self, texts: list[str]) -> list[list[int]]:
        """Token ids of texts.

        Raises:
            InputError: a text is longer than the encoder can read, and is never cut silently; or it is not text.
        """
        for text in texts:
            check_prompt(text)
        ids = [self.tokenizer(t)["input_ids"] for t in texts]
        for text, tokens in zip(texts, ids, strict=True):
            if len(tokens) > self.max_tokens:
                raise InputError(
                    f"{self.name}: {len(tokens)} tokens, but it reads {self.max_tokens}: {text[:60]!r}...; shorten the "
                    "prompt, leave out the noise that lengthened it, or take an encoder that reads more (minilm: 512)"
                )
        return ids

    def encode(self, texts: list[str], progress: Callable[[int], None] | None = None) -> EncodedPrompts:
        """Embed texts, with all their tokens.

        The result for a text is independent of the others to the last bit, because rounding differences would make
        trainings diverge. Therefore the texts of a batch have the same length, without padding, and a batch always has
        `BATCH` rows; if it has fewer texts, they are repeated.

        Args:
            texts: any texts.
            progress: called with the number of texts done so far.

        Raises:
            InputError: as `tokenize`.
        """
        import torch

        ids, done = self.tokenize(texts), 0
        lengths = np.array([len(x) for x in ids], np.int64)
        starts = np.cumsum(lengths) - lengths
        flat = np.fromiter(chain.from_iterable(ids), np.int64, lengths.sum())
        tokens = np.empty((len(flat), self.dim), np.float32)
        pooled = np.empty((len(ids), self.dim), np.float32)
        for rows in _batches_of_one_length(lengths):
            positions = starts[rows, None] + np.arange(lengths[rows[0]])  # (rows, N)
            batch = torch.from_numpy(flat[positions[np.arange(BATCH) % len(rows)]])
            with torch.inference_mode():
                states, vectors = self.forward(batch, torch.ones_like(batch, dtype=torch.bool))
            tokens[positions] = states[: len(rows)].float().numpy()
            pooled[rows] = vectors[: len(rows)].float().numpy()
            done += len(rows)
            if progress:
                progress(done)
        return EncodedPrompts(starts, lengths, flat, tokens, pooled)


def _batches_of_one_length(lengths: np.ndarray) -> Iterator[np.ndarray]:
    """Indices of at most `BATCH` prompts with the same number of tokens."""
    for length in np.unique(lengths):
        rows = np.flatnonzero(lengths == length)
        yield from np.split(rows, range(BATCH, len(rows), BATCH))


@cache
def load_encoder(name: str) -> TextEncoder:
    """An encoder by name.

    Args:
        name: a key of `encoder_catalogue.ENCODERS` (`minilm` needs no download, `clip` is the paper's), alone or as
            NAME=FOLDER; or any other as `hf:NAME` or `hf:FOLDER`.

    Raises:
        InputError: an unknown name, or weights that are missing or incomplete; the message says how to get them.
    """
    entry, location = resolve(name)
    tokenizer, model, forward = load_tower(name, entry, location)
    config, digest = model.config, hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(key.encode() + tensor.contiguous().cpu().numpy().tobytes())
    return TextEncoder(
        name=name,
        dim=config.hidden_size,
        vocab_size=config.vocab_size,
        max_tokens=config.max_position_embeddings,
        fingerprint=digest.hexdigest(),
        parameters=sum(p.numel() for p in model.parameters()),
        vocabulary=vocabulary(tokenizer),
        tokenizer=tokenizer,
        forward=forward,
    )
