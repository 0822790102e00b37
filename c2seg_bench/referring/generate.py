"""All possible examples of a set of pictures, and the reason if a picture has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from c2seg_bench.errors import InputError
from c2seg_bench.referring.example import KINDS, MIRRORED, NOWHERE, PART, Example, Refusal, Survey
from c2seg_bench.referring.flipped import conflicting, mirrored
from c2seg_bench.referring.nowhere import nowheres
from c2seg_bench.referring.part import MOST, Choice, Components, parts
from c2seg_bench.referring.reading import Reader
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.seeding import rng
from metrics.consistency.judge.features import Features
from metrics.consistency.writer import Writer
from metrics.consistency.writer.grammar import has_grammar

CHUNK = 64  # pictures whose choices of components are described at a time
WRITTEN = (PART, NOWHERE)  # kinds whose prompts are written, others are the true prompts or the same mirrored


def generate(
    masks: Sequence[ArrayLike] | NDArray,
    prompts: Sequence[str],
    judge: Judge,
    names: Sequence[str],
    kinds: Sequence[str] = KINDS,
    *,
    limit: int | None = None,
    rows: NDArray[np.int64] | None = None,
    unnamed: Sequence[ArrayLike] | NDArray | None = None,
) -> list[Example]:
    """The examples of N pictures; `survey` says also which pictures admit none and why.

    Args:
        masks: (N, H, W) or N masks (H, W) of an expert, not 0 where lesion is.
        prompts: the N true prompts.
        judge: of the dataset.
        names: of the pictures; they alone decide what is drawn.
        kinds: of examples, some of `KINDS`.
        limit: examples of one kind and picture at most; all where not given.
        rows: (N,) which of the judge's pictures or lung masks the masks belong to; all in order where not given.
        unnamed: N masks (H, W) of what looks like lesion but is none under the true prompt, as in the embedded data:
            no other prompt may name it either. None: pictures have nothing like that.

    Raises:
        InputError: unequal numbers, an unknown kind, an ontology without a grammar for the kinds that need one.
    """
    return list(survey(masks, prompts, judge, names, kinds, limit=limit, rows=rows, unnamed=unnamed).examples)


def survey(
    masks: Sequence[ArrayLike] | NDArray,
    prompts: Sequence[str],
    judge: Judge,
    names: Sequence[str],
    kinds: Sequence[str] = KINDS,
    *,
    limit: int | None = None,
    rows: NDArray[np.int64] | None = None,
    unnamed: Sequence[ArrayLike] | NDArray | None = None,
) -> Survey:
    """What N pictures admit; arguments and errors are those of `generate`."""
    if not len(masks) == len(prompts) == len(names) or (unnamed is not None and len(unnamed) != len(masks)):
        raise InputError(f"{len(masks)} masks, {len(prompts)} prompts, {len(names)} names; give one of each a picture")
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise InputError(f"kinds: {unknown[0]!r} is unknown; there are {', '.join(KINDS)}")
    needed = [kind for kind in kinds if kind in WRITTEN]
    if needed and not has_grammar(judge.ontology):
        raise InputError(f"kind {needed[0]}: ontology {judge.ontology} has no grammar; leave out {', '.join(WRITTEN)}")
    whole = [np.asarray(mask) != 0 for mask in masks]
    others = None if unnamed is None else [np.asarray(mask) != 0 for mask in unnamed]
    pictures = Pictures(
        whole, list(prompts), judge, np.arange(len(masks)) if rows is None else np.asarray(rows), others
    )
    examples: list[Example] = []
    refusals: list[Refusal] = []
    for kind in kinds:
        for row, found in enumerate(pictures.examples(kind)):
            if isinstance(found, str):
                refusals.append(Refusal(row, kind, found))
                continue
            order = rng("referring", kind, names[row]).permutation(len(found))[:limit]
            examples += [found[k] for k in order]
    return Survey(tuple(examples), tuple(refusals))


@dataclass(frozen=True)
class Pictures:
    """N pictures with their experts' masks and prompts.

    Args:
        masks: N of (H, W) bool.
        rows: (N,) of the judge.
        unnamed: N of (H, W) bool, or None.
    """

    masks: list[NDArray[np.bool_]]
    prompts: list[str]
    judge: Judge
    rows: NDArray[np.int64]
    unnamed: list[NDArray[np.bool_]] | None

    def examples(self, kind: str) -> Iterator[list[Example] | str]:
        """For each picture the examples of a kind, at least one, or why there is none."""
        if kind == PART:
            return self.parts()
        if kind == NOWHERE:
            return self.nowheres()
        return self.mirrored() if kind == MIRRORED else self.conflicts()

    def parts(self) -> Iterator[list[Example] | str]:
        reader, writer = Reader.of(self.judge, self.rows), Writer.like(self.prompts, self.judge.ontology)
        for start in range(0, len(self.masks), CHUNK):
            chunk = range(start, min(start + CHUNK, len(self.masks)))
            components = [Components.of(self.masks[row], reader.frame.min_area) for row in chunk]
            choices = [c.choices() if 1 < len(c.numbers) <= MOST else [] for c in components]
            masks = [mask for c, chosen in zip(components, choices, strict=True) for mask in c.masks(chosen)]
            described = reader.describe(masks, np.repeat(np.array(chunk), [len(c) for c in choices]))
            first = np.cumsum([0, *map(len, choices)])
            for k, row in enumerate(chunk):
                own = described[first[k] : first[k + 1]]
                found = list(parts(row, self.prompts[row], choices[k], own, reader, writer)) if choices[k] else []
                yield found or why_no_part(components[k], choices[k])

    def nowheres(self) -> Iterator[list[Example] | str]:
        reader, writer = Reader.of(self.judge, self.rows), Writer.like(self.prompts, self.judge.ontology)
        described, taken = self.described(reader, flipped=False)
        for row, prompt in enumerate(self.prompts):
            found = list(nowheres(row, prompt, described, row, reader, writer, taken[row]))
            yield found or "every place has lesion, or lies next to one that has"

    def mirrored(self) -> Iterator[list[Example] | str]:
        for row, prompt in enumerate(self.prompts):
            found = mirrored(row, prompt, self.judge.ontology)
            yield found if isinstance(found, str) else [found]

    def conflicts(self) -> Iterator[list[Example] | str]:
        reader = Reader.of(self.judge, self.rows, flipped=True)
        described, taken = self.described(reader, flipped=True)
        for row, prompt in enumerate(self.prompts):
            found = conflicting(row, prompt, described, row, reader, taken[row])
            yield found if isinstance(found, str) else [found]

    def described(self, reader: Reader, flipped: bool) -> tuple[Features, NDArray[np.bool_]]:
        """Features of the whole masks, and (N, cells) where something lies that the true prompt does not name."""
        every, step = np.arange(len(self.masks)), -1 if flipped else 1
        described = reader.describe([mask[:, ::step] for mask in self.masks], every)
        if self.unnamed is None:
            return described, np.zeros(described.cells.shape, bool)
        others = reader.describe([mask[:, ::step] for mask in self.unnamed], every)
        return described, others.covered > 0


def why_no_part(components: Components, choices: list[Choice]) -> str:
    """The reason where a picture has no part prompt."""
    if len(components.numbers) < 2:
        return "fewer than two components"
    if len(components.numbers) > MOST:
        return f"more than {MOST} components"
    if not any(choice.usable for choice in choices):
        return "no part is large enough and leaves out more than 1 % of the picture"
    return "no part has words of its own that the true prompt agrees with"
