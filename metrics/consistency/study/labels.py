"""Prompts labelled by hand, from a tab-separated file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from metrics.errors import InputError

ROWS, COLUMNS = {"u": "upper", "m": "middle", "l": "lower"}, {"l": "left", "c": "center", "r": "right"}
SIDES = ("", "left", "right", "bilateral", "unilateral")
COLUMN_NAMES = ("group", "ontology", "count", "laterality", "regions", "absent", "conflicts", "text")


@dataclass(frozen=True)
class Label:
    """A prompt and a person's reading of it, with fields as in `Findings`.

    Args:
        group: the kind of text, such as "negation".
        conflicts: whether the prompt contradicts itself.
    """

    group: str
    ontology: str
    text: str
    count: tuple[int, int | None] | None
    laterality: str | None
    regions: tuple[str, ...]
    absent: bool
    conflicts: bool


@dataclass(frozen=True)
class LabelFile:
    """A file of labels, and the SHA-256 of its bytes."""

    name: str
    digest: str
    labels: tuple[Label, ...]


def read_labels(path: Path) -> LabelFile:
    """The labelled prompts of a file: UTF-8, tab-separated, without quoting, columns as `COLUMN_NAMES`.

    Counts are "2", "2-" (two or more) or "0-3"; cells are two letters each, such as "ul lr"; absent and conflicts are
    0 or 1; in the text, \\n and \\t stand for a line break and a tab.

    Raises:
        InputError: the file cannot be read, or a row is wrong; the message has its line.
    """
    try:
        content = path.read_bytes()
    except OSError as e:
        raise InputError(f"labels {path}: cannot be read ({e.strerror}); give a tsv of labelled prompts") from None
    heading, *lines = content.decode("utf-8", "replace").split("\n")  # not splitlines: texts keep U+2028
    names = heading.rstrip("\r").split("\t")
    missing = [name for name in COLUMN_NAMES if name not in names]
    if missing:
        raise InputError(f"labels {path}: no column {', '.join(missing)}; the columns are {', '.join(COLUMN_NAMES)}")
    labels = []
    for number, line in enumerate(lines, 2):
        if not line.strip():
            continue
        try:
            labels.append(_label(dict(zip(names, line.rstrip("\r").split("\t"), strict=True))))
        except (KeyError, ValueError, IndexError) as e:
            raise InputError(f"labels {path}: line {number}: {e!r}; see the rows of tests/data/prompts.tsv") from None
    return LabelFile(path.name, hashlib.sha256(content).hexdigest(), tuple(labels))


def _label(row: dict[str, str]) -> Label:
    low, dash, high = row["count"].partition("-")
    if row["absent"] not in ("0", "1") or row["conflicts"] not in ("0", "1"):
        raise ValueError("absent and conflicts are 0 or 1")
    if row["laterality"] not in SIDES:
        raise ValueError(f"laterality is one of {', '.join(SIDES[1:])}, or empty")
    return Label(
        group=row["group"],
        ontology=row["ontology"],
        text=row["text"].replace("\\n", "\n").replace("\\t", "\t"),
        count=None if not low else (int(low), int(high) if high else None if dash else int(low)),
        laterality=row["laterality"] or None,
        regions=tuple(sorted(f"{ROWS[code[0]]}-{COLUMNS[code[1]]}" for code in row["regions"].split())),
        absent=row["absent"] == "1",
        conflicts=row["conflicts"] == "1",
    )
