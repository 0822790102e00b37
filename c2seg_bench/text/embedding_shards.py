"""The files of a prompt table ("shards"), with a few thousand embedded prompts each.

A shard is never overwritten, and new prompts go to new shards, so an interruption loses only the shard being written.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from baselines.contract import Vocabulary
from c2seg_bench.errors import InputError
from c2seg_bench.files import DamagedFile, atomic, set_aside, verify
from c2seg_bench.text.encoder import EncodedPrompts, TextEncoder

FORMAT = 4  # raise it when embeddings or the header change, so that old shards are replaced
SHARD_SIZE = 4096  # prompts; a large encoder takes a minute or two
ARRAYS = ("lengths", "ids", "tokens", "pooled")  # of `EncodedPrompts`; `starts` follows from the lengths


@dataclass(frozen=True)
class EncoderInfo:
    """The encoder that embedded a shard; fields as in `TextEncoder`."""

    fingerprint: str
    dim: int
    vocab_size: int
    max_tokens: int
    vocabulary: Vocabulary
    format: int = FORMAT

    @classmethod
    def of(cls, encoder: TextEncoder) -> EncoderInfo:
        """The fields of a loaded encoder."""
        return cls(encoder.fingerprint, encoder.dim, encoder.vocab_size, encoder.max_tokens, encoder.vocabulary)

    @classmethod
    def from_json(cls, text: str) -> EncoderInfo:
        """From the text in the header of a shard."""
        fields = json.loads(text)
        vocabulary = fields.pop("vocabulary")
        marks = tuple(vocabulary.pop("marks") or ()) or None  # JSON has no tuples
        return cls(**fields, vocabulary=Vocabulary(**vocabulary, marks=marks))


def drop_stale(folder: Path, encoder: EncoderInfo) -> set[str]:
    """Delete the shards of other encoders and earlier versions; return the prompts of the shards that stay.

    A damaged shard is set aside.
    """
    prompts: set[str] = set()
    for path in _shards(folder):
        try:
            shard_encoder, shard_prompts = _header(path)
        except DamagedFile as e:
            set_aside(path, e.reason)
            continue
        if shard_encoder == encoder:
            prompts.update(shard_prompts)
        else:
            path.unlink()
    return prompts


def write_shard(folder: Path, encoder: EncoderInfo, prompts: list[str], encoded: EncodedPrompts) -> None:
    """Add one shard."""
    number = max((int(path.stem.rpartition("-")[2]) for path in _shards(folder)), default=-1) + 1
    header = {"encoder": json.dumps(asdict(encoder)), "prompts": json.dumps(prompts)}
    with atomic(folder / f"prompts-{number:05d}.safetensors", checksum=True) as temporary:
        save_file({name: getattr(encoded, name) for name in ARRAYS}, temporary, metadata=header)


def read_encoder(folder: Path) -> EncoderInfo:
    """The encoder of the shards.

    Raises:
        InputError: there are no shards, or some are of another encoder or an earlier version.
    """
    paths = _shards(folder)
    if not paths:
        raise InputError(f"{folder}: no prompt embeddings; prepare the suite first (c2seg-bench run)")
    encoders = {_header(path)[0] for path in paths}
    if len(encoders) > 1 or (encoder := encoders.pop()) is None:
        raise InputError(f"{folder}: embeddings of an earlier version; prepare the suite again (c2seg-bench run)")
    return encoder


def read_embeddings(folder: Path, encoder: EncoderInfo) -> tuple[list[str], EncodedPrompts]:
    """All prompts of the shards in alphabetical order, and their embeddings."""
    paths = _shards(folder)
    prompts = [prompt for path in paths for prompt in _header(path)[1]]
    lengths = np.concatenate([np.zeros(0, np.int64), *(_array(path, "lengths") for path in paths)])
    total, starts = int(lengths.sum()), np.cumsum(lengths) - lengths
    ids, tokens = np.empty(total, np.int64), np.empty((total, encoder.dim), np.float32)
    pooled = np.empty((len(prompts), encoder.dim), np.float32)
    for name, array in (("ids", ids), ("tokens", tokens), ("pooled", pooled)):  # filled in place: no second copy
        end = 0
        for path in paths:
            part = _array(path, name)
            start, end = end, end + len(part)
            array[start:end] = part
    order = np.array(sorted(range(len(prompts)), key=prompts.__getitem__), np.int64)
    return [prompts[i] for i in order], EncodedPrompts(starts[order], lengths[order], ids, tokens, pooled[order])


def _shards(folder: Path) -> list[Path]:
    return sorted(folder.glob("prompts*.safetensors"))


def _header(path: Path) -> tuple[EncoderInfo | None, list[str]]:
    """Encoder and prompts of a shard; None for an encoder of an earlier version. DamagedFile if it is not a shard."""
    verify(path)
    try:
        with safe_open(path, "numpy") as f:
            header = f.metadata()
        encoder = header.get("encoder", "{}")
        is_current = json.loads(encoder).get("format") == FORMAT
        return EncoderInfo.from_json(encoder) if is_current else None, json.loads(header["prompts"])
    except Exception as e:  # safetensors raises its own kind, which has changed between versions
        raise DamagedFile(path, f"not a file of prompt embeddings: {' '.join(str(e).split())}") from None


def _array(path: Path, name: str) -> np.ndarray:
    with safe_open(path, "numpy") as f:
        return f.get_tensor(name)
