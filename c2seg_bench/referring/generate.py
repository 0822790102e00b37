"""Generates the examples of a set of images, with the reason for every image that has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from c2seg_bench.errors import InputError
from c2seg_bench.referring.example import KINDS, MIRRORED, NOWHERE, PART, Example, Refusal, Survey
from c2seg_bench.referring.flipped import conflicting_example, mirrored_example
from c2seg_bench.referring.nowhere import nowhere_examples
from c2seg_bench.referring.part import Components, part_examples
from c2seg_bench.referring.reading import Reader
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.seeding import rng
from metrics.arrays import to_array
from metrics.consistency.judge.features import Features
from metrics.consistency.writer import Writer
from metrics.consistency.writer.grammar import has_grammar
from metrics.texts import check_prompt

CHUNK = 64  # images whose choices of components are described at a time
WRITTEN = (PART, NOWHERE)  # kinds with prompts from a grammar; the other kinds reuse the true prompts


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
    """The examples of N images. `survey` also returns the images without any, and why.

    Args:
        masks: (N, H, W), or N masks (H, W) of an expert, nonzero on lesions.
        prompts: the N true prompts.
        judge: of the dataset.
        names: of the N images; the random order of an image's examples depends on its name alone.
        kinds: some of `KINDS`.
        limit: most examples per kind and image; None: all.
        rows: (N,) index of each mask's image or lung mask in the judge; None: all in order.
        unnamed: N masks (H, W) of lesions that the true prompt does not name, as in the embedded data; no edited
            prompt names their places. None: there are none.

    Raises:
        InputError: unequal numbers, an unknown kind, a mask that is not (H, W), a prompt that is not text, or an
            ontology without a grammar for a kind that needs one.
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
    """Examples and refusals of N images; arguments and errors as in `generate`."""
    if not len(masks) == len(prompts) == len(names) or (unnamed is not None and len(unnamed) != len(masks)):
        raise InputError(f"{len(masks)} masks, {len(prompts)} prompts, {len(names)} names; give one of each per image")
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise InputError(f"kinds: {unknown[0]!r} is unknown; there are {', '.join(KINDS)}")
    needs_grammar = [kind for kind in kinds if kind in WRITTEN]
    if needs_grammar and not has_grammar(judge.ontology):
        others = ", ".join(kind for kind in KINDS if kind not in WRITTEN)
        raise InputError(
            f"kind {needs_grammar[0]}: ontology {judge.ontology} has no grammar to write prompts with; write one "
            f"(docs/adding/ontology.md), or take the other kinds, in a suite by referring: {{kinds: [{others}]}}"
        )
    images = PromptedImages(
        masks=[_lesion(mask, f"mask of {name}") for mask, name in zip(masks, names, strict=True)],
        prompts=[check_prompt(prompt, f"{name}: prompt") for prompt, name in zip(prompts, names, strict=True)],
        judge=judge,
        rows=np.arange(len(masks)) if rows is None else np.asarray(rows),
        unnamed=None if unnamed is None else [_lesion(mask, "mask of unnamed lesions") for mask in unnamed],
    )
    examples: list[Example] = []
    refusals: list[Refusal] = []
    for kind in kinds:
        for row, result in enumerate(images.examples(kind)):
            if isinstance(result, str):
                refusals.append(Refusal(row, kind, result))
                continue
            order = rng("referring", kind, names[row]).permutation(len(result))[:limit]
            examples += [result[k] for k in order]
    return Survey(tuple(examples), tuple(refusals))


def _lesion(mask: ArrayLike, description: str) -> NDArray[np.bool_]:
    """(H, W) bool, True where the mask is not 0; InputError for another shape."""
    lesion = to_array(mask) != 0
    if lesion.ndim != 2:
        raise InputError(f"{description} has shape {lesion.shape}; give (H, W)")
    return lesion


@dataclass(frozen=True)
class PromptedImages:
    """N images with their experts' masks and prompts.

    Args:
        masks: N of (H, W) bool.
        prompts: the N true prompts.
        judge: of the dataset.
        rows: (N,) index of each image in the judge.
        unnamed: N masks (H, W) bool of lesions that the true prompt does not name, or None.
    """

    masks: list[NDArray[np.bool_]]
    prompts: list[str]
    judge: Judge
    rows: NDArray[np.int64]
    unnamed: list[NDArray[np.bool_]] | None

    def examples(self, kind: str) -> Iterator[list[Example] | str]:
        """For each image its examples of a kind, at least one, or the reason why there is none."""
        if kind == PART:
            return self.parts()
        if kind == NOWHERE:
            return self.nowheres()
        return self.mirrored() if kind == MIRRORED else self.conflicts()

    def parts(self) -> Iterator[list[Example] | str]:
        """Kind `part`, for a chunk of images at a time: an image may have 62 masks to describe."""
        reader, writer = Reader.of(self.judge, self.rows), Writer.like(self.prompts, self.judge.ontology)
        for start in range(0, len(self.masks), CHUNK):
            chunk = range(start, min(start + CHUNK, len(self.masks)))
            components = [Components.of(self.masks[row], reader.frame.min_area) for row in chunk]
            choices = [of_image.choices() for of_image in components]
            masks = [m for c, chosen in zip(components, choices, strict=True) for m in c.masks(chosen)]
            features = reader.describe(masks, np.repeat(np.array(chunk), [len(c) for c in choices]))
            starts = np.cumsum([0, *map(len, choices)])
            for k, row in enumerate(chunk):
                own = features[starts[k] : starts[k + 1]]
                examples = list(part_examples(row, self.prompts[row], choices[k], own, reader, writer))
                yield examples or components[k].why_no_part(choices[k])

    def nowheres(self) -> Iterator[list[Example] | str]:
        """Kind `nowhere`."""
        reader, writer = Reader.of(self.judge, self.rows), Writer.like(self.prompts, self.judge.ontology)
        features, unnamed_cells = self.describe(reader, flipped=False)
        for row, prompt in enumerate(self.prompts):
            examples = list(nowhere_examples(row, prompt, features, reader, writer, unnamed_cells[row]))
            yield examples or "every place has lesion, or lies next to one that has"

    def mirrored(self) -> Iterator[list[Example] | str]:
        """Kind `mirrored`."""
        for row, prompt in enumerate(self.prompts):
            result = mirrored_example(row, prompt, self.judge.ontology)
            yield result if isinstance(result, str) else [result]

    def conflicts(self) -> Iterator[list[Example] | str]:
        """Kind `conflict`."""
        reader = Reader.of(self.judge, self.rows, flipped=True)
        features, unnamed_cells = self.describe(reader, flipped=True)
        for row, prompt in enumerate(self.prompts):
            result = conflicting_example(row, prompt, features, reader, unnamed_cells[row])
            yield result if isinstance(result, str) else [result]

    def describe(self, reader: Reader, flipped: bool) -> tuple[Features, NDArray[np.bool_]]:
        """Features of the N whole masks, and (N, cells) whether a cell has a lesion that the true prompt omits."""
        order, step = np.arange(len(self.masks)), -1 if flipped else 1
        features = reader.describe([mask[:, ::step] for mask in self.masks], order)
        if self.unnamed is None:
            return features, np.zeros(features.cells.shape, bool)
        unnamed = reader.describe([mask[:, ::step] for mask in self.unnamed], order)
        return features, unnamed.covered > 0
