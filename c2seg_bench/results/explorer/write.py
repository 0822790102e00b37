"""explorer.json: as many images and pairs as fit in a page, those first that a reader looks for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import metrics.consistency
from c2seg_bench.files import atomic, read_json
from c2seg_bench.results.explorer.choose import choose_clean, choose_edited, edited_trainings
from c2seg_bench.results.explorer.content import Content, as_text
from c2seg_bench.results.explorer.pairs import FLIPPED, Grid
from c2seg_bench.results.run import Run
from c2seg_bench.rundir import CLEAN, Condition
from c2seg_bench.stress import FAMILIES

LENGTH = 7_000_000  # bytes of explorer.json: a page has tables and charts besides, and stays under 10 MB
SCALE = 1000  # of the scores in `points`
UNKNOWN = -1


def write_explorer(overview: Run, every: Sequence[Grid]) -> None:
    """Write explorer.json of a run, or leave it where it already is of these scores and this code.

    Args:
        overview: `Run.overview`.
        every: the scores of each dataset, `pairs.grids`.
    """
    path, made_of = overview.files.explorer, _made_of(overview)
    if _stamp(path) == made_of:
        return
    run = overview.with_truth()
    with atomic(path) as temporary:
        temporary.write_text(as_text({"made_of": made_of, **explorer(run, every)}), encoding="utf-8")


def explorer(run: Run, every: Sequence[Grid], length: int = LENGTH) -> dict[str, Any]:
    """The content of explorer.json but its stamp.

    Args:
        length: bytes that images, prompts and pairs may take together. Images with their clean pairs come first; what
            is left goes to noisy and edited pairs, those first that a reader looks for.
    """
    content = Content(run, every)
    room = content.add(choose_clean(every, run.suite.name), length)
    trainings = edited_trainings(every)
    chosen = choose_edited(every, run.suite.name, set(content.pictures.numbers), trainings)
    content.add(chosen, room, trainings)
    return {
        "datasets": [_dataset(grid, g, content) for g, grid in enumerate(every)],
        "total": {
            "pictures": sum(len(grid.images) for grid in every),
            "pairs": sum(int(grid.known.sum()) for grid in every),
        },
        "pictures": content.pictures.records,
        "prompts": content.prompts.records,
        "pairs": content.pairs.records,
    }


def _dataset(grid: Grid, g: int, content: Content) -> dict[str, Any]:
    """Names of a dataset's methods and conditions, and the clean scores of all its images."""
    clean = grid.values["dice"][0], grid.values["score"][0]
    return {
        "name": grid.dataset,
        "methods": grid.methods,
        "seeds": grid.seeds,
        "conditions": [_condition(condition) for condition in grid.conditions],
        "images": [content.pictures.numbers.get((g, image), UNKNOWN) for image in range(len(grid.images))],
        "dice": [_thousandths(column) for column in clean[0].T],
        "score": [_thousandths(column) for column in clean[1].T],
    }


def _condition(condition: Condition) -> dict[str, Any]:
    kind, edited = "referring" if condition.is_referring else "clean", ""
    if condition != CLEAN and not condition.is_referring:
        family = FAMILIES[condition.family]
        kind, edited = family.kind, family.axis
    return {
        "name": str(condition),
        "family": condition.family,
        "severity": condition.severity,
        "kind": kind,
        "edited": edited,
        "flipped": condition.family in FLIPPED,
    }


def _thousandths(values: np.ndarray) -> list[int]:
    """Scores as whole numbers, UNKNOWN where there is none."""
    return [UNKNOWN if np.isnan(v) else round(SCALE * v) for v in values]


def _made_of(run: Run) -> str:
    """Digest of the suite, the scores, the cells that are left out, and the code that reads prompts and masks."""
    scores = run.files.scores.stat()
    parts = [run.suite.model_dump_json(), scores.st_size, scores.st_mtime_ns, run.left_out]
    for folder in (Path(__file__).parent, Path(metrics.consistency.__path__[0])):
        parts += [path.read_bytes() for path in sorted(folder.rglob("*")) if path.suffix in (".py", ".json")]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _stamp(path: Path) -> str:
    """What an earlier file was made of; "" where there is none."""
    if not path.exists():
        return ""
    return str(read_json(path).get("made_of", ""))
