"""A made-up run whose names, prompts and notes all come from outside and mean no good."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from tests.reports.make_run import make_run

HOSTILE = r"\input{/etc/passwd} <script>x</script> | $y$ _z_ % ≥ 😀 ![i](http://e.org)"
REPLACED = (  # file, column, what the text takes the place of
    ("methods", "title", "C2Seg"),
    ("methods", "deviations", "Narrower than in the paper."),
    ("main", "dataset", "qata"),
    ("axes", "dataset", "qata"),
    ("stress", "dataset", "qata"),
    ("stress", "family", "swap"),
    ("adherence", "dataset", "qata"),
    ("adherence", "family", "deny"),
    ("robustness", "dataset", "qata"),
    ("robustness", "families", "keyboard swap abbreviations"),
)


def hostile_run(folder: Path, text: str) -> Path:
    """`make_run` of one dataset with `text` as its name, as a method's title and wherever else text is free."""
    make_run(folder, datasets=("qata",), size=16)
    tables = folder / "tables"
    for file, column, old in REPLACED:
        table = pd.read_csv(tables / f"{file}.csv", keep_default_na=False)
        table[column] = table[column].replace(old, text)
        table.to_csv(tables / f"{file}.csv", index=False)
    about = json.loads((tables / "run.json").read_text())
    about["datasets"] = {text: about["datasets"]["qata"]}
    about["machine"] = about["suite"] = about["text"] = text
    (tables / "run.json").write_text(json.dumps(about))
    arrays = dict(np.load(tables / "panel.npz"))
    arrays["prompts"] = arrays["names"] = np.array([text] * 3)
    np.savez(tables / "panel.npz", **arrays)
    return folder
