"""The accuracy of the reader against hand labels, wrong assertions first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from metrics.consistency.reader import parse as reader
from metrics.consistency.reader.findings import Findings
from metrics.consistency.study.labels import Label, LabelFile
from metrics.errors import InputError

FACTS = ("count", "laterality", "regions", "absent")


def reader_digest() -> str:
    """SHA-256 of the reader's code and ontologies, which shows whether the reader was changed after a scoring."""
    folder = Path(reader.__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.py"), *folder.glob("ontologies/*.json")], key=lambda p: p.as_posix()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def wrong_facts(findings: Findings, label: Label) -> list[str]:
    """The axes on which the reader asserts something that is not in the label, the worst kind of error."""
    wrong = []
    if findings.count is not None and findings.count != label.count:
        wrong.append("count")
    if findings.laterality is not None and findings.laterality != label.laterality:
        wrong.append("laterality")
    if set(findings.regions) - set(label.regions):
        wrong.append("regions")
    if findings.absent and not label.absent:
        wrong.append("absent")
    return wrong


def is_whole(findings: Findings, label: Label) -> bool:
    """Whether the whole prompt is read as labelled, including contradictions."""
    read = (findings.count, findings.laterality, findings.regions, findings.absent, bool(findings.conflicts))
    return read == (label.count, label.laterality, label.regions, label.absent, label.conflicts)


def reading_table(labels: Sequence[Label]) -> pd.DataFrame:
    """The reader against labels.

    Returns:
        One row per group and for "all": `n`; the shares of prompts that are `wrong` (an assertion is not in the label),
        `missed` (not wrong, but something is missing) or `whole` (all right); and precision and recall for each axis
        over statements (for regions over single cells).
    """
    groups: dict[str, list[Label]] = {}
    for label in labels:
        groups.setdefault(label.group, []).append(label)
    return pd.DataFrame([_row(name, own) for name, own in [*groups.items(), ("all", list(labels))]])


def _row(name: str, labels: Sequence[Label]) -> dict[str, Any]:
    read = [reader.parse(label.text, label.ontology) for label in labels]
    wrong = [bool(wrong_facts(f, label)) for f, label in zip(read, labels, strict=True)]
    whole = [is_whole(f, label) for f, label in zip(read, labels, strict=True)]
    missed = [not right and not bad for right, bad in zip(whole, wrong, strict=True)]
    out: dict[str, Any] = {"group": name, "n": len(labels), "wrong": share(wrong), "missed": share(missed)}
    out["whole"] = share(whole)
    for fact in FACTS:
        said = [stated(f, fact) for f in read]
        wanted = [stated(label, fact) for label in labels]
        hits = sum(len(a & b) for a, b in zip(said, wanted, strict=True))
        for kind, total in (("precision", sum(map(len, said))), ("recall", sum(map(len, wanted)))):
            out[f"{fact}_{kind}"] = hits / total if total else float("nan")
    return out


def stated(findings: Findings | Label, fact: str) -> set[Any]:
    """The statements on an axis, as a set."""
    value = getattr(findings, fact)
    if fact == "regions":
        return set(value)
    return set() if value is None or value is False else {value}


def share(values: Iterable[bool]) -> float:
    array = np.fromiter(values, bool)
    return float(array.mean()) if array.size else float("nan")


@dataclass(frozen=True)
class Scoring:
    """A scoring of labels that the reader was not developed on.

    Args:
        labels_sha256, reader_sha256: of the file of labels and of the reader that was scored.
        date: ISO, of the day.
        n, wrong, whole: prompts, and shares of them as in `reading_table`.
    """

    labels_sha256: str
    reader_sha256: str
    date: str
    n: int
    wrong: float
    whole: float


def score_labels(file: LabelFile, date: str) -> Scoring:
    """The reader as it is now against a file of labels."""
    last = reading_table(file.labels).iloc[-1]
    return Scoring(file.digest, reader_digest(), date, len(file.labels), float(last["wrong"]), float(last["whole"]))


def read_scoring(path: Path) -> Scoring | None:
    """The first scoring of a file of labels, stored beside it; None if there is none."""
    try:
        return Scoring(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as e:
        raise InputError(f"scoring {path}: cannot be read ({e}); delete it to score the labels anew") from None
