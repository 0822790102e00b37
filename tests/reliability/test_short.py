"""A few tries of every promise; `make reliability` runs all of them."""

import os
import subprocess
import sys

import pytest

from tests.reliability.hostile.files import PROMISE
from tests.reliability.page import Group, page
from tests.reliability.record import CHECKOUT, Record, Row


@pytest.mark.minutes
def test_a_few_tries_of_every_kind_survive_and_are_on_the_page(tmp_path):
    # a process of its own: tries are forked, and pytest has threads
    ended = subprocess.run(
        [sys.executable, "-m", "tests.reliability", tmp_path / "page.md", "--short", "--folder", tmp_path / "record"],
        cwd=CHECKOUT, env={**os.environ, "PYTHONPATH": str(CHECKOUT), "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    written = (tmp_path / "page.md").read_text()
    assert f"| {PROMISE} | 88 | 88 |" in written and "## What broke\n\nNothing. " in written


def test_a_record_goes_on_where_it_was_and_the_page_names_what_broke(tmp_path):
    record = Record(tmp_path, "group")
    tried = []

    def tries(names):
        for name in names:
            yield (
                name,
                lambda name=name: tried.append(name) or Row(name, "wrong number in a.csv" if name == "b" else ""),
            )

    assert record.fill(tries("ab"), until=float("inf")) and record.fill(tries("abc"), until=float("inf"))
    assert not record.fill(tries("abcd"), until=0)
    assert tried == ["a", "b", "c"] and [row.name for row in record.rows()] == ["a", "b", "c"]
    written = page([Group("group", "What is promised", record.rows(), 4)], tmp_path / "loop.jsonl")
    assert "| What is promised | 3 of 4 | 2 |" in written and "- group: `b`: `wrong number in a.csv`" in written
    record.forget(broken_only=True)
    assert [row.name for row in record.rows()] == ["a", "c"]
