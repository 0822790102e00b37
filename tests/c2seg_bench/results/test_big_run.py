"""The report of a large run: what it costs is counted, not timed (`big_run` makes one to time)."""

import json
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

import reports
from c2seg_bench.results.run import Run
from c2seg_bench.results.stress import stress
from c2seg_bench.results.write import start_tables, write_tables
from c2seg_bench.rundir import RunDir
from metrics import resample, trainings
from tests.c2seg_bench.results.big_run import make_run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("methods", [2, 4])
def test_all_methods_share_the_draws_of_a_condition(tmp_path, monkeypatch, methods):
    run = Run.open(make_run(tmp_path / "run", methods=methods, datasets=1, seeds=3, images=20))
    resample._kept_counts.cache_clear()
    trainings._drawn_seeds.cache_clear()
    drawn = []
    original = resample._drawn_counts
    monkeypatch.setattr(resample, "_drawn_counts", lambda *args: drawn.append(args) or original(*args))
    rows = stress(run)
    conditions = {(row["family"], row["severity"]) for row in rows}
    assert len(conditions) == 39
    assert len(rows) == methods * 39 * 2  # Dice and consistency
    assert len(drawn) == 39 * 2  # of subjects
    assert trainings._drawn_seeds.cache_info().misses == 39 * 2  # of trainings


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "cells" not in path.parts and path.suffix not in (".npz", ".parquet")
    }


@pytest.mark.minutes
def test_other_processes_write_the_same_bytes(tmp_path):
    out = make_run(tmp_path / "run", methods=3, datasets=2, seeds=1, images=20)
    write_tables(out)
    reports.build(out)
    here = contents(out)
    RunDir(out).explorer.unlink()  # else it is left as it is
    with ProcessPoolExecutor(2, get_context("forkserver")) as pool:
        written = start_tables(out, pool)
        reports.build(out, pool, [written.explorer])
    assert contents(out) == here
    assert {"tables/main.csv", "tables/explorer.json", "report.html", "figures/panel.pdf"} <= set(here)


def test_only_the_scores_of_one_dataset_are_in_memory_at_a_time(tmp_path, monkeypatch):
    out = make_run(tmp_path / "run", methods=2, datasets=2, seeds=1, images=20)
    rows = len(Run.open(out).scores)
    opened, original = [], Run.with_scores

    def with_scores(run, dataset):
        opened.append(original(run, dataset))
        return opened[-1]

    monkeypatch.setattr(Run, "with_scores", with_scores)
    write_tables(out)
    assert [len(run.scores) for run in opened] == [rows // 2, rows // 2]
    assert [run.datasets for run in opened] == [["d0"], ["d1"]]


@pytest.mark.minutes
def test_a_report_imports_no_library_of_networks(tmp_path):
    out = make_run(tmp_path / "run", methods=2, datasets=1, seeds=1, images=20)
    code = (
        "import sys\nfrom c2seg_bench.cli.main import main\n"
        f"try:\n    main(['report', {str(out)!r}])\nexcept SystemExit as end:\n    assert not end.code\n"
        "print(sorted({'torch', 'monai', 'transformers', 'lightning', 'ray'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.minutes
def test_a_page_of_four_methods_and_400_pictures_stays_small(tmp_path):
    out = make_run(tmp_path / "run", methods=4, datasets=1, seeds=2, images=400)
    write_tables(out)
    reports.build(out)
    assert (out / "report.html").stat().st_size < 10_000_000
    content = json.loads(RunDir(out).explorer.read_text())
    [dataset] = content["datasets"]
    assert len(content["pictures"]) == 400
    assert dataset["seeds"] == [0, 1] * 4
    assert {pair["condition"] for pair in content["pairs"]} == set(range(40))
