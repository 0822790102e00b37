"""Edited prompts whose correct mask is known: parts, places without lesion, flipped images; and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from reports.run import Method, Run
from reports.tables.captions import brackets
from reports.tables.model import Cell, Column, Row, Table, ranks
from reports.tables.results import FREE, GUIDED

REFERENCES = {
    "ground truth": "Experts' whole mask (ignores the prompt)",
    "prompt only": "Mean training mask of the prompt (ignores the image)",
    "empty": "Empty mask",
}
PART_NAMED, TRUE_PROMPT = "Prompt of the part", "True prompt"
KINDS = {"part": "part", "nowhere": "no lesion there", "mirrored": "mirrored", "conflict": "conflict"}


@dataclass(frozen=True)
class Measure:
    """One column.

    Args:
        kind, name: of the measure in referring.csv.
        title, unit, better, group: as in `Column`.
        digits: decimals to print.
        ranked: whether best and second are marked.
    """

    kind: str
    name: str
    title: str
    unit: str = "%"
    better: str | None = None
    digits: int = 1
    ranked: bool = False
    group: str = ""


PARTS = (
    Measure("part", "dice", "Dice with the part", better="up", ranked=True, group=PART_NAMED),
    Measure("part", "selectivity", "Selectivity", "", "up", 2, ranked=True, group=PART_NAMED),
    Measure("part", "whole_dice", "Dice with the whole mask", group=PART_NAMED),
    Measure("part", "own_dice", "Dice with the part", group=TRUE_PROMPT),
    Measure("part", "true_dice", "Dice with the whole mask", better="up", group=TRUE_PROMPT),
)
NOTHING = tuple(
    Measure(kind, name, title, unit, better, digits, group=KINDS[kind].capitalize())
    for kind in ("nowhere", "conflict")
    for name, title, unit, better, digits in (
        ("no_target", "No-target accuracy", "%", "up", 1),
        ("invented", "Invented", "% of the image", "down", 2),
        ("target", "Target accuracy", "%", "up", 1),
    )
)
MIRRORED = (
    Measure("mirrored", "dice", "Dice, mirrored", better="up", ranked=True),
    Measure("mirrored", "true_dice", "Dice, not mirrored", better="up"),
    Measure("mirrored", "difference", "Difference", "points", "up"),
)
CAPTIONS = {
    "part": (
        "The prompt names some of the lesions; the correct mask is exactly these.",
        "Selectivity: (Dice with the part − that of the experts' whole mask) / (100 − the latter). 1: exactly what is "
        "named; 0: as good as the experts' whole mask, which ignores the prompt; a method that ignores the prompt and "
        "is less exact than the experts is below 0. A method reads the prompt where its Dice with the part is above "
        "that of its own mask of the true prompt.",
    ),
    "nothing": (
        "The correct mask is empty.",
        "No lesion there: the prompt names a place without a lesion in it or next to it. Conflict: the image is "
        "flipped left to right, but its prompt, which names one side, is not. No-target accuracy: share of masks "
        "without a component of the minimum area. Invented: area that is segmented nevertheless. Target accuracy: "
        "share of masks that are not empty under the same images' true prompts. An empty mask wins the first two, so "
        "read all three together; none is ranked.",
    ),
    "mirrored": (
        "The image is flipped left to right and the sides in its prompt are exchanged.",
        "The correct mask is the experts', flipped. Not mirrored: the same images under their true prompts.",
    ),
}


def referring(run: Run) -> list[Table]:
    """Per dataset a table of parts, of prompts without an answer, of mirrored images, and of coverage."""
    tables = [*parts(run), *nothing(run), *mirrored(run), *coverage(run)]
    return sorted(tables, key=lambda table: int(table.key.rpartition("-")[2]))


def parts(run: Run) -> list[Table]:
    """Prompts that name some of the lesions."""
    return _by_dataset(run, "part", "a named part", PARTS)


def nothing(run: Run) -> list[Table]:
    """Prompts whose correct mask is empty."""
    return _by_dataset(run, "nothing", "nothing to segment", NOTHING)


def mirrored(run: Run) -> list[Table]:
    """Flipped images with the sides exchanged in their prompts."""
    return _by_dataset(run, "mirrored", "mirrored images", MIRRORED)


def coverage(run: Run) -> list[Table]:
    """How many images have such prompts, and why the others have none."""
    rows = run.referring.coverage if run.referring else pd.DataFrame({"dataset": []})
    own = [(k, d, rows[rows["dataset"] == d]) for k, d in enumerate(run.datasets, start=1)]
    return [_coverage(dataset, table, f"referring-coverage-{k}") for k, dataset, table in own if len(table)]


def _by_dataset(run: Run, key: str, title: str, measures: Sequence[Measure]) -> list[Table]:
    """One table per dataset that has some of these measures."""
    tables = []
    for k, dataset in enumerate(run.datasets if run.referring else [], start=1):
        assert run.referring is not None
        rows = run.referring.values[run.referring.values["dataset"] == dataset]
        known = set(zip(rows["kind"], rows["measure"], strict=True))
        columns = [measure for measure in measures if (measure.kind, measure.name) in known]
        if columns:
            tables.append(_values(run, dataset, rows, f"referring-{key}-{k}", title, columns, CAPTIONS[key]))
    return tables


def _values(
    run: Run,
    dataset: str,
    rows: pd.DataFrame,
    key: str,
    title: str,
    measures: Sequence[Measure],
    words: tuple[str, str],
) -> Table:
    """One table; `words`: the sentence under its title, and what else its caption has to explain."""
    short, caption = words[0], " ".join(words)
    cells = {(r.kind, r.method, r.measure): r for r in rows.itertuples()}

    def line(method: str) -> list[Cell]:
        stored = [(cells.get((m.kind, method, m.name)), m.digits) for m in measures]
        return [Cell(digits=d) if r is None else Cell(r.value, r.lo, r.hi, digits=d) for r, d in stored]  # type: ignore[arg-type]

    methods = run.of(rows, dataset)
    references = [name for name in REFERENCES if name in set(rows["method"])]
    lines = [line(method.name) for method in methods]
    for column, measure in enumerate(measures):
        if measure.better and measure.ranked:
            order = ranks([own[column].value for own in lines], measure.better, measure.digits)
            for own, rank in zip(lines, order, strict=True):
                own[column] = replace(own[column], rank=rank)
    shown = [(method, Row(method.title, tuple(own))) for method, own in zip(methods, lines, strict=True)]
    groups = [
        (FREE, [row for method, row in shown if not method.uses_text]),
        (GUIDED, [row for method, row in shown if method.uses_text]),
        ("References", [Row(REFERENCES[name], tuple(line(name)), "reference") for name in references]),
    ]
    columns = [Column(m.title, m.unit, m.better, m.group) for m in measures]
    caption = f"{caption} {_best_free(methods, lines, measures[0])}{_sizes(rows, measures)} {brackets(run, [dataset])}"
    shown_groups = [group for group in groups if group[1]]
    return Table(key, f"{dataset}: {title}", caption, "Method", columns, shown_groups, short)


def _best_free(methods: Sequence[Method], lines: Sequence[Sequence[Cell]], measure: Measure) -> str:
    """The text-free method that is best on a ranked measure: what can be had without reading."""
    free = [(own[0].value, method.title) for method, own in zip(methods, lines, strict=True) if not method.uses_text]
    known = [(value, title) for value, title in free if value is not None and value == value]
    return f"Best text-free method: {max(known)[1]}. " if known and measure.ranked else ""


def _sizes(rows: pd.DataFrame, measures: Sequence[Measure]) -> str:
    """How many prompts and images, kind by kind."""
    parts = []
    for kind in dict.fromkeys(measure.kind for measure in measures):
        first = rows[rows["kind"] == kind].iloc[0]
        name = f"{KINDS[kind]}: " if len({measure.kind for measure in measures}) > 1 else ""
        parts.append(f"{name}{int(first['n'])} prompts on {int(first['images'])} images")
    return f"{'; '.join(parts).capitalize()}; the prompts of an image are drawn together."


def _coverage(dataset: str, rows: pd.DataFrame, key: str) -> Table:
    columns = [Column("Share", "% of images"), Column("Images"), Column("Prompts")]
    groups = []
    for kind in [kind for kind in KINDS if kind in set(rows["kind"])]:
        lines = []
        for row in rows[rows["kind"] == kind].itertuples():
            admitted = row.outcome == "admitted"
            prompts = Cell(float(row.prompts), digits=0) if admitted else Cell()  # type: ignore[arg-type]
            share = 100 * float(row.images) / float(row.looked_at)  # type: ignore[arg-type]
            label = "Have such prompts" if admitted else f"{str(row.outcome)[0].upper()}{str(row.outcome)[1:]}"
            lines.append(Row(label, (Cell(share, digits=1), Cell(float(row.images), digits=0), prompts), "reference"))  # type: ignore[arg-type]
        groups.append((KINDS[kind].capitalize(), lines))
    caption = (
        f"Which of {int(rows['looked_at'].iloc[0])} test images have an edited prompt with a known answer, and why "
        "the others have none. Every such prompt was read back and states what it was made from; that of a part is "
        "true of the chosen lesions and of no other choice of as many."
    )
    short = "Test images that have an edited prompt with a known answer."
    return Table(key, f"{dataset}: images with a known answer", caption, "Outcome", columns, groups, short)
