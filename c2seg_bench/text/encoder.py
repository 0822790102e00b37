"""Frozen text encoders, by name. Weights come from a package, a folder or the hub, never from a random generator.

`known.py` has the names, `load.py` the towers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from baselines.layers.hub import vocabulary
from c2seg_bench.errors import InputError
from c2seg_bench.text.known import resolve
from c2seg_bench.text.load import Run, load


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
    words: str  # digest of the vocabulary
    tokenizer: Any
    run: Run  # ids, mask (torch) -> tokens (n, N, D), pooled (n, D)

    def encode(self, texts: list[str], batch: int = 64) -> Encoded:
        """Embed texts; the result of one does not depend on the others. All tokens are kept.

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
        order = np.argsort([len(x) for x in ids], kind="stable")
        for start in range(0, len(ids), batch):
            rows = order[start : start + batch]
            longest = max(len(ids[i]) for i in rows)
            for i in rows:
                out.ids[i, : len(ids[i])], out.mask[i, : len(ids[i])] = ids[i], True
            real = out.mask[rows, :longest]
            with torch.inference_mode():
                tokens, pooled = self.run(torch.from_numpy(out.ids[rows, :longest]), torch.from_numpy(real))
            out.tokens[rows, :longest] = tokens.float().numpy() * real[..., None]
            out.pooled[rows] = pooled.float().numpy()
        return out


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
