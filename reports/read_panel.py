"""tables/panel.npz, read and checked."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from reports.errors import InputError
from reports.run import Panel


def read_panel(path: Path, methods: list[str]) -> Panel:
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (ValueError, OSError, zipfile.BadZipFile) as e:
        raise InputError(
            f"{path}: not a NumPy archive of plain arrays ({' '.join(str(e).split())}); run the summary again"
        ) from None
    for name in ("images", "truth", "prompts", "names", "dataset"):
        if name not in arrays:
            raise InputError(f"{path}: array {name} is missing; there are {', '.join(arrays)}")
    shape = arrays["truth"].shape
    masks = {name.removeprefix("masks_"): array for name, array in arrays.items() if name.startswith("masks_")}
    expected = {"images": (*shape, 3), **{n: shape[:1] for n in ("prompts", "names", "dataset")},
                **{f"masks_{m}": shape for m in masks}}  # fmt: skip
    for name, wanted in expected.items():
        if len(shape) != 3 or arrays[name].shape != wanted:
            raise InputError(
                f"{path}: array {name} is {arrays[name].shape} beside truth {shape}; give {wanted}, truth (K, S, S)"
            )
    for name in masks:
        if name not in methods:
            raise InputError(
                f"{path}: array masks_{name}: no method of that name in methods.csv; there are {', '.join(methods)}"
            )
    prompts, names, dataset = ([str(s) for s in arrays[n]] for n in ("prompts", "names", "dataset"))
    return Panel(arrays["images"], arrays["truth"] > 0, prompts, names, dataset, {m: a > 0 for m, a in masks.items()})
