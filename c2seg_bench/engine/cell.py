"""One cell from start to scores, each step skipped where its file already answers the same request."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from c2seg_bench.engine.progress import Progress
from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic, read_json, write_json
from c2seg_bench.rundir import CLEAN, Condition
from c2seg_bench.suite import Cell, digest

if TYPE_CHECKING:
    import pandas as pd

    from c2seg_bench.engine.inputs import CellInputs

SCORING = 1  # raise it where a change of the code gives the same masks other scores: all cells are scored again


def conditions(cell: Cell) -> list[Condition]:
    """The clean prompts, then the noisy ones in the suite's order."""
    from c2seg_bench.stress import FAMILIES

    noisy = [
        Condition(name, severity)
        for name in cell.suite.stress.families
        for severity in FAMILIES[name].sweep(cell.suite.stress.severities)
    ]
    return [CLEAN, *noisy]


def rows_of_test(cell: Cell, cache: Any) -> tuple[np.ndarray, np.ndarray]:
    """All rows of the test split, and those that the stress sweep uses (evenly spaced)."""
    rows = cache.rows("test")
    n = cell.suite.stress.images
    if n is None or n >= len(rows):
        return rows, rows
    return rows, rows[np.arange(n) * len(rows) // n]


def open_inputs(cell: Cell) -> CellInputs:
    from c2seg_bench.engine.inputs import CellInputs

    return CellInputs.open(cell.run.data(cell.dataset), cell.run.text(cell.text))


def run_cell(cell: Cell) -> Path:
    """Train, predict under every condition, score. Returns the path of the cell's scores.parquet."""
    scores = cell.files.scores
    material = open_inputs(cell)
    asked = asked_of(cell, material)
    if holds(cell, asked):
        return scores
    if not (asked["request"] == told(cell).get("request") and all(f.exists() for f in prediction_files(cell))):
        cell.files.record.unlink(missing_ok=True)
        from c2seg_bench.engine.device import launch
        from c2seg_bench.engine.train import train

        fabric = launch(cell.suite)
        predict_cell(cell, material, fabric, train(cell, material, fabric))
    score_cell(cell, material)
    write_json(cell.files.record, {**asked, **cell.request()})
    return scores


def told(cell: Cell) -> dict[str, Any]:
    """What cell.json says of the masks and scores beside it, {} where there is none."""
    return read_json(cell.files.record) or {}


def asked_of(cell: Cell, material: CellInputs) -> dict[str, str]:
    """Digests of all that decides the cell's masks (`request`), and of what else decides their scores (`scoring`)."""
    from c2seg_bench.engine.train import fingerprint
    from metrics.catalogue import DEFAULT
    from metrics.consistency import Frame

    masks = [fingerprint(cell, material), conditions(cell), cell.suite.stress.model_dump(), _noise(cell)]
    ontology, frame = words(cell, material.cache)
    added = [name for name in cell.suite.score.metrics if name not in DEFAULT]
    scoring = [SCORING, ontology, Frame.load(frame).to_json(), *([added] if added else [])]
    return {"request": digest(masks), "scoring": digest(scoring)}


def is_current(cell: Cell, material: CellInputs) -> bool:
    """Whether the cell's scores are there and are those that the suite asks for."""
    return holds(cell, asked_of(cell, material))


def holds(cell: Cell, asked: dict[str, str]) -> bool:
    """Whether the cell's scores are there and are those of `asked_of`."""
    return cell.files.scores.exists() and told(cell).items() >= asked.items()


def words(cell: Cell, cache: Any) -> tuple[str, str]:
    """Names of the ontology and the frame: the suite's, else the dataset's own."""
    entry = cell.suite.datasets[cell.dataset]
    return entry.ontology or cache.manifest["ontology"], entry.frame or cache.manifest["frame"]


def prediction_files(cell: Cell) -> list[Path]:
    return [cell.files.predictions(condition) for condition in conditions(cell)]


def predict_cell(cell: Cell, material: CellInputs, fabric: Any, model: Any) -> list[Path]:
    """Masks of the test split, clean and noisy, one packed file per condition."""
    from c2seg_bench.data.packed import save_masks
    from c2seg_bench.engine.predict import predict

    done = told(cell)
    if done and done.get("request") != asked_of(cell, material)["request"]:
        cell.files.record.unlink(missing_ok=True)  # it is of the masks that are written over now
    rows, swept = rows_of_test(cell, material.cache)
    names = list(material.cache.index["name"])
    prompts = {name: _prompt_rows(cell, material, name, swept) for name in conditions(cell)}
    progress = Progress(cell.folder, "predict", len(rows) + (len(swept) if len(swept) < len(rows) else 0))
    if len(swept) == len(rows):
        masks = predict(model, material, rows, prompts, fabric, progress=progress)
    else:
        masks = predict(model, material, swept, prompts, fabric, progress=progress)
        masks[CLEAN] = predict(model, material, rows, {CLEAN: material.prompt_rows[rows]}, fabric)[CLEAN]
    paths = []
    for name, predicted in masks.items():
        used = rows if name == CLEAN else swept
        paths.append(cell.files.predictions(name))
        save_masks(paths[-1], [names[i] for i in used], predicted)
    return paths


def score_cell(cell: Cell, material: CellInputs) -> Path:
    """One row per image and condition. What the prompt states is always read from the clean prompt."""
    import pandas as pd

    from c2seg_bench.data.packed import load_masks

    cache, position = material.cache, {n: i for i, n in enumerate(material.cache.index["name"])}
    names = conditions(cell)
    progress = Progress(cell.folder, "score", len(names))
    tables, clean = [], None
    for k, name in enumerate(names):
        images, masks = load_masks(cell.files.predictions(name))
        rows = np.array([position[i] for i in images])
        table = score_rows(cell, cache, rows, masks, clean)
        table.insert(0, "condition", str(name))
        table["prompt"] = [material.table.prompts[i] for i in _prompt_rows(cell, material, name, rows)]
        if clean is not None:
            table = table.assign(**adherence(cell, cache, name, rows, masks, clean, list(table["prompt"])))
        if name == CLEAN:
            clean = (rows, masks, table)
        tables.append(table)
        progress.step(k + 1)
    scores = pd.concat(tables, ignore_index=True)
    for key, value in (("seed", cell.seed), ("method", cell.method.label), ("dataset", cell.dataset)):
        scores.insert(0, key, value)
    path = cell.files.scores
    with atomic(path) as temporary:
        scores.to_parquet(temporary, index=False)
    return path


def score_rows(cell: Cell, cache: Any, rows: np.ndarray, masks: np.ndarray, clean: Any) -> pd.DataFrame:
    """Overlap, boundary, stability (Dice with the clean prompt's mask) and consistency of these masks."""
    import metrics
    from c2seg_bench.scoring import consistency_of, looked_at

    targets = cache.masks[rows].astype(bool)
    table = metrics.score_masks(masks, targets, metrics=cell.suite.score.metrics)
    table.insert(0, "image", list(cache.index["name"].iloc[rows]))
    if clean is None:
        table["stability"] = 1.0
    else:
        where = {r: i for i, r in enumerate(clean[0])}
        table["stability"] = [metrics.dice(m, clean[1][where[r]]) for r, m in zip(rows, masks, strict=True)]
    ontology, frame = words(cell, cache)
    with warnings.catch_warnings():  # a model may miss the sides; whether the frame does is told of the experts' masks
        warnings.simplefilter("ignore", UserWarning)
        found = consistency_of(
            masks,
            list(cache.index["prompt"].iloc[rows]),
            ontology,
            frame,
            images=looked_at(frame, cache.images, rows),
        )
    for column in found.rows.columns:
        table[column] = found.rows[column].to_numpy()
    return table


def adherence(
    cell: Cell, cache: Any, condition: Condition, rows: np.ndarray, masks: np.ndarray, clean: Any, edited: list[str]
) -> dict[str, np.ndarray]:
    """Whether masks follow an edited prompt on the axis that was edited, and whether they did before.

    Columns `edited_ok`, `edited_score` of the mask made with the edited prompt, `before_ok`, `before_score` of the mask
    made with the clean one, both against the edited prompt; nan where the edit leaves the axis as it was. None for
    noise that edits no meaning.
    """
    from c2seg_bench.scoring import consistency_of, looked_at
    from c2seg_bench.stress import FAMILIES
    from metrics.consistency import parse
    from metrics.consistency.axes import AXES

    ontology, frame = words(cell, cache)
    name = FAMILIES[condition.family].judged_on(ontology)
    if not name:
        return {}
    axis = AXES[name]
    where = {r: i for i, r in enumerate(clean[0])}
    before = clean[1][[where[r] for r in rows]]
    originals = list(cache.index["prompt"].iloc[rows])
    differs = [
        axis.statement(parse(a, ontology)) != axis.statement(parse(b, ontology))
        for a, b in zip(originals, edited, strict=True)
    ]
    out, looks = {}, looked_at(frame, cache.images, rows)
    for key, pictures in (("edited", masks), ("before", before)):
        with warnings.catch_warnings():  # the old mask is meant to disagree with the new sides; the frame is right
            warnings.simplefilter("ignore", UserWarning)
            found = consistency_of(pictures, edited, ontology, frame, images=looks).rows
        for name, column in (("ok", axis.ok), ("score", axis.score)):
            out[f"{key}_{name}"] = np.where(differs, found[column].to_numpy(float), np.nan)
    return out


def _prompt_rows(cell: Cell, material: CellInputs, condition: Condition, rows: np.ndarray) -> np.ndarray:
    if condition == CLEAN:
        return material.prompt_rows[rows]
    from c2seg_bench.stress.noisy_prompts import read_prompts

    file = cell.run.noisy_prompts(cell.dataset, condition)
    noisy = read_prompts(file).set_index("image")["prompt"]
    names = material.cache.index["name"].iloc[rows]
    missing = [n for n in names if n not in noisy.index]
    if missing:
        raise InputError(f"{file}: no prompt for {missing[0]}; delete the file, the run writes it again")
    return material.table.rows(list(noisy.loc[names]))


def _noise(cell: Cell) -> list[str]:
    """Hashes of the frozen noisy prompts: another noise is another request."""
    import hashlib

    files = [cell.run.noisy_prompts(cell.dataset, c) for c in conditions(cell)[1:]]
    return [hashlib.sha256(f.read_bytes()).hexdigest() for f in files]
