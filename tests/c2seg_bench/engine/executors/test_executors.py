"""The pool: what waits is not run once nobody wants it, and workers do not outlive their parent."""

import io
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from multiprocessing import active_children
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from c2seg_bench.engine.executors import pool
from c2seg_bench.engine.executors.attempt import described
from c2seg_bench.engine.executors.execute import execute
from c2seg_bench.engine.grid.interruption import interruptible, term_as_interrupt

ROOT = Path(__file__).parents[4]


def cells(folder, *seconds):
    suite = SimpleNamespace(threads=1)
    return [SimpleNamespace(suite=suite, folder=folder, name=str(i), seconds=s) for i, s in enumerate(seconds)]


def nap(cell):
    """Say which process is at work, and sleep."""
    written = cell.folder / f"{cell.name}.pid"
    written.write_text(str(os.getpid()))
    written.rename(written.with_suffix(".begun"))  # whoever sees it sees all of it
    time.sleep(cell.seconds)


def begun(folder):
    return sorted(path.stem for path in folder.glob("*.begun"))


def until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_pool_gives_every_cell_back(tmp_path):
    grid = cells(tmp_path, 0, 0, 0)
    results = list(execute(grid, nap, workers=2))
    assert sorted(cell.name for cell, _, _ in results) == ["0", "1", "2"] and not any(error for _, error, _ in results)
    assert all(any(cell is given for given in grid) for cell, _, _ in results)


def test_cells_that_wait_are_not_run_and_workers_end_when_the_caller_stops(tmp_path):
    grid, start = cells(tmp_path, 0, 60, *[60] * 6), time.monotonic()
    with closing(execute(grid, nap, workers=2)) as results:
        next(results)
    assert until(lambda: not active_children()) and time.monotonic() - start < 40
    time.sleep(1)
    assert len(begun(tmp_path)) < 5


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_workers_do_not_outlive_their_parent(tmp_path, sent):
    script = (
        "from pathlib import Path\n"
        "from c2seg_bench.engine.executors.execute import execute\n"
        "from c2seg_bench.engine.grid.interruption import term_as_interrupt\n"
        "from tests.c2seg_bench.engine.executors.test_executors import cells, nap\n"
        "if __name__ == '__main__':\n"
        "    with term_as_interrupt():\n"
        f"        list(execute(cells(Path({str(tmp_path)!r}), 90, 90, 90, 90), nap, 2))\n"
    )
    (tmp_path / "script.py").write_text(script)
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "script.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a shell's & ignores it
    )
    assert until(lambda: len(begun(tmp_path)) == 2, 60)
    workers = [int(path.read_text()) for path in tmp_path.glob("*.begun")]
    parent.send_signal(sent)
    parent.wait(20)
    assert until(lambda: not any(map(lives, workers)))
    assert len(begun(tmp_path)) == 2


def test_sigterm_is_an_interruption_while_a_run_is_at_work():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), term_as_interrupt():
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_interruption_says_what_is_kept_and_how_to_go_on(tmp_path):
    console = Console(file=io.StringIO(), width=60)
    with pytest.raises(KeyboardInterrupt), interruptible(tmp_path, console):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)
    assert console.file.getvalue() == (
        f"interrupted: what is done is kept in {tmp_path}, and training continues after its last whole epoch; "
        "run the same command again\n"
    )


def end_in_some_way(cell):
    """What the cell's name says; each attempt leaves a file."""
    attempts = len(list(cell.folder.glob(f"{cell.name}.*")))
    (cell.folder / f"{cell.name}.{attempts}").touch()
    if cell.name == "killed always" or (cell.name == "killed once" and attempts == 0):
        os.kill(os.getpid(), signal.SIGKILL)
    if cell.name == "leaves":
        os._exit(0)
    if cell.name == "exits":
        sys.exit(0)
    if cell.name == "silent":
        raise AssertionError
    if cell.name == "unportable":
        raise Unportable("one", "two")


class Unportable(Exception):
    """Cannot be unpickled: its arguments are not those that it is made of."""

    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


def outcomes(folder, names, workers=2, say=lambda cell, line: None):
    suite = SimpleNamespace(threads=1)
    grid = [SimpleNamespace(suite=suite, folder=folder, name=name) for name in names]
    return {
        cell.name: error and described(error) for cell, error, _ in execute(grid, end_in_some_way, workers, say=say)
    }


def test_a_killed_worker_costs_no_other_cell_and_its_own_runs_once_more(tmp_path):
    said = []
    names = ["killed always", "killed once", "a", "b", "c"]
    ended = outcomes(tmp_path, names, say=lambda cell, line: said.append((cell.name, line)))
    assert ended == {
        "killed always": "its process was ended by SIGKILL, twice",
        **dict.fromkeys(["killed once", "a", "b", "c"]),
    }
    line = "its process was ended by SIGKILL; it runs once more, the other cells go on"
    assert sorted(said) == [("killed always", line), ("killed once", line)]
    assert {name: len(list(tmp_path.glob(f"{name}.*"))) for name in names} == {
        "killed always": 2, "killed once": 2, "a": 1, "b": 1, "c": 1,
    }  # fmt: skip


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_method_does_to_its_process_is_an_error_of_its_cell(tmp_path, workers):
    names = ["exits", "silent", "unportable", "a", *(["leaves"] if workers > 1 else [])]
    ended = outcomes(tmp_path, names, workers)
    assert ended.pop("unportable").endswith("Unportable: one and two")
    assert ended.pop("leaves", None) == (
        "its process ended with exit code 0 and without a result, twice" if workers > 1 else None
    )
    assert ended == {"exits": "its method ended the program: sys.exit(0)", "silent": "AssertionError", "a": None}


def test_memory_that_ran_out_is_named_where_the_kernel_counts_it(tmp_path, monkeypatch):
    counter = tmp_path / "memory.events"
    counter.write_text("low 0\noom 3\noom_kill 2\noom_group_kill 9\n")
    monkeypatch.setattr(pool, "OOM_COUNTERS", (str(counter), str(tmp_path / "absent")))
    assert pool.oom_kills() == 2
    advice = "lower workers, train.batch or train.micro_batch"
    assert pool.death(-9, True) == f"its process was killed because memory ran out; {advice}"
    assert pool.death(-9, False) == "its process was ended by SIGKILL"
    assert pool.death(-11, True) == "its process was ended by SIGSEGV"
    assert described(MemoryError()) == f"out of memory; {advice} (MemoryError)"


def test_a_gpu_without_memory_outside_of_steps_and_predictions_is_one_line_too():
    import torch

    assert described(torch.cuda.OutOfMemoryError("CUDA out of memory.\nTried to allocate 2 GiB")) == (
        "out of GPU memory; lower train.batch, train.micro_batch or predict_batch "
        "(CUDA out of memory. Tried to allocate 2 GiB)"
    )


def test_an_error_is_one_line_and_never_empty():
    assert described(KeyError("x")) == "KeyError: 'x'" and described(ValueError("a\nb")) == "ValueError: a b"
    assert described(pool.WorkerDied("gone")) == "gone" and described(AssertionError()) == "AssertionError"
