"""Whole runs on Ray: the tables of a local run, with a node killed in the middle, and what Ctrl-C leaves."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from c2seg_bench.cli.main import main
from c2seg_bench.engine.executors.cluster import ClusterOptions
from c2seg_bench.engine.grid.run import run_suite
from c2seg_bench.suite import load_suite
from tests.two_raylets import TASK, children_of, kill_in_the_middle, title_of, two_raylets

ROOT = Path(__file__).parents[4]
SUITE = """
name: small
size: tiny
device: cpu
seeds: [0, 1, 2, 3]
datasets: {phantom: {source: phantom, size: 32, options: {train: 12, val: 4, test: 6}}}
methods:
  - unet
  - {name: c2seg, pretrain: {epochs: 1, batch: 8}}
train: {epochs: 2, batch: 4, lr: 0.002, clip: 1.0}
stress: {families: [keyboard], severities: [2], images: 4}
score: {bootstrap: 100}
"""

pytestmark = pytest.mark.minutes


def run(suite, out, cluster=None):
    """The run, and what it printed."""
    console = Console(file=io.StringIO(), width=500)
    run_suite(load_suite(suite), out, console=console, cluster=cluster)
    return console.file.getvalue()


def files_of(out):
    """The scores in an order of their own, and every table, byte for byte but for the minutes that training took."""
    scores = pd.read_parquet(out / "scores.parquet").sort_values(["method", "seed", "condition", "image"])
    tables = {path.name: path.read_bytes() for path in sorted(out.glob("tables/*.csv"))}
    tables["methods.csv"] = pd.read_csv(out / "tables" / "methods.csv").drop(columns="minutes").to_csv()
    return scores.reset_index(drop=True), tables


def test_eight_cells_of_which_a_killed_node_takes_some_have_the_tables_of_a_local_run(tmp_path):
    suite = tmp_path / "suite.yaml"
    suite.write_text(SUITE)
    run(suite, tmp_path / "local")
    with two_raylets() as (address, second):
        killed = kill_in_the_middle(second, tmp_path / "ray")
        printed = run(suite, tmp_path / "ray", ClusterOptions(address))
    assert killed.is_set()
    assert "Ray: 2 nodes, 2 CPUs, 0 GPUs; a cell takes 1 CPU\n" in printed
    assert "its node or its process was lost; it runs again, the other cells go on\n" in printed
    assert printed.count(": val Dice ") == 8
    (scores, tables), (expected_scores, expected_tables) = (files_of(tmp_path / name) for name in ("ray", "local"))
    pd.testing.assert_frame_equal(scores, expected_scores, check_exact=True)
    assert len(scores.groupby(["method", "seed"])) == 8
    assert tables == expected_tables and tables.keys() >= {"main.csv", "robustness.csv", "stress.csv", "axes.csv"}


def descendants(pid):
    return [pid, *(further for child in children_of(pid) for further in descendants(child))]


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition, seconds):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cancels_its_cells_ends_its_cluster_and_says_what_is_kept(tmp_path, sent):
    (tmp_path / "suite.yaml").write_text(SUITE.replace("epochs: 2", "epochs: 100000"))
    parent = subprocess.Popen(
        [sys.executable, "-m", "c2seg_bench", "run", "suite.yaml", "--out", "out", "--engine", "ray"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.default_int_handler
        ),  # a shell's background job has none
    )
    assert until(lambda: list(tmp_path.glob("out/cells/*/*/*/*-state.pt")) or parent.poll() is not None, 300)
    processes = descendants(parent.pid)
    assert len(processes) > 3 and any(title_of(pid).startswith(TASK) for pid in processes)
    if sent == signal.SIGINT:  # as a terminal does
        os.killpg(parent.pid, sent)
    else:
        parent.send_signal(sent)
    printed, errors = parent.communicate(timeout=120)
    assert parent.returncode == 130 and printed == ""
    assert errors.splitlines()[2:] == [
        f"Ray: 1 node, {os.cpu_count()} CPUs, 0 GPUs; a cell takes 1 CPU",
        "interrupted: what is done is kept in out, and training continues after its last whole epoch; "
        "run the same command again",
    ]
    assert until(lambda: not any(map(lives, processes)), 30)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--address", "127.0.0.1:1"], "--engine ray: no Ray cluster answers at 127.0.0.1:1 ("),
        (["--gpus", "1.5"], "--gpus 1.5: give a whole number, or a fraction below 1"),
    ],
)
def test_a_wrong_cluster_is_one_line(tmp_path, capsys, arguments, message):
    (tmp_path / "suite.yaml").write_text(SUITE)
    with pytest.raises(SystemExit) as ended:
        main(["run", str(tmp_path / "suite.yaml"), "--out", str(tmp_path / "out"), "--engine", "ray", *arguments])
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"error: {message}")


def test_options_of_a_cluster_need_a_cluster(tmp_path, capsys):
    for option, value in (("--address", "auto"), ("--gpus", "1"), ("--memory", "2")):
        with pytest.raises(SystemExit) as ended:
            main(["run", "quick", "--out", str(tmp_path / "out"), option, value])
        assert ended.value.code == 2
        assert capsys.readouterr().err == f"error: {option}: is of a Ray cluster; add --engine ray, or leave it out\n"
