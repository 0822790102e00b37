"""The table of prompt embeddings: one row per distinct prompt, computed once and kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from baselines.contract import TextBatch, TextSpec
from c2seg_bench.errors import InputError
from c2seg_bench.files import read_json, write_json
from c2seg_bench.text import shards
from c2seg_bench.text.encoder import Encoded, TextEncoder

ASKED = "asked.json"  # beside the shards: what of the table the last suite asked for


@dataclass
class PromptTable:
    """Embeddings of U distinct prompts, in alphabetical order, whichever were embedded first."""

    prompts: list[str]
    encoded: Encoded
    about: shards.About
    longest: int = field(init=False)  # tokens of the longest prompt of the last suite, whatever others are there
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
        """The table in `folder` with at least these prompts; only those that are new to it are embedded.

        Args:
            progress: called with (done, total) of the new ones.
        """
        about = shards.About.of(encoder)
        known = shards.keep(folder, about)
        new = sorted(set(prompts) - known)
        encoder.read(new)  # what is too long is told before the first is embedded
        for start in range(0, len(new), shards.SIZE):
            part = new[start : start + shards.SIZE]

            def tell(done: int, before: int = start) -> None:
                if progress:
                    progress(before + done, len(new))

            shards.write(folder, about, part, encoder.encode(part, tell))
        table = cls(*shards.read(folder, about), about)
        table.longest = int(table.encoded.lengths[table.rows(prompts)].max(initial=0))
        write_json(folder / ASKED, {"longest": table.longest})
        return table

    @classmethod
    def open(cls, folder: Path) -> PromptTable:
        """A table that `build` left."""
        about = shards.about(folder)
        table = cls(*shards.read(folder, about), about)
        if asked := read_json(folder / ASKED):
            table.longest = asked["longest"]
        return table

    @property
    def fingerprint(self) -> str:
        """Digest of the encoder's weights."""
        return self.about.fingerprint

    @property
    def spec(self) -> TextSpec:
        """Length in steps of 64 tokens, so that a method keeps its shape when a few longer prompts come in."""
        length = min(max(-(-self.longest // 64), 1) * 64, self.about.limit)
        return TextSpec(self.about.dim, length, self.about.vocab, self.about.words)

    def rows(self, prompts: list[str]) -> np.ndarray:
        """(n,) int64, the rows of these prompts."""
        try:
            return np.array([self._row[prompt] for prompt in prompts], dtype=np.int64)
        except KeyError as e:
            raise InputError(f"prompt {str(e)[:80]}: not in the table of embeddings; prepare the suite again") from None

    def batch(self, rows: np.ndarray, device: torch.device | str) -> TextBatch:
        """These rows, padded to the longest of them."""
        e = self.encoded
        place = np.arange(max(int(e.lengths[rows].max(initial=0)), 1))
        mask = place < e.lengths[rows, None]  # (B, N)
        where = (e.starts[rows, None] + place)[mask]
        ids, tokens = np.zeros(mask.shape, np.int64), np.zeros((*mask.shape, self.about.dim), np.float32)
        ids[mask], tokens[mask] = e.ids[where], e.tokens[where]
        return TextBatch(*(torch.from_numpy(part).to(device) for part in (ids, mask, tokens, e.pooled[rows])))
