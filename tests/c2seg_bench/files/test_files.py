"""Files are whole or absent, even after a kill; their damage is noticed; one run at a time uses a folder."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest

from c2seg_bench.errors import InputError
from c2seg_bench.files import DamagedFile, atomic, only_one, read_rows, read_table, remove_leftovers, verify


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


class Killed(BaseException):
    """Stands for kill -9: nothing after it runs but the caller's own clean-up."""


@pytest.mark.parametrize("moment", range(1, 8))
def test_a_kill_at_any_moment_leaves_a_file_that_its_checksum_knows(tmp_path, monkeypatch, moment):
    path, calls = tmp_path / "a.txt", []

    def write(text):
        with atomic(path, checksum=True) as temporary:
            temporary.write_text(text)

    def killed_at(real):
        def call(*args):
            calls.append(real)
            if len(calls) == moment:
                raise Killed
            return real(*args)

        return call

    write("old")
    with monkeypatch.context() as patch, contextlib.suppress(Killed):
        for name in ("replace", "fsync"):
            patch.setattr(os, name, killed_at(getattr(os, name)))
        write("new")
    verify(path)
    assert path.read_text() in ("old", "new")
    write("newest")
    verify(path)
    assert path.read_text() == "newest" and sorted(p.name for p in tmp_path.iterdir()) == ["SHA256SUMS", "a.txt"]


def test_a_changed_file_is_damaged_and_one_without_a_checksum_passes(tmp_path):
    for name in ("a b.txt", "é.txt"):
        with atomic(tmp_path / name, checksum=True) as temporary:
            temporary.write_text(name)
        verify(tmp_path / name)
    (tmp_path / "a b.txt").write_text("a c.txt")
    with pytest.raises(
        DamagedFile, match="a b.txt: damaged .its checksum is not the one in SHA256SUMS.; run the suite"
    ):
        verify(tmp_path / "a b.txt")
    (tmp_path / "other.txt").write_text("x")
    verify(tmp_path / "other.txt")
    with pytest.raises(FileNotFoundError):
        verify(tmp_path / "none.txt")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum here")
def test_the_command_sha256sum_reads_the_checksums(tmp_path):
    for text in ("one", "two"):  # the earlier checksum stays beside the later one
        with atomic(tmp_path / "a.txt", checksum=True) as temporary:
            temporary.write_text(text)
    assert (tmp_path / "SHA256SUMS").read_text().splitlines() == [
        f"{hashlib.sha256(b'two').hexdigest()}  a.txt",
        f"# earlier: {hashlib.sha256(b'one').hexdigest()}  a.txt",
    ]
    check = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True)
    assert (check.returncode, check.stdout) == (0, "a.txt: OK\n")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no limits on a file's size")
def test_no_space_for_a_file_is_one_line_whoever_writes_it(tmp_path):
    """A limit on the size of files stands for a full disk: the same errors come out of the writers."""
    script = """
import resource, signal, sys
from pathlib import Path
import numpy as np, pandas as pd, torch
from c2seg_bench.data.masks.packed import PackedMasks, save_masks
from c2seg_bench.engine.request import checkpoint
from c2seg_bench.engine.training import stage_state
from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic, write_json

def parquet(path):
    with atomic(path) as temporary:
        pd.DataFrame({"a": noise}).to_parquet(temporary)

out, noise = Path(sys.argv[1]), np.random.default_rng(0).random(40_000)
model, masks = torch.nn.Linear(200, 200), PackedMasks(np.frombuffer(noise.tobytes(), np.uint8).reshape(1, -1), (1, 8 * noise.nbytes))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
for name, write in {
    "weights.safetensors": lambda path: checkpoint.save(path.with_suffix(""), model, {}),
    "state.pt": lambda path: stage_state.save_state(path, model=model.state_dict()),
    "masks.npz": lambda path: save_masks(path, ["a"], masks),
    "scores.parquet": parquet,
    "record.json": lambda path: write_json(path, noise.tolist()),
}.items():
    try:
        write(out / name)
        print("written", name)
    except InputError as e:
        print(e)
"""
    printed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True)
    assert printed.stdout.splitlines() == [
        f"{tmp_path / name}: no space left on the disk; make room and run the same command again, which continues from "
        "what is done"
        for name in ("weights.safetensors", "state.pt", "masks.npz", "scores.parquet", "record.json")
    ], printed.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", r"cannot be read \(No columns to parse from file\)"),
        (b"a\n1,2,3\n4\n5,6,7,8\n", r"cannot be read \(Error tokenizing data"),
        (b"\xff\xfe\x00a", "cannot be read"),
        (b"a,b\n1,2\n", "no column method"),
        (None, r"cannot be read \(.*No such file"),
    ],
)
def test_a_table_that_is_none_is_an_error_of_one_line(tmp_path, content, problem):
    path = tmp_path / "main.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=rf"{path}: {problem}.*; c2seg-bench report makes it again$") as error:
        read_table(path, ["method"])
    assert "\n" not in str(error.value)
    path.write_text("method,value\nunet,0.5\n")
    assert read_table(path, ["method"])["value"].tolist() == [0.5]
