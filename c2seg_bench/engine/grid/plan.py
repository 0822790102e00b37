"""What a run would do for a cell, and why: its record is compared with the suite as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.engine.cell.outside_cell import model_of, outside_request
from c2seg_bench.engine.cell.steps import CellOpener
from c2seg_bench.engine.inputs.inputs import CellInputs
from c2seg_bench.engine.request import checkpoint
from c2seg_bench.engine.request.request import (
    fingerprint,
    has_predictions,
    is_current,
    parts_of,
    request_of,
    stored_request,
)
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import AnyCell, Cell, OutsideCell, same_settings

SHOWN = 3  # changes named in a reason
NAMES = {
    "device": "the device",
    "encoder": "the text encoder",
    "edits": "the edited prompts of training",
    "noise": "the noise of the suite",
    "noisy_prompts": "the noisy prompts",
    "referring": "the edited prompts with a known answer",
    "judge": "the ontology or frame",
    "metrics": "the metrics",
}


class CellPlan(NamedTuple):
    """Args: steps: of train, predict and score, those to run; reason: why, or of which date the kept results are."""

    steps: tuple[str, ...]
    reason: str

    def __str__(self) -> str:
        return f"{', '.join(self.steps)}: {self.reason}" if self.steps else f"kept, {self.reason}"


def plan_cell(cell: Cell, inputs: CellInputs, judge: Judge) -> CellPlan:
    """The steps that a run would take for the cell."""
    request, stored = request_of(cell, inputs, judge), stored_request(cell)
    trained = checkpoint.metadata(cell.files.checkpoint) or {}
    if is_current(cell, request):
        return CellPlan((), f"of {stored.get('date') or trained.get('date') or 'an unknown date'}")
    why = "; ".join(_shortened(list(changes(stored, parts_of(cell, inputs, judge)))))
    if has_predictions(cell, inputs.cache, request):
        return CellPlan(("score",), why or "no scores")
    if trained.get("request") == fingerprint(cell, inputs):
        if trained.get("finished"):
            return CellPlan(("predict", "score"), why or f"no scores; trained {trained.get('date', '')}".rstrip())
        return CellPlan(("train", "predict", "score"), f"training stopped after epoch {trained.get('epoch')}")
    if not trained:
        return CellPlan(("train", "predict", "score"), why or "nothing there")
    return CellPlan(("train", "predict", "score"), why or "its checkpoint is of other settings, data, text or code")


def plan_outside_cell(cell: OutsideCell) -> CellPlan:
    """The steps that a run would take for a model that was trained elsewhere."""
    request, stored = outside_request(cell), stored_request(cell)
    if not stored:
        return CellPlan(("predict", "score"), "nothing there")
    if stored.get("model") != model_of(cell, None):
        return CellPlan(("predict", "score"), "another model")
    if is_current(cell, request):
        return CellPlan((), f"of {stored.get('date') or 'an unknown date'}")
    if has_predictions(cell, Cache.open(cell.run.data(cell.dataset)), request):
        return CellPlan(("score",), "the ontology, the frame, the metrics or their code changed")
    return CellPlan(("predict", "score"), "its settings, the data or the noise changed")


def plan_cells(grid: list[AnyCell]) -> list[tuple[AnyCell, CellPlan]]:
    """The plan of every cell, in their order; each dataset and prompt table is opened once."""
    open_cell = CellOpener()
    plans = {
        cell.folder: plan_cell(cell, *open_cell(cell)) if isinstance(cell, Cell) else plan_outside_cell(cell)
        for cell in sorted(grid, key=CellOpener.order)
    }
    return [(cell, plans[cell.folder]) for cell in grid]


def changes(stored: dict[str, Any], current: dict[str, Any]) -> Iterator[str]:
    """What differs between a cell's record and what the suite requests; nothing for a cell without a record.

    Args:
        stored: as `write_record` wrote it, or by an earlier version, without some parts.
        current: of `parts_of`.
    """
    if not stored:
        return
    before, after = _flat(stored.get("settings", {})), _flat(current["settings"])
    if before and same_settings(stored["settings"], current["settings"]):
        before = after
    if before:
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                yield f"{key} was {before.get(key)!r}, is {after.get(key)!r}"
    yield from _changed_data(stored.get("data"), current["data"])
    for part in ("code", "scoring_code"):
        if part not in stored:
            yield f"{part.replace('_', ' ')} of that time is not recorded"
            continue
        for module in sorted(stored[part].keys() | current[part].keys()):
            if module not in stored[part]:
                yield f"{module} is used now"
            elif module not in current[part]:
                yield f"{module} is no longer used"
            elif stored[part][module] != current[part][module]:
                yield f"{module} was edited"
    for part, name in NAMES.items():
        if part in stored and stored[part] != current.get(part):
            yield f"{name} changed"
    if "referring" in current and "referring" not in stored:
        yield f"{NAMES['referring']} are new"


def _changed_data(stored: Any, current: dict[str, str]) -> Iterator[str]:
    """The splits whose images, prompts or masks changed; earlier versions did not record them one by one."""
    if isinstance(stored, dict):
        yield from (f"the data of {split} changed" for split in current if stored.get(split) != current[split])


def _flat(value: Any, prefix: str = "") -> dict[str, str]:
    """Dotted key -> value as text, which is what JSON keeps of it."""
    if not isinstance(value, dict):
        return {prefix: str(list(value) if isinstance(value, tuple) else value)}
    return {k: v for key, item in value.items() for k, v in _flat(item, f"{prefix}.{key}" if prefix else key).items()}


def _shortened(reasons: list[str]) -> list[str]:
    more = len(reasons) - SHOWN
    return [*reasons[:SHOWN], f"and {more} more"] if more > 0 else reasons
