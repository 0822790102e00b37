"""Small inputs that were once read wrongly, as ../shared/cases describes them: the call, and what must come of it."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from c2seg_bench.cli.main import main
from tests.c2seg_bench.data.folders.qata_folder import REAL

MAKE = REAL.parent / "cases" / "make.py"
NAMES = [
    "jpeg-holding-0-and-1",
    "jpeg-holding-label-2",
    "index-in-red",
    "tiff-of-two-pages",
    "unquoted-commas",
    "two-text-columns",
    "same-row-twice",
    "cell-nan",
    "names-that-nearly-match",
    "probability-of-nothing",
    "full-width-separators",
    "no-space-after-semicolon",
    "float-just-above-1",
]
pytestmark = pytest.mark.skipif(not MAKE.exists(), reason="shared cases not beside the checkout")


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cases")
    subprocess.run([sys.executable, str(MAKE), str(folder)], check=True, capture_output=True)
    return folder


def test_every_case_is_tried(cases):
    assert {p.name for p in cases.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_case(cases, name, monkeypatch, capsys):
    monkeypatch.chdir(cases / name)
    case = json.loads((cases / name / "case.json").read_text())
    code = 0
    try:
        main(case["call"])
    except SystemExit as e:
        code = e.code or 0
    out, err = capsys.readouterr()
    assert code == case.get("exit", 0), err
    line = err.strip().splitlines()[-1] if err.strip() else ""
    assert all(word in line for word in case.get("says", []))
    for image, values in case.get("rows", {}).items():
        rows = pd.read_csv("o.csv", dtype=str).set_index("image")
        assert rows.loc[image, list(values)].to_dict() == values
    if "json" in case:
        printed = json.loads(out)
        assert {key: printed[key] for key in case["json"]} == case["json"]
