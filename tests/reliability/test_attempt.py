"""A try is judged by what it does: what it prints, how long it waits, how it ends."""

import json
import os
import subprocess
import sys
import time

import pytest

from tests.reliability import attempt as attempts
from tests.reliability.record import CHECKOUT

PROGRAM = """
import json, os, sys, time
from pathlib import Path
from tests.reliability import attempt as attempts
from tests.reliability.batches import run_batch

folder = Path(sys.argv[1])
attempts.STUCK = 0.5


def ending(function, **options):
    return attempts.breach(attempts.attempt(function, folder / "log", **options))


rows = run_batch([
    ("quiet", lambda: None),
    ("ends", lambda: os._exit(7)),
    ("prints", lambda: os.write(1, b"from a library in C")),
    ("after", lambda: None),
], folder / "batch")
print(json.dumps({
    "batch": {row.name: row.broken for row in rows},
    "waits": ending(lambda: time.sleep(60)),
    "raises": ending(lambda: [][0]),
    "exits": ending(lambda: sys.exit(2)),
    "refuses": ending(lambda: (print("error: a.csv: no rows", file=sys.stderr), sys.exit(2))),
    "killed": ending(lambda: time.sleep(60), kill_after=0.2),
}))
"""


@pytest.fixture(scope="module")
def breaches(tmp_path_factory):
    """Which promise each try breaks, in a process of its own: tries are forked, and pytest has threads."""
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path_factory.mktemp("tries")],
        cwd=CHECKOUT, env={**os.environ, "PYTHONPATH": str(CHECKOUT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_what_a_library_prints_by_itself_is_noticed_and_a_dead_process_costs_one_try(breaches):
    assert breaches["batch"] == {
        "quiet": "",
        "prints": "printed 19 bytes by itself",
        "ends": "ended the process (7): nothing printed",
        "after": "",
    }


def test_what_waits_is_ended(breaches):
    assert breaches["waits"].startswith("stuck for ")


def test_only_what_does_not_compute_is_stuck_however_slow_the_machine(monkeypatch):
    clock = {"now": 0.0, "computed": 0.0}
    monkeypatch.setattr(attempts.time, "monotonic", lambda: clock["now"])
    monkeypatch.setattr(attempts, "processor_seconds", lambda group: clock["computed"])
    watch = attempts.Watch(1)
    for now, computed, stuck in ((10, 0.0, False), (301, 0.2, False), (400, 0.2, False), (700, 0.25, True)):
        clock.update(now=now, computed=computed)
        assert watch.is_stuck() == stuck


def test_processor_time_is_that_of_the_whole_group():
    group, before = os.getpgrp(), attempts.processor_seconds(os.getpgrp())
    end = time.process_time() + 0.05
    while time.process_time() < end:
        pass
    assert attempts.processor_seconds(group) > before


def test_an_end_is_an_error_of_one_line_or_breaks_a_promise(breaches):
    assert breaches["raises"] == "traceback: IndexError: list index out of range"
    assert breaches["exits"] == "0 lines of error with exit code 2: nothing printed"
    assert breaches["refuses"] == "" and breaches["killed"].startswith("exit code -9")
