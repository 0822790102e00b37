"""The table of prompt embeddings: one row per distinct prompt, computed once and kept on disk."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.numpy import save_file

from baselines.contract import TextBatch, TextSpec, Vocabulary
from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic, read_json, write_json
from c2seg_bench.text.encoder import Encoded, TextEncoder

FILE = "prompts.safetensors"
ASKED = "asked.json"  # beside it: what of the table the last suite asked for
FORMAT = "3"  # raise it where the same prompts get other numbers or the file tells more: tables are made anew
PARTS = ("ids", "mask", "tokens", "pooled")


@dataclass
class PromptTable:
    """Embeddings of U distinct prompts: arrays as in `Encoded`, padded to the longest of them."""

    prompts: list[str]
    encoded: Encoded
    fingerprint: str
    vocab: int
    limit: int  # tokens that the encoder can read at most
    words: Vocabulary
    longest: int = field(init=False)  # tokens of the longest prompt of the last suite, whatever others are there
    _row: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.longest = self.encoded.ids.shape[1]
        self._row = {prompt: i for i, prompt in enumerate(self.prompts)}

    @classmethod
    def build(cls, prompts: list[str], encoder: TextEncoder, folder: Path) -> PromptTable:
        """The table in `folder` with at least these prompts; only those that are new to it are embedded."""
        known = cls._read(folder / FILE) if (folder / FILE).exists() else None
        if known is not None and known.fingerprint != encoder.fingerprint:
            known = None
        table = cls._with(known, sorted(set(prompts) - set(known.prompts if known else ())), encoder, folder)
        table.longest = int(table.encoded.mask[table.rows(prompts)].sum(1).max(initial=0))
        write_json(folder / ASKED, {"longest": table.longest})
        return table

    @classmethod
    def _with(cls, known: PromptTable | None, new: list[str], encoder: TextEncoder, folder: Path) -> PromptTable:
        """`known` and, embedded and written, the prompts that are new to it."""
        if known is not None and not new:
            return known
        found = encoder.encode(new)
        if known is not None:
            found = _joined(known.encoded, found)
        texts = (known.prompts if known else []) + new
        about = {
            "prompts": json.dumps(texts),
            "fingerprint": encoder.fingerprint,
            "encoder": encoder.name,
            "vocab": str(encoder.vocab),
            "limit": str(encoder.longest),
            "words": json.dumps(asdict(encoder.words)),
            "format": FORMAT,
        }
        with atomic(folder / FILE) as temporary:
            save_file({part: getattr(found, part) for part in PARTS}, temporary, metadata=about)
        return cls(texts, found, encoder.fingerprint, encoder.vocab, encoder.longest, encoder.words)

    @classmethod
    def open(cls, folder: Path) -> PromptTable:
        """A table that `build` left."""
        if not (folder / FILE).exists():
            raise InputError(f"{folder / FILE}: no prompt embeddings; prepare the suite first (c2seg-bench run)")
        table = cls._read(folder / FILE)
        if table is None:
            raise InputError(f"{folder / FILE}: of an earlier version; prepare the suite again (c2seg-bench run)")
        if asked := read_json(folder / ASKED):
            table.longest = asked["longest"]
        return table

    @classmethod
    def _read(cls, path: Path) -> PromptTable | None:
        """None for an earlier version's."""
        try:
            with safe_open(path, "numpy") as f:
                about, arrays = f.metadata(), [f.get_tensor(part) for part in PARTS]
        except Exception as e:  # safetensors raises its own kind, and it has changed between versions
            raise InputError(f"{path}: not a table of prompts ({' '.join(str(e).split())}); delete it") from None
        if about.get("format") != FORMAT:
            return None
        marks = (words := json.loads(about["words"]))["marks"]  # JSON has no tuples
        return cls(
            json.loads(about["prompts"]),
            Encoded(*arrays),
            about["fingerprint"],
            int(about["vocab"]),
            int(about["limit"]),
            Vocabulary(**{**words, "marks": tuple(marks) if marks else None}),
        )

    @property
    def spec(self) -> TextSpec:
        """Length in steps of 64 tokens, so that a method keeps its shape when a few longer prompts come in."""
        dim = self.encoded.tokens.shape[-1]
        return TextSpec(dim, min(max(-(-self.longest // 64), 1) * 64, self.limit), self.vocab, self.words)

    def rows(self, prompts: list[str]) -> np.ndarray:
        """(n,) int64, the rows of these prompts."""
        try:
            return np.array([self._row[prompt] for prompt in prompts], dtype=np.int64)
        except KeyError as e:
            raise InputError(f"prompt {str(e)[:80]}: not in the table of embeddings; prepare the suite again") from None

    def batch(self, rows: np.ndarray, device: torch.device | str) -> TextBatch:
        """These rows, without the pads that all of them share."""
        width = max(int(self.encoded.mask[rows].sum(1).max(initial=0)), 1)
        e = self.encoded
        parts = (e.ids[rows, :width], e.mask[rows, :width], e.tokens[rows, :width], e.pooled[rows])
        return TextBatch(*(torch.from_numpy(part).to(device) for part in parts))


def _joined(first: Encoded, second: Encoded) -> Encoded:
    width = max(first.ids.shape[1], second.ids.shape[1])

    def pad(array: np.ndarray) -> np.ndarray:
        return np.pad(array, [(0, 0), (0, width - array.shape[1])] + [(0, 0)] * (array.ndim - 2))

    parts = [np.concatenate([pad(getattr(first, p)), pad(getattr(second, p))]) for p in PARTS[:3]]
    ids, mask, tokens = parts
    return Encoded(ids, mask, tokens, np.concatenate([first.pooled, second.pooled]))
