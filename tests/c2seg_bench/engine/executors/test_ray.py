"""Cells on a Ray cluster of two raylets on this machine: where they run, what they reserve, and what becomes of lost ones."""

import os
import re
import signal
import time
from pathlib import Path

import pytest

from c2seg_bench.engine.executors.attempt import described
from c2seg_bench.engine.executors.cluster import ClusterOptions, joined
from c2seg_bench.engine.executors.cluster_nodes import GIB, Needs
from c2seg_bench.engine.executors.execute import execute
from c2seg_bench.engine.executors.node_check import compare
from c2seg_bench.errors import InputError
from c2seg_bench.suite import OutsideCell, OutsideEntry, Suite
from tests.two_raylets import two_raylets

CPUS, MEMORY = 4, 8  # of each node; GiB
starts_ray = pytest.mark.minutes  # two raylets, and a Python process for every cell


@pytest.fixture(scope="module")
def ray():
    """Ray, connected to two nodes, of which the second pretends to have a GPU."""
    nodes = two_raylets(second={"num_gpus": 1}, num_cpus=CPUS, memory=MEMORY * GIB)
    with nodes as (address, _), joined(ClusterOptions(address), 1) as ray:
        yield ray


def grid(out, count, **suite):
    """Cells of models from elsewhere, whose code needs no torch; a test's function does what it likes with them."""
    suite = Suite(
        name="grid",
        **{"device": "cpu", **suite},
        datasets={str(i): {"source": "phantom"} for i in range(count)},
        methods=[{"predictions": "answers"}],
    )
    (entry,) = suite.methods
    assert isinstance(entry, OutsideEntry)
    return [OutsideCell(suite, str(i), entry, 0, out) for i in range(count)]


def run(cells, function, *, said=None, **options):
    """Dataset -> the error of its cell in one line, None where there is none."""
    say = (lambda cell, line: None) if said is None else lambda cell, line: said.append((cell and cell.dataset, line))
    results = execute(cells, function, cluster=ClusterOptions(**options), say=say)
    return {cell.dataset: error and described(error) for cell, error, _ in results}


def write(cell, text):
    path = cell.out / f"{cell.dataset}.{os.getpid()}"
    path.write_text(text)


def written(out):
    """What the attempts wrote, by dataset."""
    return [(path.stem, path.read_text()) for path in sorted(out.glob("*.*"))]


def say_where(cell):
    assert cell.out.is_absolute()
    write(cell, os.getcwd())


@starts_ray
def test_a_relative_folder_of_the_run_and_relative_paths_mean_the_same_on_a_node(ray, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("out").mkdir()
    said = []
    assert run(grid(Path("out"), 3), say_where, said=said) == {"0": None, "1": None, "2": None}
    assert written(tmp_path / "out") == [(str(i), str(tmp_path)) for i in range(3)]
    assert said == [(None, "Ray: 2 nodes, 8 CPUs, 1 GPU; a cell takes 1 CPU")]
    assert not list(Path("out").glob(".*"))


def meet(cell):
    """Note the GPU and how many cells are at work; wait for a second one, which comes where there is room for it."""
    at_work = cell.out / f"at-work-{cell.dataset}"
    at_work.touch()
    end, most = time.monotonic() + 3.0, 0
    while time.monotonic() < end and most < 2:
        most = max(most, len(list(cell.out.glob("at-work-*"))))
        time.sleep(0.02)
    time.sleep(0.5)  # until the other has counted
    at_work.unlink()
    write(cell, f"{most} {os.environ['CUDA_VISIBLE_DEVICES']}")


@starts_ray
@pytest.mark.parametrize(
    ("options", "at_a_time", "gpu"),
    [({"gpus": 0.5}, 2, "0"), ({"gpus": 0.5, "memory": 0.6 * MEMORY}, 1, "0"), ({"gpus": 0}, 2, "")],
    ids=str,
)
def test_a_cell_reserves_its_share_of_a_gpu_and_its_memory(ray, tmp_path, options, at_a_time, gpu):
    assert set(run(grid(tmp_path, 2, device="auto"), meet, **options).values()) == {None}
    assert {text for _, text in written(tmp_path)} == {f"{at_a_time} {gpu}"}


def test_the_gpus_of_a_cell_are_its_devices_where_the_cluster_has_some(tmp_path):
    def of(options=None, gpus=4, **suite):
        return Needs.of(grid(tmp_path, 1, **suite)[0].suite, ClusterOptions(**options or {}), {"GPU": gpus})

    assert of(device="auto") == Needs(1, 1, 0) and of(device="auto", gpus=0) == Needs(1, 0, 0)
    assert of(device="cuda", devices=2, threads=3) == Needs(6, 2, 0)
    assert of({"gpus": 0.25, "memory": 1.5}, device="cuda") == Needs(1, 0.25, 3 * GIB // 2)
    assert str(of({"gpus": 0.25, "memory": 1.5}, device="cuda")) == "1 CPU, 0.25 GPU, 1.5 GiB"
    for message, options, suite in [
        ("device: cuda, but the Ray cluster has no GPU", {}, {"device": "cuda", "gpus": 0}),
        ("--gpus 0.5: a cell of this suite trains on devices: 2", {"gpus": 0.5}, {"device": "cuda", "devices": 2}),
        ("--gpus 1: the suite says device: cpu", {"gpus": 1}, {}),
        ("--gpus 0: the suite says device: cuda", {"gpus": 0}, {"device": "cuda"}),
        ("--gpus 1.5: give a whole number", {"gpus": 1.5}, {}),
        ("--gpus nan: give a whole number", {"gpus": float("nan")}, {}),
        ("--memory 0: give GiB above 0", {"memory": 0}, {}),
        ("--memory inf: give GiB above 0", {"memory": float("inf")}, {}),
    ]:
        with pytest.raises(InputError, match=f"^{re.escape(message)}"):
            of(options, **suite)


@starts_ray
def test_a_cell_that_no_node_can_take_is_refused_at_once(ray, tmp_path):
    message = (
        "--engine ray: a cell needs 5 CPUs, 9 GiB, and no node has as much; the largest have 4 CPUs, 1 GPU, 8.0 GiB; "
        "lower threads, --gpus or --memory"
    )
    with pytest.raises(InputError, match=f"^{re.escape(message)}$"):
        run(grid(tmp_path, 1, threads=5), say_where, memory=9)


def end_in_some_way(cell):
    write(cell, "")
    attempts = len(list(cell.out.glob(f"{cell.dataset}.*")))
    if cell.dataset == "0" or (cell.dataset == "1" and attempts == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    if cell.dataset == "2":
        raise ValueError("a mistake\nof the method")


@starts_ray
def test_a_lost_cell_runs_again_a_few_times_and_is_then_reported_by_name(ray, tmp_path):
    said, lost = [], "its node or its process was lost"
    assert run(grid(tmp_path, 4), end_in_some_way, said=said) == {
        "0": f"{lost}, 3 times", "1": None, "2": "ValueError: a mistake of the method", "3": None,
    }  # fmt: skip
    assert sorted(said[1:]) == [(name, f"{lost}; it runs again, the other cells go on") for name in "001"]
    assert [name for name, _ in written(tmp_path)] == ["0", "0", "0", "1", "1", "2", "3"]


def test_a_node_that_differs_is_named(tmp_path):
    same = {"sees": True, "torch": "2.13.0", "code": "a"}
    compare("node 10.0.0.2", same, same, tmp_path)
    for change, message in [
        ({"sees": False}, f"node 10.0.0.2 does not see {tmp_path}; give --out a folder that all nodes share"),
        ({"torch": "2.6.0"}, "node 10.0.0.2 has torch 2.6.0, this machine 2.13.0"),
        ({"code": "b"}, "node 10.0.0.2 has other code of c2seg-bench"),
    ]:
        with pytest.raises(InputError, match=f"^--engine ray: {re.escape(message)}"):
            compare("node 10.0.0.2", {**same, **change}, same, tmp_path)
