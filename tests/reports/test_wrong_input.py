"""What the report says to wrong input, and that it leaves nothing then."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import reports
from reports.errors import InputError


def left(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.parent.name != "tables"
    }


def edit_csv(file, row, column, value):
    def edit(tables):
        table = pd.read_csv(tables / file, dtype=str, keep_default_na=False)
        table.loc[row, column] = value
        table.to_csv(tables / file, index=False)

    return edit


def edit_json(**values):
    def edit(tables):
        about = json.loads((tables / "run.json").read_text()) | values
        (tables / "run.json").write_text(json.dumps({k: v for k, v in about.items() if v is not None}))

    return edit


def edit_panel(**arrays):
    def edit(tables):
        known = dict(np.load(tables / "panel.npz")) | arrays
        np.savez(tables / "panel.npz", **{k: v for k, v in known.items() if v is not None}, allow_pickle=True)

    return edit


WRONG = {
    "no main": (lambda t: (t / "main.csv").unlink(), r"main\.csv: no such file"),
    "no run": (lambda t: (t / "run.json").unlink(), r"run\.json: no such file"),
    "empty file": (lambda t: (t / "axes.csv").write_text(""), r"axes\.csv: not a CSV table"),
    "no rows": (
        lambda t: (t / "main.csv").write_text("dataset,method,metric,value,lo,hi,n,seeds,subjects,seed_sd,undefined\n"),
        "no row under",
    ),
    "not text": (lambda t: (t / "stress.csv").write_bytes(b"\xff\xfe\x00"), r"stress\.csv: not UTF-8"),
    "no column": (
        lambda t: (t / "stress.csv").write_text("dataset,method\na,b\n"),
        r"stress\.csv: column kind, family",
    ),
    "no number": (edit_csv("main.csv", 2, "value", "high"), r"main\.csv: row 4, column value: 'high' is no number"),
    "no flag": (
        edit_csv("methods.csv", 0, "uses_text", "perhaps"),
        r"methods\.csv: row 2, column uses_text: 'perhaps'",
    ),
    "no method": (edit_csv("main.csv", 0, "method", "unett"), r"main\.csv: row 2, column method: 'unett' is unknown"),
    "no dataset": (
        edit_csv("axes.csv", 1, "dataset", "q"),
        r"axes\.csv: row 3, column dataset: 'q' is unknown; .*qata",
    ),
    "no kind": (
        edit_csv("stress.csv", 0, "kind", "odd"),
        r"stress\.csv: row 2, column kind: 'odd'.*kept, missing, changed",
    ),
    "no summary": (
        edit_csv("robustness.csv", 0, "summary", "median"),
        r"robustness\.csv: row 2, column summary: 'median' is unknown; there are drop",
    ),
    "no such kind": (edit_csv("robustness.csv", 1, "kind", "odd"), r"robustness\.csv: row 3, column kind: 'odd'"),
    "no reference": (
        edit_csv("robustness.csv", 2, "reference", "vit"),
        r"robustness\.csv: row 4, column reference: 'vit' is unknown; .*lvit",
    ),
    "no summed method": (edit_csv("robustness.csv", 0, "method", "x"), r"robustness\.csv: row 2, column method: 'x'"),
    "summed twice": (
        edit_csv("robustness.csv", 1, "summary", "drop"),
        r"robustness\.csv: row 3: .*qata, unet, kept, drop, dice, keyboard swap abbreviations appears twice",
    ),
    "no interval": (
        lambda t: (t / "robustness.csv").write_text("dataset,method,kind,summary,metric,value\n"),
        r"robustness\.csv: column families, reference, lo, hi, undefined is missing",
    ),
    "no axis": (edit_csv("axes.csv", 0, "axis", "shape"), r"axes\.csv: row 2, column axis: 'shape'"),
    "percent": (edit_csv("axes.csv", 0, "strict", "93.0"), r"axes\.csv: row 2, column strict: 93 is not a share"),
    "severity": (
        edit_csv("stress.csv", 0, "severity", "7"),
        r"stress\.csv: row 2, column severity: 7 is not a severity",
    ),
    "twice": (edit_csv("main.csv", 1, "metric", "dice"), r"main\.csv: row 3: .*qata, unet, dice appears twice"),
    "no JSON": (lambda t: (t / "run.json").write_text("{"), r"run\.json: not JSON"),
    "no key": (edit_json(empty=None), r"run\.json: 'empty' is missing"),
    "wrong kind": (edit_json(seeds=3), r"run\.json: 'seeds' is 3; give list"),
    "no object": (edit_json(datasets={"qata": 1}), r"run\.json: datasets: 'qata' is 1; give an object"),
    "not in the paper": (edit_json(datasets={"qata": {"published": "busi"}}), r"'busi': not in the paper"),
    "no array": (edit_panel(truth=None), r"panel\.npz: array truth is missing"),
    "wrong shape": (
        edit_panel(masks_unet=np.zeros((3, 4, 4), np.uint8)),
        r"panel\.npz: array masks_unet is \(3, 4, 4\)",
    ),
    "other method": (edit_panel(masks_x=np.zeros((3, 16, 16), np.uint8)), r"panel\.npz: array masks_x: no method"),
    "pickled": (
        edit_panel(prompts=np.array(["a", "b", {}], dtype=object)),
        r"panel\.npz: not a NumPy archive of plain",
    ),
    "no archive": (lambda t: (t / "panel.npz").write_bytes(b"PNG"), r"panel\.npz: not a NumPy archive"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input_is_reported_in_one_line_and_leaves_nothing(name, make_run, tmp_path):
    spoil, message = WRONG[name]
    folder = make_run(tmp_path / "run", datasets=("qata",), size=16)
    spoil(folder / "tables")
    with pytest.raises(InputError, match=message) as caught:
        reports.build(folder)
    assert "\n" not in str(caught.value)
    assert left(folder) == {}


def test_a_folder_without_tables(tmp_path):
    with pytest.raises(InputError, match="no folder `tables` in it"):
        reports.build(tmp_path)
