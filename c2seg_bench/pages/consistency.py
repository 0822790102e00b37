"""The page docs/consistency.md: how the metric works, and every figure of its validity study, measured anew."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from c2seg_bench.data.masks.mask_reader import MaskReader
from c2seg_bench.data.names import ByName, stem
from c2seg_bench.data.pairing.companions import images_of
from c2seg_bench.data.pairing.pairs import list_folder
from c2seg_bench.data.tables.prompt_tables import read_prompts
from c2seg_bench.errors import InputError
from c2seg_bench.files import read_json, read_rows, write_json
from metrics.consistency import Frame, parse
from metrics.consistency.reader.coverage import coverage
from metrics.consistency.study import reading, validity
from metrics.consistency.study.labels import Label, LabelFile
from metrics.consistency.study.reading import Scoring
from metrics.consistency.study.separation import never_looking, separation
from metrics.consistency.study.strange import strange_table
from metrics.consistency.study.templates import misread

ONTOLOGIES = {"qata": "chest", "kvasir": "colonoscopy", "clinicdb": "colonoscopy"}
TEMPLATE = Path(__file__).parent / "consistency.md.j2"


@dataclass(frozen=True)
class RealSet:
    """Masks and prompts of a dataset, and the frame they are held against."""

    name: str
    frame: Frame
    masks: list[np.ndarray]
    prompts: list[str]
    images: Sequence[np.ndarray] | None = None


def folders_of_pictures(texts: Sequence[str]) -> dict[str, Path]:
    """Name of a set -> the folder that NAME=FOLDER gives."""
    folder_by_name: dict[str, Path] = {}
    for text in texts:
        name, _, folder = text.partition("=")
        if name not in ONTOLOGIES or not folder:
            raise InputError(f"--images {text}: give NAME=FOLDER, NAME one of {', '.join(ONTOLOGIES)}")
        if name in folder_by_name:
            raise InputError(f"--images {text}: {name} is given twice; keep one")
        folder_by_name[name] = Path(folder)
    return folder_by_name


def real_set(text: str, pictures: dict[str, Path] | None = None) -> RealSet:
    """The set that NAME[@FRAME]=MASKS:TABLE[,TABLE] names; the tables say which masks are used.

    `pictures`: the folder of each set's pictures, read where the frame looks at them.
    """
    what, _, where = text.partition("=")
    name, _, frame = what.partition("@")
    folder, _, table = where.rpartition(":")
    if name not in ONTOLOGIES or not folder or not table:
        raise InputError(f"--real {text}: give NAME[@FRAME]=MASKS:TABLE[,TABLE], NAME one of {', '.join(ONTOLOGIES)}")
    loaded = Frame.load(frame or name)
    texts = ByName({stem(row.name): row.prompt for one in table.split(",") for row in read_prompts(Path(one))})
    masks = list_folder(Path(folder), "--real")
    paths = {key: path for key, path in masks.items() if key in texts}
    if not paths:
        raise InputError(f"--real {text}: no prompt for any mask; names pair by stem, mask_ ignored")
    images = None
    if loaded.lungs is not None:
        if name not in (pictures or {}):
            raise InputError(f"--real {text}: frame {loaded.name} looks at pictures; give --images {name}=FOLDER")
        images = images_of(list(paths), pictures[name])  # type: ignore[index]
    reader = MaskReader(masks.values())
    return RealSet(name, loaded, [reader.read(p) for p in paths.values()], [texts[k] for k in paths], images)


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
        scored: prompts that are only scored; `scoring`: the first time that they were.
    """
    from jinja2 import Environment, StrictUndefined

    rho, dose = validity.order_and_separation(trials)
    measured = {
        "faults": table(
            validity.single_faults(trials),
            {"fault": "Fault", "n": "Trials", **dict.fromkeys(validity.AXES), "right": "As it must"},
        ),
        "rho": rho,
        "dose": table(dose, {"faults": "Faults", "score": "Mean score", "ks": "KS to the row before"}),
        "invariances": table(validity.invariances(trials), {"change": "Change", "n": "Masks", "kept": "Answers kept"}),
        "developed": reader_table([label for file in labels for label in file.labels]),
        "files": labels,
        "scored": reader_table(scored.labels),
        "scored_file": scored,
        "scoring": scoring,
        "reader_sha256": reading.reader_digest(),
        "templates": templates_table(sets),
        "strange": strange_tables(("thirds", "qata")),
        **real_tables(sets),
        "lungs": lungs_text(Frame.load("qata-lungs")),
        "trials": trials,
        "dice": [with_dice(run) for run in runs],
        "command": command(sets, runs),
    }
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(**measured)


def table(frame: pd.DataFrame, columns: dict[str, str | None]) -> str:
    """Markdown of these columns under these headings (None: the column's own name, capitalised)."""
    heads = [title or name.capitalize() for name, title in columns.items()]
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    for row in frame[list(columns)].itertuples(index=False):  # not iterrows, which makes floats of whole numbers
        lines.append("| " + " | ".join(shown(value) for value in row) + " |")
    return "\n".join(lines)


def shown(value: Any) -> str:
    if isinstance(value, float | np.floating):
        return "–" if np.isnan(value) else f"{round(float(value), 3) + 0.0:.3f}"  # no -0.000
    return str(value).replace("|", "\\|").replace("\n", " ")


def reader_table(labels: Sequence[Label]) -> str:
    columns: dict[str, str | None] = {"group": "Group", "n": "Prompts", "wrong": "Wrong assertion"}
    columns |= {"missed": "Something missed", "whole": "All right"}
    for fact in reading.FACTS:
        columns |= {f"{fact}_{kind}": f"{fact}: {kind[0].upper()}" for kind in ("precision", "recall")}
    return table(reading.reading_table(labels), columns)


def first_scoring(file: LabelFile, kept: Path) -> Scoring:
    """The first scoring of these labels, from `kept`; made and written there where there is none."""
    known = reading.read_scoring(kept)
    if known is not None and known.labels_sha256 == file.digest:
        return known
    scoring = reading.score_labels(file, datetime.date.today().isoformat())
    write_json(kept, dataclasses.asdict(scoring))
    return scoring


def templates_table(sets: Sequence[RealSet]) -> str:
    """The reader against the datasets' own grammar, and how much of each set's prompts it reads."""
    lines = []
    for name, prompts in {found.name: found.prompts for found in sets}.items():
        ontology = ONTOLOGIES[name]
        read = coverage([parse(prompt, ontology) for prompt in prompts])
        lines.append({"data": name, **read, **misread(prompts, ontology)})
    heads: dict[str, str | None] = {"data": "Data", "n": "Prompts", "distinct": "Distinct", "misread": "Misread"}
    heads |= {"well_formed": "Well formed", "count": "State a count", "laterality": "a side", "position": "a place"}
    heads |= {"absent": "nothing there", "abstained": "Abstained", "conflicts": "Contradict themselves"}
    return table(pd.DataFrame(lines, columns=[*heads]), heads) if lines else "No real data was given."


def strange_tables(frames: Sequence[str]) -> str:
    """Position of masks that no expert draws, a pair of columns per frame."""
    whole = None
    for name in frames:
        rows = strange_table(Frame.load(name)).drop(columns="prompt" if whole is not None else [])
        rows = rows.rename(columns={"ok": f"{name}_ok", "score": f"{name}_score"})
        whole = rows if whole is None else whole.merge(rows, on="mask")
    assert whole is not None
    for name in frames:
        whole[f"{name}_ok"] = whole[f"{name}_ok"].map({True: "holds", False: "fails"})
    heads: dict[str, str | None] = {"mask": "Mask", "prompt": "Prompt"}
    for name in frames:
        heads |= {f"{name}_ok": f"`{name}`", f"{name}_score": "Score"}
    return table(whole, heads)


def lungs_text(frame: Frame) -> str:
    """How far the frame's estimate of the lungs errs, out of fold, in its own words."""
    about = frame.about["lungs"]
    error, constant = (np.array(about[key]) for key in ("error", "error_of_a_constant"))
    (top, bottom), (top0, bottom0) = error.mean(axis=0), constant.mean(axis=0)
    return (
        f"In `{frame.name}` it was fitted to {about['pictures'][0]} left and {about['pictures'][1]} right sides; out "
        f"of fold it errs by {top:.1%} of the height at the top and {bottom:.1%} at the bottom, where a constant errs "
        f"by {top0:.1%} and {bottom0:.1%}."
    )


def real_tables(sets: Sequence[RealSet]) -> dict[str, str]:
    """Ceiling, chance and AUC of the experts' own masks, one line per set and frame; every position score that was
    tried; and predictors that never look."""
    lines, scores, constants = [], [], []
    for found in sets:
        ontology = ONTOLOGIES[found.name]
        about = separation(found.masks, found.prompts, ontology, found.frame, found.images)
        first: dict[str, Any] = {"data": found.name, "frame": found.frame.name}
        line = {**first, "masks": len(found.masks), "auc": about["auc"]}
        for axis in (*validity.AXES, "size"):
            values = about["axes"][axis]
            line |= {f"{axis}_{k}": values.get(k, float("nan")) for k in ("strict", "score", "chance")}
        lines.append(line)
        scores += [{**first, **row} for row in about["tried"]]
        gains = never_looking(found.masks, found.prompts, ontology, found.frame, found.images)
        constants += [{**first, **gains}] if gains else []
    if not lines:
        return dict.fromkeys(("real", "tried", "constants"), "No real data was given.")
    place: dict[str, str | None] = {"data": "Data", "frame": "Frame"}
    heads = {**place, "masks": "Masks", "count_strict": "Count: strict"}
    heads |= {"laterality_strict": "Side: strict", "laterality_chance": "Side: chance"}
    heads |= {f"position_{k}": f"Position: {k}" for k in ("strict", "score", "chance")}
    heads |= {"auc": "Position: AUC", "size_strict": "Size: strict"}
    each = {**place, "how": "Position score", **dict.fromkeys(("strict", "score", "chance")), "auc": "AUC"}
    never = {**place, **dict.fromkeys(("empty", "full", "mean mask"))}
    return {
        "real": table(pd.DataFrame(lines, columns=[*heads]), heads),
        "tried": table(pd.DataFrame(scores, columns=[*each]), each),
        "constants": table(pd.DataFrame(constants, columns=[*never]), never),
    }


def with_dice(run: Path) -> dict[str, Any]:
    """How consistency goes with Dice over the clean predictions of a run, and examples both ways."""
    from scipy.stats import spearmanr

    path = run / "scores.parquet"
    if not path.exists():
        raise InputError(f"--run {run}: no scores.parquet; give the folder of a finished run")
    rows = read_rows(path).query("condition == 'clean'").dropna(subset=["score"])
    lines = [
        {"method": method, "n": len(own), "rho": float(spearmanr(own["dice"], own["score"]).statistic)}
        for method, own in rows.groupby("method", sort=False)
    ]
    out = {"name": run.name, "table": table(pd.DataFrame(lines), {"method": "Method", "n": "Masks", "rho": "Spearman"})}
    about = read_json(run / "tables" / "run.json") or {"datasets": {}}
    if not all(d["source"].startswith("phantom") for d in about["datasets"].values()):
        return {**out, "high": "", "low": ""}  # other people's pictures and prompts are not printed
    columns: dict[str, str | None] = {"image": "Image", "method": "Method", "dice": "Dice", "score": "Consistency"}
    columns["prompt"] = "Prompt"
    high = rows[rows["dice"] > rows["dice"].median()].nsmallest(3, "score", keep="first")
    low = rows[rows["consistent"] == 1].nsmallest(3, "dice", keep="first")
    return {**out, "high": table(high, columns), "low": table(low, columns)}


def command(sets: Sequence[RealSet], runs: Sequence[Path]) -> str:
    parts = ["c2seg-bench validate-metric"]
    parts += [f"--real {s.name}@{s.frame.name}=MASKS:TABLE" for s in sets]
    parts += [f"--images {name}=PICTURES" for name in dict.fromkeys(s.name for s in sets if s.images is not None)]
    return " \\\n  ".join(parts + [f"--run {run}" for run in runs])
