"""What a run says of edited prompts with a known answer: its two tables and the images of its figure."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from reports.csvfile import choices, read_csv
from reports.errors import InputError
from reports.run import Parts, Referring

KINDS = ("part", "nowhere", "mirrored", "conflict")
MEASURES = (
    *("dice", "whole_dice", "own_dice", "true_dice", "selectivity"),
    *("no_target", "invented", "target", "difference"),
)
REFERENCES = ("ground truth", "prompt only", "empty")


def read_referring(tables: Path, datasets: list[str], methods: list[str]) -> Referring | None:
    """None where the run has no such prompts. InputError where a file is malformed; names file, row and column."""
    path = tables / "referring.csv"
    if not path.exists():
        return None
    keys = ("dataset", "kind", "method", "measure")
    values = read_csv(path, keys, ("value", "lo", "hi", "n", "images", "undefined"), keys)
    for column, known in zip(keys, (datasets, KINDS, [*methods, *REFERENCES], MEASURES), strict=True):
        choices(path, values, column, list(known))
    path = tables / "referring_coverage.csv"
    outcome = ("dataset", "kind", "outcome")
    coverage = read_csv(path, outcome, ("images", "prompts", "looked_at"), outcome)
    choices(path, coverage, "dataset", datasets)
    choices(path, coverage, "kind", list(KINDS))
    path = tables / "referring.npz"
    return Referring(values, coverage, _parts(path, methods) if path.exists() else None)


def _parts(path: Path, methods: list[str]) -> Parts:
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (ValueError, OSError, zipfile.BadZipFile) as e:
        reason = " ".join(str(e).split())
        raise InputError(f"{path}: not a NumPy archive of plain arrays ({reason}); run the summary again") from None
    texts = ("prompts", "names", "dataset")
    if missing := [name for name in ("images", "truth", "parts", *texts) if name not in arrays]:
        raise InputError(f"{path}: array {missing[0]} is missing; run the summary again")
    shape = arrays["truth"].shape
    masks = {name.removeprefix("masks_"): array for name, array in arrays.items() if name.startswith("masks_")}
    if unknown := [name for name in masks if name not in methods]:
        raise InputError(f"{path}: array masks_{unknown[0]}: no such method in methods.csv; run the summary again")
    wanted = {"images": (*shape, 3), "parts": shape, **{name: shape[:1] for name in texts}}
    wanted |= {f"masks_{name}": shape for name in masks}
    for name, expected in wanted.items():
        if len(shape) != 3 or arrays[name].shape != expected:
            raise InputError(
                f"{path}: array {name} is {arrays[name].shape} beside truth {shape}; give {expected}, truth (K, S, S)"
            )
    prompts, names, dataset = ([str(text) for text in arrays[name]] for name in texts)
    given = {name: mask > 0 for name, mask in masks.items()}
    return Parts(arrays["images"], arrays["truth"] > 0, arrays["parts"] > 0, prompts, names, dataset, given)
