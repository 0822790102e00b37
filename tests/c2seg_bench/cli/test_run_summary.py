"""What `run` and `evaluate` print at their end."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from c2seg_bench.cli.run_summary import show, summary
from reports.findings import findings
from reports.read import read_run
from tests.reports.make_run import make_run


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("run"), size=16)


def test_a_row_per_method_with_the_numbers_of_the_report(out):
    lines = list(summary(read_run(out)))
    assert [line for line in lines if not line.startswith(" ")] == [
        "phantom-chest, with 95 % intervals:",
        "qata, with 95 % intervals:",
    ]
    assert re.split(r" {2,}", lines[1].strip()) == ["Dice (%)", "Consistency, chance-corrected"]
    main = pd.read_csv(out / "tables/main.csv").set_index(["dataset", "method", "metric"])
    dice, corrected = main.loc[("phantom-chest", "c2seg", "dice")], main.loc[("phantom-chest", "c2seg", "corrected")]
    [row] = [line for line in lines[:6] if "C2Seg" in line]
    assert re.split(r" {2,}", row.strip()) == [
        "C2Seg",
        f"{dice['value']:.2f} [{dice['lo']:.2f}, {dice['hi']:.2f}]",
        f"{corrected['value']:.2f} [{corrected['lo']:.2f}, {corrected['hi']:.2f}]",
    ]
    assert [re.split(r" {2,}", line.strip())[0] for line in lines[2:6]] == ["U-Net", "U-KAN", "LViT", "C2Seg"]
    assert max(map(len, lines)) <= 80


def test_collapsed_methods_are_marked_and_the_mark_is_explained(tmp_path):
    folder = make_run(tmp_path / "run", datasets=("qata",), size=16)
    path = folder / "tables/run.json"
    about = json.loads(path.read_text())
    collapsed = {"lvit": {"empty": [0, 1], "constant": [], "seeds": 2, "unranked": True}}
    about["datasets"]["qata"]["collapsed"] = collapsed
    path.write_text(json.dumps(about))
    lines = list(summary(read_run(folder)))
    assert [line.split()[0] for line in lines if "† [" in line] == ["LViT"]
    assert any(line.strip().startswith("† Collapsed: nearly always an empty mask") for line in lines)


@pytest.mark.parametrize("columns", [60, 80])
def test_the_answer_to_the_question_of_the_benchmark_fits_the_terminal(out, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    run = read_run(out)
    lines = list(summary(run))
    text = " ".join(line.strip() for line in lines)
    for dataset in run.datasets:
        assert f"Do masks follow the words? {dict(findings(run))[f'{dataset}, do masks follow the words?']}" in text
    start = next(i for i, line in enumerate(lines) if "Do masks follow" in line)
    assert all(len(line) <= columns for line in lines[start : start + 3])


def test_the_report_is_named_once(out, capsys):
    show(out)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"Report: {out / 'report.html'}"
    assert sum("report." in line for line in lines) == 1


def test_names_from_outside_cannot_act_on_the_terminal(tmp_path, capsys):
    folder = make_run(tmp_path / "run", datasets=("qata",), size=16)
    table = pd.read_csv(folder / "tables/methods.csv")
    table["title"] = table["title"].replace("C2Seg", "C2\x1b[31mSeg")
    table.to_csv(folder / "tables/methods.csv", index=False)
    show(folder)
    assert "\x1b" not in capsys.readouterr().out
