"""Which results can be ranked together: those with the same images, masks, prompts, protocol and metric version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from c2seg_bench.exchange.manifest import DatasetRecord, Manifest
from c2seg_bench.exchange.package import Package
from metrics.catalogue import METRICS, mask_metrics

LISTED = (*mask_metrics(), METRICS["consistent"], METRICS["consistency"])  # metrics of a board, one value per image
CORRECTED, NOISE = METRICS["corrected"], "noise"  # and those that only all images together have


@dataclass(frozen=True)
class Entry:
    """A package as the leaderboard lists it. `name` (its file) and `label` (its row) are unique among the entries."""

    name: str
    label: str
    package: Package


@dataclass(frozen=True)
class Board:
    """The entries of one dataset that can be ranked together, and why the others cannot."""

    dataset: str
    record: DatasetRecord
    ranked: list[Entry]
    refused: list[tuple[Entry, str]]


def entries_of(packages: Sequence[tuple[str, Package]]) -> list[Entry]:
    """The entries of (file name, package). If several have the same title, the file's name is added to it."""
    titles = [package.title for _, package in packages]
    return [
        Entry(name, package.title if titles.count(package.title) == 1 else f"{package.title} ({name})", package)
        for name, package in packages
    ]


def boards(entries: Sequence[Entry], reference: Entry | None = None) -> list[Board]:
    """A board per dataset, in the order of first mention.

    The entries that agree with the reference are ranked; without a reference, the largest group that agrees. Of equally
    large groups, the one with the earliest entry is ranked.
    """
    datasets = dict.fromkeys(name for entry in entries for name in entry.package.manifest.datasets)
    return [_board(dataset, entries, reference) for dataset in datasets]


def _board(dataset: str, entries: Sequence[Entry], reference: Entry | None) -> Board:
    having = [entry for entry in entries if dataset in entry.package.manifest.datasets]
    groups = [
        [other for other in having if not differences(_of(entry, dataset), _of(other, dataset))] for entry in having
    ]
    chosen = reference if reference in having else max(groups, key=len)[0]
    assert chosen is not None
    why = {entry.label: differences(_of(chosen, dataset), _of(entry, dataset)) for entry in having}
    return Board(
        dataset,
        chosen.package.manifest.datasets[dataset],
        [entry for entry in having if not why[entry.label]],
        [(entry, "; ".join(why[entry.label])) for entry in having if why[entry.label]],
    )


def _of(entry: Entry, dataset: str) -> tuple[Manifest, DatasetRecord]:
    return entry.package.manifest, entry.package.manifest.datasets[dataset]


def differences(reference: tuple[Manifest, DatasetRecord], other: tuple[Manifest, DatasetRecord]) -> list[str]:
    """The reasons why `other` cannot be compared with the reference; empty if it can."""
    (manifest, record), (its_manifest, its) = reference, other
    phrases = []
    if its.source != record.source:
        phrases.append(f"another source of data: {its.source} instead of {record.source}")
    if its.split != record.split:
        phrases.append(
            f"another test split: {its.images} images, {its.split[:8]}, instead of {record.images}, {record.split[:8]}"
        )
    elif its.pictures != record.pictures and its.size == record.size:
        phrases.append(f"another version of the images or masks: {its.pictures[:8]} instead of {record.pictures[:8]}")
    if its.split == record.split and its.prompts != record.prompts:
        phrases.append(f"other prompts: {its.prompts[:8]} instead of {record.prompts[:8]}")
    for what, its_value, value in (
        ("images of another size", its.size, record.size),
        ("another threshold", its_manifest.threshold, manifest.threshold),
        ("another ontology", its.ontology, record.ontology),
        ("another frame", its.frame[:8], record.frame[:8]),
        ("another version of the metrics", its_manifest.scoring, manifest.scoring),
    ):
        if its_value != value:
            phrases.append(f"{what}: {its_value} instead of {value}")
    return phrases
