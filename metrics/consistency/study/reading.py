"""The accuracy of the reader against hand labels, wrong assertions first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from metrics.consistency.axes import mean_of_known
from metrics.consistency.reader import parse as reader
from metrics.consistency.reader.findings import Findings
from metrics.consistency.study.labels import Label, LabelFile
from metrics.errors import InputError

FIELDS = ("count", "laterality", "regions", "absent")  # of `Findings`, that labels have too


def reader_digest() -> str:
    """SHA-256 of the reader's code and ontologies, which shows whether the reader was changed after a scoring."""
    folder = Path(reader.__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*folder.glob("*.py"), *folder.glob("ontologies/*.json")], key=lambda p: p.as_posix()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def wrong_fields(findings: Findings, label: Label) -> list[str]:
    """The fields in which the reader asserts something that the label does not have, the worst kind of error."""
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


def all_right(findings: Findings, label: Label) -> bool:
    """Whether every field is read as labelled, contradictions included."""
    read = (findings.count, findings.laterality, findings.regions, findings.absent, bool(findings.conflicts))
    return read == (label.count, label.laterality, label.regions, label.absent, label.conflicts)


def reading_table(labels: Sequence[Label]) -> pd.DataFrame:
    """The reader against labels.

    Returns:
        One row per group, and a last one for "all": `n`; the shares of prompts that are `wrong` (an assertion is not in
        the label), `missed` (not wrong, but something is missing) or `whole` (all right); and for each field
        `FIELD_precision` and `FIELD_recall` over statements (for regions over single cells), nan without any.
    """
    groups: dict[str, list[Label]] = {}
    for label in labels:
        groups.setdefault(label.group, []).append(label)
    return pd.DataFrame([_row(name, own) for name, own in [*groups.items(), ("all", list(labels))]])


def _row(name: str, labels: Sequence[Label]) -> dict[str, Any]:
    read = [reader.parse(label.text, label.ontology) for label in labels]
    wrong = [bool(wrong_fields(findings, label)) for findings, label in zip(read, labels, strict=True)]
    right = [all_right(findings, label) for findings, label in zip(read, labels, strict=True)]
    missed = [not is_right and not is_wrong for is_right, is_wrong in zip(right, wrong, strict=True)]
    row: dict[str, Any] = {
        "group": name,
        "n": len(labels),
        "wrong": mean_of_known(wrong),
        "missed": mean_of_known(missed),
    }
    row["whole"] = mean_of_known(right)
    for field in FIELDS:
        asserted = [statements(findings, field) for findings in read]
        labelled = [statements(label, field) for label in labels]
        hits = sum(len(a & b) for a, b in zip(asserted, labelled, strict=True))
        for kind, total in (("precision", sum(map(len, asserted))), ("recall", sum(map(len, labelled)))):
            row[f"{field}_{kind}"] = hits / total if total else float("nan")
    return row


def statements(findings: Findings | Label, field: str) -> set[Any]:
    """The statements in a field; each region is one."""
    value = getattr(findings, field)
    if field == "regions":
        return set(value)
    return set() if value is None or value is False else {value}


@dataclass(frozen=True)
class Scoring:
    """A scoring of labels that the reader was not developed on.

    Args:
        labels_sha256, reader_sha256: of the file of labels, and of the reader at the time.
        date: of the scoring, as YYYY-MM-DD.
        n: number of prompts.
        wrong, whole: shares of the prompts, as in `reading_table`.
    """

    labels_sha256: str
    reader_sha256: str
    date: str
    n: int
    wrong: float
    whole: float


def score_labels(file: LabelFile, date: str) -> Scoring:
    """Score the present reader on a file of labels; `date` is the day, as YYYY-MM-DD."""
    total = reading_table(file.labels).iloc[-1]
    return Scoring(file.digest, reader_digest(), date, len(file.labels), float(total["wrong"]), float(total["whole"]))


def read_scoring(path: Path) -> Scoring | None:
    """The stored scoring; None if there is no such file.

    Raises:
        InputError: the file cannot be read, or is no scoring.
    """
    try:
        return Scoring(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as e:
        raise InputError(f"scoring {path}: cannot be read ({e}); delete it to score the labels anew") from None
