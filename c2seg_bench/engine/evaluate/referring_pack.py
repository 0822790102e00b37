"""Edited prompts with a known answer for masks made anywhere: images and prompts as files, and masks read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from rich.console import Console

from c2seg_bench.engine.evaluate.evaluate import evaluate
from c2seg_bench.engine.evaluate.pack import pack_suite
from c2seg_bench.engine.evaluate.result import Result
from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import Suite, load_suite

SUITE, RUN, PACK = "suite.yaml", "run", "pack"


def write_pack(
    out: Path, dataset: dict[str, Any], referring: dict[str, Any], console: Console, native: bool = False
) -> int:
    """Write what a model is to answer into the folder `out`. Returns the number of images with a prompt each.

    The folder gets `suite.yaml` (the settings), `run` (the prepared data, later the scores) and `pack` (the
    images, `requests.csv` with the true and the edited prompts, and a README). A killed one continues.

    Args:
        dataset: as an entry of `datasets` in a suite: source, root, size, options, ontology, frame.
        referring: as the key of a suite: kinds, images, per_image.
        native: images as they are in the dataset.

    Raises:
        InputError: wrong settings; `out` has other files, or another pack.
    """
    settings = {
        "name": "referring",
        "datasets": {dataset["source"]: {k: v for k, v in dataset.items() if v is not None}},
        "methods": ["unet"],  # a suite has one at least; none is trained here
        "referring": {k: v for k, v in referring.items() if v is not None},
    }
    suite = suite_of(settings)
    path = out / SUITE
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not path.exists())):
        raise InputError(f"--out {out}: is there already; give a new folder")
    if path.exists() and load_suite(path) != suite:
        raise InputError(f"--out {out}: has a pack of other settings ({path}); give a new folder")
    if (out / PACK).exists():
        raise InputError(f"--out {out}: its pack is whole; answer it, or give a new folder")
    out.mkdir(parents=True, exist_ok=True)
    with atomic(path) as temporary:
        temporary.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return pack_suite(suite, str(path), out / PACK, RunDir(out / RUN), console, native)


def suite_of(settings: dict[str, Any]) -> Suite:
    """InputError names the setting that is wrong."""
    try:
        return Suite(**settings)
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(str(key) for key in first["loc"])
        raise InputError(f"{where}: {first['msg'].removeprefix('Value error, ')}, not {first['input']!r}") from None


def score_answers(
    folder: Path,
    predictions: Path,
    name: str,
    console: Console,
    partial: bool = False,
    uses_text: bool = True,
) -> Result:
    """Read the masks that answer a pack, score them, and list them in the report of its run.

    Args:
        folder: that `write_pack` wrote.
        predictions: folder of masks named by the ids of requests.csv.
        name: of the model in the tables.
        partial: score answers that are missing as empty masks.

    Raises:
        InputError: no such folder, or answers that are missing, too many or no masks.
    """
    path = folder / SUITE
    if not path.is_file() or not (folder / PACK).is_dir():
        raise InputError(f"{folder}: no {SUITE} and {PACK} in it; give a folder that c2seg-bench referring write wrote")
    return evaluate(
        None,
        path,
        name,
        predictions=predictions,
        pack=folder / PACK,
        partial_answers=partial,
        uses_text=uses_text,
        out=folder / RUN,
        console=console,
    )
