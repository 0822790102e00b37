"""Does a mask follow its prompt? Count, side, place and absence, read from the text and checked against the mask.

from metrics.consistency import Frame, check, parse

findings = parse("Unilateral pulmonary infection, one infected area, lower left lung")
verdict = check(mask, findings, Frame.load("thirds"))
"""

from __future__ import annotations

from metrics.consistency.calibrate import calibrate
from metrics.consistency.check import Answer, Verdict, check
from metrics.consistency.evaluate import Evaluation, constant_masks, corrected, evaluate
from metrics.consistency.findings import Findings
from metrics.consistency.frame import Frame
from metrics.consistency.parse import parse

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
