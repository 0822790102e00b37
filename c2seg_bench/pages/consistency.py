"""The page docs/consistency.md: how the metric works, with every figure of its validity study measured anew."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.files import write_json
from c2seg_bench.pages.dice_correlation import correlation_with_dice
from c2seg_bench.pages.markdown_table import Headings, markdown_table
from c2seg_bench.pages.real_sets import ONTOLOGIES, RealSet
from metrics.consistency import Frame, parse
from metrics.consistency.reader.coverage import coverage
from metrics.consistency.study import reading, validity
from metrics.consistency.study.labels import Label, LabelFile
from metrics.consistency.study.reading import Scoring
from metrics.consistency.study.separation import score_less_chance_of_constants, separation
from metrics.consistency.study.strange import strange_table
from metrics.consistency.study.templates import misread

TEMPLATE = Path(__file__).parent / "consistency.md.j2"
NO_DATA = "No real data was given."


def page(
    labels: Sequence[LabelFile],
    scored: LabelFile,
    scoring: Scoring,
    sets: Sequence[RealSet],
    runs: Sequence[Path],
    trials: int,
) -> str:
    """The page as Markdown.

    Args:
        labels: files of prompts that the reader was developed on.
        scored: prompts that are only scored.
        scoring: their first scoring.
        sets: real data, in the order of the tables.
        runs: folders of runs, for the correlation with Dice.
        trials: drawn masks per fault.
    """
    from jinja2 import Environment, StrictUndefined

    rho, dose = validity.order_and_separation(trials)
    axes: Headings = dict.fromkeys(validity.AXES)
    values = {
        "faults": markdown_table(
            validity.single_faults(trials), {"fault": "Fault", "n": "Trials", **axes, "right": "As it must"}
        ),
        "rho": rho,
        "dose": markdown_table(dose, {"faults": "Faults", "score": "Mean score", "ks": "KS to the row before"}),
        "invariances": markdown_table(
            validity.invariances(trials), {"change": "Change", "n": "Masks", "kept": "Answers kept"}
        ),
        "developed": reader_table([label for file in labels for label in file.labels]),
        "files": labels,
        "scored": reader_table(scored.labels),
        "scored_file": scored,
        "scoring": scoring,
        "reader_sha256": reading.reader_digest(),
        "templates": templates_table(sets),
        "strange": strange_tables(("thirds", "qata")),
        **real_tables(sets),
        "lungs": lung_errors(Frame.load("qata-lungs")),
        "trials": trials,
        "dice": [correlation_with_dice(run) for run in runs],
        "command": command(sets, runs),
    }
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(**values)


def reader_table(labels: Sequence[Label]) -> str:
    """The reader against labels, one row per group."""
    headings: Headings = {"group": "Group", "n": "Prompts", "wrong": "Wrong assertion"}
    headings |= {"missed": "Something missed", "whole": "All right"}
    for field in reading.FIELDS:
        headings |= {f"{field}_{kind}": f"{field}: {kind[0].upper()}" for kind in ("precision", "recall")}
    return markdown_table(reading.reading_table(labels), headings)


def first_scoring(file: LabelFile, path: Path) -> Scoring:
    """The first scoring of these labels, from `path`; if it is not there, the labels are scored and it is written."""
    stored = reading.read_scoring(path)
    if stored is not None and stored.labels_sha256 == file.digest:
        return stored
    scoring = reading.score_labels(file, datetime.date.today().isoformat())
    write_json(path, dataclasses.asdict(scoring))
    return scoring


def templates_table(sets: Sequence[RealSet]) -> str:
    """The reader against the datasets' own grammar, and how many of each set's prompts it understands."""
    rows = []
    for name, prompts in {real.name: real.prompts for real in sets}.items():
        ontology = ONTOLOGIES[name]
        shares = coverage([parse(prompt, ontology) for prompt in prompts])
        rows.append({"data": name, **shares, **misread(prompts, ontology)})
    headings: Headings = {"data": "Data", "n": "Prompts", "distinct": "Distinct", "misread": "Misread"}
    headings |= {"well_formed": "Well formed", "count": "State a count", "laterality": "a side", "position": "a place"}
    headings |= {"absent": "nothing there", "abstained": "Abstained", "conflicts": "Contradict themselves"}
    return markdown_table(pd.DataFrame(rows, columns=[*headings]), headings) if rows else NO_DATA


def strange_tables(frames: Sequence[str]) -> str:
    """Position answers for masks that no expert draws, in a pair of columns per frame."""
    tables = [strange_table(Frame.load(name)).set_index("mask") for name in frames]
    joined = tables[0][["prompt"]].copy()
    headings: Headings = {"mask": "Mask", "prompt": "Prompt"}
    for name, answers in zip(frames, tables, strict=True):
        joined[f"{name}_ok"] = answers["ok"].map({True: "holds", False: "fails"})
        joined[f"{name}_score"] = answers["score"]
        headings |= {f"{name}_ok": f"`{name}`", f"{name}_score": "Score"}
    return markdown_table(joined.reset_index(), headings)


def lung_errors(frame: Frame) -> str:
    """A sentence on how far the frame's estimate of the lungs errs, out of fold."""
    stored = frame.about["lungs"]
    error, constant = (np.array(stored[key]).mean(axis=0) for key in ("error", "error_of_a_constant"))
    left, right = stored["pictures"]
    return (
        f"In `{frame.name}` it was fitted to {left} left and {right} right sides; out of fold it errs by "
        f"{error[0]:.1%} of the height at the top and {error[1]:.1%} at the bottom, where a constant errs by "
        f"{constant[0]:.1%} and {constant[1]:.1%}."
    )


def real_tables(sets: Sequence[RealSet]) -> dict[str, str]:
    """Three tables of the experts' own masks, with a row for each set and frame.

    Returns:
        `real`: ceiling, chance and AUC; `tried`: all position scores that were tried; `constants`: predictors that
        never look at the image.
    """
    ceilings, tried, constants = [], [], []
    for real in sets:
        separated = separation(real.masks, real.prompts, real.ontology, real.frame, real.images)
        names: dict[str, Any] = {"data": real.name, "frame": real.frame.name}
        row = {**names, "masks": len(real.masks), "auc": separated["auc"]}
        for axis in (*validity.AXES, "size"):
            values = separated["axes"][axis]
            row |= {f"{axis}_{key}": values.get(key, float("nan")) for key in ("strict", "score", "chance")}
        ceilings.append(row)
        tried += [{**names, **scores} for scores in separated["tried"]]
        gains = score_less_chance_of_constants(real.masks, real.prompts, real.ontology, real.frame, real.images)
        constants += [{**names, **gains}] if gains else []
    if not ceilings:
        return dict.fromkeys(("real", "tried", "constants"), NO_DATA)
    first: Headings = {"data": "Data", "frame": "Frame"}
    of_ceilings = {**first, "masks": "Masks", "count_strict": "Count: strict"}
    of_ceilings |= {"laterality_strict": "Side: strict", "laterality_chance": "Side: chance"}
    of_ceilings |= {f"position_{key}": f"Position: {key}" for key in ("strict", "score", "chance")}
    of_ceilings |= {"auc": "Position: AUC", "size_strict": "Size: strict"}
    of_tried = {**first, "how": "Position score", **dict.fromkeys(("strict", "score", "chance")), "auc": "AUC"}
    of_constants = {**first, **dict.fromkeys(("empty", "full", "mean mask"))}
    return {
        key: markdown_table(pd.DataFrame(rows, columns=[*headings]), headings)
        for key, rows, headings in (
            ("real", ceilings, of_ceilings),
            ("tried", tried, of_tried),
            ("constants", constants, of_constants),
        )
    }


def command(sets: Sequence[RealSet], runs: Sequence[Path]) -> str:
    """The call that makes the page, with placeholders for the paths of real data."""
    parts = ["c2seg-bench validate-metric"]
    parts += [f"--real {real.name}@{real.frame.name}=MASKS:TABLE" for real in sets]
    parts += [f"--images {name}=IMAGES" for name in dict.fromkeys(r.name for r in sets if r.images is not None)]
    return " \\\n  ".join(parts + [f"--run {run}" for run in runs])
