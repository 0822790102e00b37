"""A few tries of every promise; `make reliability` runs all of them."""

import os
import subprocess
import sys

import pytest

from tests.reliability.__main__ import take_turns
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

    def attempt(name):
        tried.append(name)
        return Row(name, "wrong number in a.csv" if name == "b" else "")

    def tries(names):
        return record.fill((name, lambda name=name: attempt(name)) for name in names)

    assert take_turns({"group": tries("ab")}, until=float("inf"))
    assert take_turns({"group": tries("abc")}, until=float("inf"))
    assert not take_turns({"group": tries("abcd")}, until=0)
    assert tried == ["a", "b", "c"] and [row.name for row in record.rows()] == ["a", "b", "c"]
    written = page([Group("group", "What is promised", record.rows(), 4)], tmp_path / "loop.jsonl")
    assert "| What is promised | 3 of 4 | 2 |" in written and "- group: `b`: `wrong number in a.csv`" in written
    record.forget(broken_only=True)
    assert [row.name for row in record.rows()] == ["a", "c"]


def test_groups_take_turns():
    made = []

    def tries(group, number):
        for i in range(number):
            made.append(f"{group}{i}")
            yield

    assert take_turns({"a": tries("a", 1), "b": tries("b", 3), "c": tries("c", 2)}, until=float("inf"))
    assert made == ["a0", "b0", "c0", "b1", "c1", "b2"]
