"""Files that are whole or not there, what the killed leave, and one run a folder."""

import os
import subprocess
import sys

import pandas as pd
import pytest

from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic, only_one, read_rows, remove_leftovers


def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_a_killed_writer_left_goes_when_the_file_is_written_again(tmp_path):
    dead, alive = dead_pid(), os.getppid()
    names = [f".state-{dead}.pt", f".state-{alive}.pt", f".other-state-{dead}.pt", f".state-{dead}.json", ".state-x.pt"]
    for name in names:
        (tmp_path / name).write_text("half")
    with atomic(tmp_path / "state.pt") as temporary:
        temporary.write_text("whole")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([*names[1:], "state.pt"])


def test_an_error_leaves_the_old_file(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(ZeroDivisionError), atomic(tmp_path / "a.txt") as temporary:
        temporary.write_text("new")
        raise ZeroDivisionError
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("a.txt", "old")]


def test_leftovers_of_the_killed_go_and_nothing_else(tmp_path):
    dead, alive = dead_pid(), os.getppid()
    (tmp_path / "cells/a").mkdir(parents=True)
    (tmp_path / f"data/.phantom-{dead}").mkdir(parents=True)
    files = [f"cells/a/.checkpoint-{dead}.safetensors", f".scores-{dead}.parquet", f"data/.phantom-{dead}/images.npy"]
    kept = [f"cells/a/.checkpoint-{alive}.safetensors", "cells/a/log.jsonl", ".lock", f"cells/a/seed-{dead}.json"]
    for name in [*files, *kept]:
        (tmp_path / name).write_text("x")
    removed = remove_leftovers(tmp_path)
    assert {p.relative_to(tmp_path).as_posix() for p in removed} == {*files[:2], f"data/.phantom-{dead}"}
    assert {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()} == set(kept)


@pytest.mark.parametrize("durable", [True, False])
def test_a_durable_file_is_on_the_disk_before_its_name_is(tmp_path, monkeypatch, durable):
    done = []
    real_replace, real_fsync = os.replace, os.fsync

    def fsync(handle):
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")
        real_fsync(handle)

    def replace(*paths):
        done.append("rename")
        real_replace(*paths)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    with atomic(tmp_path / "a.txt", durable) as temporary:
        temporary.write_text("new")
    assert done == (["file", "rename", "folder"] if durable else ["rename"])
    assert (tmp_path / "a.txt").read_text() == "new"


def test_a_second_run_in_a_folder_is_refused_until_the_first_has_ended(tmp_path):
    script = (
        "import sys\nfrom pathlib import Path\nfrom c2seg_bench.files import only_one\n"
        "with only_one(Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert first.stdout.readline() == b"held\n"
    with (
        pytest.raises(InputError, match="another run is at work in .*; wait for it, or give --out"),
        only_one(tmp_path),
    ):
        pass
    first.kill()
    first.communicate()
    with only_one(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_an_input_error(tmp_path):
    (tmp_path / "file").write_text("")
    message = "file: cannot be written .*; give another folder with --out"
    with pytest.raises(InputError, match=message), only_one(tmp_path / "file"):
        pass


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"image,dice\n"])
def test_a_cut_table_of_scores_is_an_input_error(tmp_path, damage):
    path = tmp_path / "scores.parquet"
    rows = pd.DataFrame({"image": ["a"], "dice": [0.5]})
    rows.to_parquet(path)
    assert read_rows(path).equals(rows)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(
        InputError, match=r"scores.parquet: damaged \(not a whole Parquet file: .*\); run the suite again"
    ) as e:
        read_rows(path)
    assert "\n" not in str(e.value)
