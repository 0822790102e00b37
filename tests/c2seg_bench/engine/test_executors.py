"""The pool: what waits is not run once nobody wants it, and workers do not outlive their parent."""

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

from c2seg_bench.engine.executors import execute, term_as_interrupt

ROOT = Path(__file__).parents[3]


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
    results = list(execute(grid, nap, "local", workers=2))
    assert sorted(cell.name for cell, _, _ in results) == ["0", "1", "2"] and not any(error for _, error, _ in results)
    assert all(any(cell is given for given in grid) for cell, _, _ in results)


def test_cells_that_wait_are_not_run_and_workers_end_when_the_caller_stops(tmp_path):
    grid, start = cells(tmp_path, 0, 60, *[60] * 6), time.monotonic()
    with closing(execute(grid, nap, "local", workers=2)) as results:
        next(results)
    assert until(lambda: not active_children()) and time.monotonic() - start < 40
    time.sleep(1)
    assert len(begun(tmp_path)) < 5


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_workers_do_not_outlive_their_parent(tmp_path, sent):
    script = (
        "from pathlib import Path\n"
        "from c2seg_bench.engine.executors import execute, term_as_interrupt\n"
        "from tests.c2seg_bench.engine.test_executors import cells, nap\n"
        "if __name__ == '__main__':\n"
        "    with term_as_interrupt():\n"
        f"        list(execute(cells(Path({str(tmp_path)!r}), 90, 90, 90, 90), nap, 'local', 2))\n"
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
