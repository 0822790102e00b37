"""Frozen text encoders, by name. Weights come from a package, a folder or the hub, never from a random generator.

`known.py` has the names, `load.py` the towers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from baselines.contract import Vocabulary
from baselines.layers.hub import vocabulary
from c2seg_bench.errors import InputError
from c2seg_bench.text.known import resolve
from c2seg_bench.text.load import Run, load

BATCH = 8


@dataclass(frozen=True)
class Encoded:
    """Prompts as the encoder sees them.

    ids (n, N) int64, mask (n, N) bool True on real tokens, tokens (n, N, D) float32, zero on pads, pooled (n, D)
    float32.
    """

    ids: np.ndarray
    mask: np.ndarray
    tokens: np.ndarray
    pooled: np.ndarray


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

    def encode(self, texts: list[str]) -> Encoded:
        """Embed texts. All tokens are kept.

        The result of one does not depend on the others, to the last bit: trainings would drift apart by the rounding.
        So a batch has prompts of one length, without pads, and one number of rows, filled up with its own.

        Raises:
            InputError: a text is longer than the encoder can read; it is never cut silently.
        """
        import torch

        ids = [self.tokenizer(t)["input_ids"] for t in texts]
        for text, tokens in zip(texts, ids, strict=True):
            if len(tokens) > self.longest:
                raise InputError(
                    f"{self.name}: {len(tokens)} tokens, but it reads {self.longest}: {text[:60]!r}...; shorten the "
                    "prompt, leave out the noise that made it long, or take an encoder that reads more (minilm: 512)"
                )
        width = max((len(x) for x in ids), default=1)
        out = Encoded(
            np.zeros((len(ids), width), np.int64),
            np.zeros((len(ids), width), bool),
            np.zeros((len(ids), width, self.dim), np.float32),
            np.zeros((len(ids), self.dim), np.float32),
        )
        for rows in _of_one_length(ids):
            length = len(ids[rows[0]])
            out.ids[rows, :length], out.mask[rows, :length] = [ids[i] for i in rows], True
            batch = torch.from_numpy(out.ids[np.resize(rows, BATCH), :length])
            with torch.inference_mode():
                tokens, pooled = self.run(batch, torch.ones_like(batch, dtype=torch.bool))
            out.tokens[rows, :length] = tokens[: len(rows)].float().numpy()
            out.pooled[rows] = pooled[: len(rows)].float().numpy()
        return out


def _of_one_length(ids: list[list[int]]) -> Iterator[np.ndarray]:
    """Numbers of at most `BATCH` prompts that have the same number of tokens."""
    lengths = np.array([len(x) for x in ids])
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
