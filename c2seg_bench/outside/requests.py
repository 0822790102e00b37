"""The requests to a model: every distinct pair of image and prompt, once, whichever conditions it comes from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.rundir import Condition


class Wording(NamedTuple):
    """The prompts of a condition: rows (n,) of the cache, n texts; whether the images are flipped left to right."""

    condition: Condition
    rows: np.ndarray
    prompts: list[str]
    flipped: bool = False


@dataclass(frozen=True)
class Request:
    """One image and one prompt.

    Args:
        id: 16 hexadecimal digits of the image's pixels, its name and the prompt: the same on any machine.
        row: of the cache.
        image: name of the image in its dataset.
        prompt: what the model reads.
        conditions: those that have this prompt for this image.
        flipped: whether the image is flipped left to right.
    """

    id: str
    row: int
    image: str
    prompt: str
    conditions: tuple[str, ...]
    flipped: bool = False


class Requests:
    """The requests of one dataset, in the order of the conditions and of their rows."""

    def __init__(self, dataset: str, cache: Cache, wordings: Iterable[Wording]):
        self.dataset = dataset
        self.wordings = list(wordings)
        conditions: dict[tuple[int, str, bool], list[str]] = {}
        for wording in self.wordings:
            for row, prompt in zip(wording.rows, wording.prompts, strict=True):
                conditions.setdefault((int(row), prompt, wording.flipped), []).append(str(wording.condition))
        names, hashes = list(cache.index["name"]), list(cache.index["image_sha"])
        self.all = [
            Request(
                request_id(hashes[row], names[row], prompt, flipped), row, names[row], prompt, tuple(known), flipped
            )
            for (row, prompt, flipped), known in conditions.items()
        ]
        self._position = {key: k for k, key in enumerate(conditions)}

    def __len__(self) -> int:
        return len(self.all)

    def positions(self, wording: Wording) -> np.ndarray:
        """(n,) which request answers each row of a condition."""
        pairs = zip(wording.rows, wording.prompts, strict=True)
        return np.array([self._position[int(row), prompt, wording.flipped] for row, prompt in pairs], np.int64)


def request_id(image_sha: str, name: str, prompt: str, flipped: bool = False) -> str:
    parts = [image_sha, name, prompt, *(["flipped"] if flipped else [])]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def described(dataset: str, request: Request) -> str:
    """The image and the prompt, for a message."""
    prompt = request.prompt if len(request.prompt) <= 120 else request.prompt[:117] + "..."
    flipped = " (flipped)" if request.flipped else ""
    return f"{dataset}: image {request.image}{flipped}, prompt {prompt!r}"
