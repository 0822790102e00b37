"""What the machine lacks is one line that says how to get it; errors of the program keep their traceback."""

import errno
import os

import numpy as np
import pytest

from c2seg_bench.cli.main import main
from c2seg_bench.files import fault_of_machine


def os_error(number):
    return OSError(number, os.strerror(number), "/data/a.png")


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (errno.EMFILE, "too many open files; allow more open files (ulimit -n) and run the same command again"),
        (errno.ENOSPC, "no space left on the disk; make room and run the same command again"),
        (errno.EACCES, "permission denied; give a file or folder that you may read and write"),
        (errno.EROFS, "read-only file system; give a folder that can be written"),
        (errno.EEXIST, "file exists; a folder is needed here, but a file has its name; move the file away"),
        (errno.ENOTDIR, "not a directory; a folder is needed here, but a file has its name; move the file away"),
        (errno.EISDIR, "is a directory; a file is needed here, but a folder has its name; move the folder away"),
        (errno.EIO, "input/output error; check the disk and run the same command again"),
    ],
)
def test_an_error_of_the_machine_names_the_file_and_the_fix(number, line):
    assert fault_of_machine(os_error(number)).startswith(f"/data/a.png: {line}")


def test_a_failed_allocation_says_what_was_wanted():
    with pytest.raises(MemoryError) as error:
        np.empty((1 << 40, 1 << 20), np.uint8)
    line = fault_of_machine(error.value)
    assert line.startswith("not enough memory (Unable to allocate 1.00 EiB") and line.count("\n") == 0
    assert fault_of_machine(MemoryError()).startswith("not enough memory (an allocation failed); free memory")


@pytest.mark.parametrize(
    "error", [os_error(errno.ENOENT), ValueError("x"), KeyError("x"), OSError("x"), RuntimeError()]
)
def test_other_errors_have_another_cause(error):
    assert fault_of_machine(error) is None


@pytest.mark.parametrize(("error", "ends"), [(os_error(errno.EMFILE), SystemExit), (KeyError("bug"), KeyError)])
def test_the_command_ends_in_one_line_and_a_bug_in_its_traceback(monkeypatch, capsys, error, ends):
    def fails(*_, **__):
        raise error

    monkeypatch.setattr("c2seg_bench.cli.main.app", fails)
    with pytest.raises(ends) as ending:
        main(["models"])
    if ends is SystemExit:
        assert ending.value.code == 2
        assert capsys.readouterr().err.startswith("error: /data/a.png: too many open files; ")
