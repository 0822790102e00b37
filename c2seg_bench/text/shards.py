"""The files of a table of prompts: a few thousand embedded prompts each, written once, never written over.

What is interrupted loses the file that was being made, and prompts that come later come in files of their own.
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
from c2seg_bench.files import atomic
from c2seg_bench.text.encoder import Encoded, TextEncoder

FORMAT = 3  # raise it where the same prompts get other numbers or a file tells more: tables are made anew
SIZE = 4096  # prompts: a minute or two of a large encoder
PARTS = ("lengths", "ids", "tokens", "pooled")  # of `Encoded`; where a prompt starts follows from the lengths


@dataclass(frozen=True)
class About:
    """The encoder of a table.

    Args:
        fingerprint: digest of its weights.
        dim, vocab, words: as in `TextSpec`.
        limit: tokens that it can read at most.
    """

    fingerprint: str
    dim: int
    vocab: int
    limit: int
    words: Vocabulary
    format: int = FORMAT

    @classmethod
    def of(cls, encoder: TextEncoder) -> About:
        return cls(encoder.fingerprint, encoder.dim, encoder.vocab, encoder.longest, encoder.words)

    @classmethod
    def from_json(cls, text: str) -> About:
        found = json.loads(text)
        words = found.pop("words")
        marks = tuple(words.pop("marks") or ()) or None  # JSON has no tuples
        return cls(**found, words=Vocabulary(**words, marks=marks))


def keep(folder: Path, about: About) -> set[str]:
    """The prompts that are there, embedded by this encoder; shards of others and of earlier versions are removed."""
    known: set[str] = set()
    for path in _files(folder):
        found, prompts = _head(path)
        if found == about:
            known.update(prompts)
        else:
            path.unlink()
    return known


def write(folder: Path, about: About, prompts: list[str], encoded: Encoded) -> None:
    """One more shard."""
    number = max((int(path.stem.rpartition("-")[2]) for path in _files(folder)), default=-1) + 1
    head = {"about": json.dumps(asdict(about)), "prompts": json.dumps(prompts)}
    with atomic(folder / f"prompts-{number:05d}.safetensors") as temporary:
        save_file({part: getattr(encoded, part) for part in PARTS}, temporary, metadata=head)


def about(folder: Path) -> About:
    """The encoder of the shards. InputError where there are none, or some are of another or of an earlier version."""
    files = _files(folder)
    if not files:
        raise InputError(f"{folder}: no prompt embeddings; prepare the suite first (c2seg-bench run)")
    found = {_head(path)[0] for path in files}
    if len(found) > 1 or (one := found.pop()) is None:
        raise InputError(f"{folder}: embeddings of an earlier version; prepare the suite again (c2seg-bench run)")
    return one


def read(folder: Path, about: About) -> tuple[list[str], Encoded]:
    """All prompts in alphabetical order, and their embeddings."""
    files = _files(folder)
    prompts = [prompt for path in files for prompt in _head(path)[1]]
    lengths = np.concatenate([np.zeros(0, np.int64), *(_part(path, "lengths") for path in files)])
    total, starts = int(lengths.sum()), np.cumsum(lengths) - lengths
    ids, tokens = np.empty(total, np.int64), np.empty((total, about.dim), np.float32)
    pooled = np.empty((len(prompts), about.dim), np.float32)
    for part, whole in (("ids", ids), ("tokens", tokens), ("pooled", pooled)):  # put together without a second copy
        end = 0
        for path in files:
            found = _part(path, part)
            start, end = end, end + len(found)
            whole[start:end] = found
    order = np.array(sorted(range(len(prompts)), key=prompts.__getitem__), np.int64)
    return [prompts[i] for i in order], Encoded(starts[order], lengths[order], ids, tokens, pooled[order])


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("prompts*.safetensors"))


def _head(path: Path) -> tuple[About | None, list[str]]:
    """Encoder and prompts of a shard; None for the encoder where it is of an earlier version."""
    try:
        with safe_open(path, "numpy") as f:
            head = f.metadata()
        found = json.loads(head["about"]) if "about" in head else {}
        return (About.from_json(head["about"]) if found.get("format") == FORMAT else None), json.loads(head["prompts"])
    except Exception as e:  # safetensors raises its own kind, and it has changed between versions
        raise InputError(f"{path}: not a table of prompts ({' '.join(str(e).split())}); delete it") from None


def _part(path: Path, part: str) -> np.ndarray:
    with safe_open(path, "numpy") as f:
        return f.get_tensor(part)
