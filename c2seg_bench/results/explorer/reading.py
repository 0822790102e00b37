"""A prompt cut into what was read from it, what was left out and why, and the rest."""

from __future__ import annotations

from typing import Any

from metrics.consistency import Findings

AXES = ("regions", "laterality", "count", "size", "denied", "past")  # a later one wins where spans overlap
NAMES = {"regions": "position", "laterality": "side"}
LEFT_OUT = "left out"


def reading(findings: Findings) -> dict[str, Any]:
    """What the page shows of one prompt.

    Returns:
        `parts`, (text, kind) pairs that joined are the prompt: kind is the axis read from the text (`count`, `side`,
        `position`, `size`, `denied`, `past`), `left out`, or "" for the rest; `read`, (axis, value, rule) of each
        constraint; `left_out`, (text, why); `notes`, what contradicts itself and which words were read as others.
    """
    return {
        "parts": _parts(findings),
        "read": [[NAMES.get(a.axis, a.axis), a.value, a.rule] for a in findings.assertions],
        "left_out": [[omission.text.strip(), omission.why] for omission in findings.left_out],
        "notes": [*findings.conflicts, *(f"{written} read as {read}" for written, read in findings.corrections)],
    }


def _parts(findings: Findings) -> list[list[str]]:
    kinds = [""] * len(findings.text)
    spans = [(omission.span, LEFT_OUT) for omission in findings.left_out]
    spans += [(span, NAMES.get(axis, axis)) for axis in AXES for span in findings.spans.get(axis, ())]
    for (start, end), kind in spans:
        kinds[start:end] = [kind] * (min(end, len(kinds)) - start)
    parts: list[list[str]] = []
    for character, kind in zip(findings.text, kinds, strict=True):
        if parts and parts[-1][1] == kind:
            parts[-1][0] += character
        else:
            parts.append([character, kind])
    return parts
