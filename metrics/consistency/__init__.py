"""Does a mask follow its prompt? Count, side, place, size and absence are read from the text and checked on the mask.

    from metrics.consistency import Frame, check, parse

    findings = parse("Unilateral pulmonary infection, one infected area, lower left lung")
    verdict = check(mask, findings, Frame.load("thirds"))

Each folder uses only those before it: `reader` (text to findings), `frame` (where "left" or "upper" is in an image),
`judge` (masks against findings), `calibration` (fitting a frame), `study` (the metric's own test). `writer`, the
inverse of `reader`, writes prompts from constraints.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metrics.consistency.calibration.calibrate import calibrate
    from metrics.consistency.frame.frame import Frame
    from metrics.consistency.judge.check import Answer, Verdict, check
    from metrics.consistency.judge.evaluate import Evaluation, constant_masks, corrected, evaluate
    from metrics.consistency.reader.findings import Findings
    from metrics.consistency.reader.parse import parse

_HOME = {
    "Answer": "judge.check",
    "Evaluation": "judge.evaluate",
    "Findings": "reader.findings",
    "Frame": "frame.frame",
    "Verdict": "judge.check",
    "calibrate": "calibration.calibrate",
    "check": "judge.check",
    "constant_masks": "judge.evaluate",
    "corrected": "judge.evaluate",
    "evaluate": "judge.evaluate",
    "parse": "reader.parse",
}

__all__ = [
    "Answer",
    "Evaluation",
    "Findings",
    "Frame",
    "Verdict",
    "calibrate",
    "check",
    "constant_masks",
    "corrected",
    "evaluate",
    "parse",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'metrics.consistency' has no attribute {name!r}")
    value = getattr(import_module(f"metrics.consistency.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
