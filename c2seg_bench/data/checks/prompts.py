"""Prompts: which version they are, whether they contradict themselves or their masks, what methods cut off."""

from __future__ import annotations

import hashlib
import json
import warnings
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from c2seg_bench.data.checks.finding import CheckedSet, Finding, dataset_check
from c2seg_bench.data.checks.prompt_fit import misfit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from baselines.contract import TextSpec

VERSIONS = "versions.json"  # dataset -> name of a version -> hashes of its distinct prompts


@dataset_check
def version(dataset: CheckedSet) -> list[Finding]:
    """Which of the known versions of a dataset's texts this is, by hashes of the distinct prompts."""
    known = json.loads(files(__package__).joinpath(VERSIONS).read_text(encoding="utf-8")).get(dataset.source.name, {})
    prompts = sorted({record.prompt for record in dataset.records})
    if not known or not prompts:
        return []
    shares = {name: np.mean([short_hash(p) in set(hashes) for p in prompts]) for name, hashes in known.items()}
    best = max(shares, key=lambda name: shares[name])
    if shares[best] == 1:
        return [Finding(f"text version: {best}; all {len(prompts)} distinct prompts are its own")]
    return [Finding(f"text version: none that is known; {shares[best]:.0%} of the distinct prompts are {best}'s")]


def short_hash(prompt: str) -> str:
    """Eight hexadecimal digits of the prompt's sha256: enough to recognise it, too few to recover it."""
    return hashlib.sha256(prompt.encode()).hexdigest()[:8]


@dataset_check
def contradictions(dataset: CheckedSet) -> list[Finding]:
    """Prompts that no mask can satisfy, as the consistency reader reads them."""
    from metrics.consistency import parse

    conflicts = {p: parse(p, dataset.source.ontology).conflicts for p in {record.prompt for record in dataset.records}}
    names = [f"{r.name} ({conflicts[r.prompt][0]})" for r in dataset.records if conflicts[r.prompt]]
    return [Finding(f"{len(names)} prompts contradict themselves", names)] if names else []


@dataset_check
def fit(dataset: CheckedSet) -> list[Finding]:
    """Prompts that the dataset's ontology cannot read."""
    line = misfit([record.prompt for record in dataset.records], dataset.source.ontology)
    return [Finding(line)] if line else []


@dataset_check
def prompts_and_masks(dataset: CheckedSet) -> list[Finding]:
    """Prompts that state another number or other sides than their mask has; sides that are mirrored throughout."""
    from metrics.consistency.frame.frame import Frame
    from metrics.consistency.judge.evaluate import evaluate

    pairs = [(record, pair) for _, record, pair in dataset.readable()]
    if not pairs:
        return []
    masks = np.stack([pair.mask for _, pair in pairs])
    prompts = [record.prompt for record, _ in pairs]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        rows = evaluate(masks, prompts, ontology=dataset.source.ontology, frame=Frame.load(dataset.source.frame)).rows
    findings = [Finding(str(w.message), problem=True) for w in caught if "convention" in str(w.message)]
    for axis, what in (("count", "another number of lesions"), ("laterality", "other sides")):
        stated, wrong = rows[f"{axis}_ok"].notna().sum(), (rows[f"{axis}_ok"] == 0).to_numpy()
        if wrong.any():
            names = [record.name for (record, _), is_wrong in zip(pairs, wrong, strict=True) if is_wrong]
            findings.append(Finding(f"{len(names)} of {stated} prompts state {what} than their mask has", names))
    return findings


@dataset_check
def cut(dataset: CheckedSet) -> list[Finding]:
    """Prompts that a method of the benchmark would not read to the end, at size paper, and what is lost."""
    from c2seg_bench.text.encoder import load_encoder
    from metrics.consistency import parse

    prompts = sorted({record.prompt for record in dataset.records})
    encoder = load_encoder(dataset.encoder)
    tokenizer = encoder.tokenizer
    ids = [tokenizer(prompt)["input_ids"] for prompt in prompts]

    def statements(prompt: str) -> int:
        """How many findings it states: number, side and cells."""
        f = parse(prompt, dataset.source.ontology)
        return (f.count is not None) + (f.laterality is not None) + len(f.regions)

    findings = []
    for (limit, read), methods in sorted(readings(ids, encoder.spec(1)).items()):
        too_long, less = set(), set()
        for prompt, tokens, kept in zip(prompts, ids, read, strict=True):
            if len(kept) < len(tokens):
                too_long.add(prompt)
                if statements(tokenizer.decode([tokens[i] for i in kept], skip_special_tokens=True)) < statements(
                    prompt
                ):
                    less.add(prompt)
        who, share, lost = ", ".join(methods), _share(dataset, too_long), _share(dataset, less)
        what = f"{limit} tokens of {dataset.encoder}: {share} of the prompts are cut, {lost} lose a finding"
        findings.append(Finding(f"{who} read {what}"))
    return findings


Kept = tuple[tuple[int, ...], ...]  # of each prompt, the numbers of the tokens that are read


def readings(prompts: list[list[int]], spec: TextSpec) -> dict[tuple[int, Kept], list[str]]:
    """(Token limit, what is read of each prompt) -> methods at size paper; those that read all are left out.

    Args:
        prompts: token ids of each, marks included.
        spec: of the encoder, but for the length, which is that of the longest of these prompts.
    """
    from dataclasses import replace

    import torch

    from baselines.contract import TextBatch
    from baselines.registry import build, get, names

    length = max(map(len, prompts), default=0)
    if not length:
        return {}
    ids = torch.tensor([row + [0] * (length - len(row)) for row in prompts])
    mask = torch.arange(length) < torch.tensor([len(row) for row in prompts])[:, None]
    text = TextBatch(ids, mask, torch.zeros(*ids.shape, 0), torch.zeros(len(ids), 0))
    known: dict[tuple[int, Kept], list[str]] = {}
    for name in names():
        if get(name).card.uses_text:
            with torch.device("meta"):  # no weights: only what it reads matters
                method = build(name, "paper", replace(spec, length=length), 224)
            read = method.reads(text)
            if method.token_limit is not None and not torch.equal(read, mask):
                kept = tuple(tuple(row.nonzero()[:, 0].tolist()) for row in read)
                known.setdefault((method.token_limit, kept), []).append(name)
    return known


def _share(dataset: CheckedSet, prompts: Iterable[str]) -> str:
    some = set(prompts)
    return f"{np.mean([record.prompt in some for record in dataset.records]):.0%}"
