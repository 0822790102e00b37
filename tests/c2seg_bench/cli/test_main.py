"""The command itself: its version, its help, `python -m`, completion."""

import os
import subprocess
import sys
from importlib.metadata import version

import pytest

from c2seg_bench.cli.main import main


def call(capsys, *args):
    with pytest.raises(SystemExit) as exit_info:
        main([*args])
    return exit_info.value.code, capsys.readouterr().out


def test_version(capsys):
    assert call(capsys, "--version") == (0, f"c2seg-bench {version('c2seg-bench')}\n")


@pytest.mark.parametrize("command", [(), ("run",), ("datasets",), ("datasets", "check")])
def test_h_is_short_for_help(command, capsys):
    short, long = call(capsys, *command, "-h"), call(capsys, *command, "--help")
    assert short == long and short[0] == 0 and "Usage: " in short[1] and "-h, --help" in short[1]


def test_the_package_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "c2seg_bench", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"c2seg-bench {version('c2seg-bench')}\n")


def test_the_shell_completes_options():
    words = {"_C2SEG_BENCH_COMPLETE": "complete_bash", "COMP_WORDS": "c2seg-bench perturb --sev", "COMP_CWORD": "2"}
    program = "import sys; sys.argv = ['c2seg-bench']; from c2seg_bench.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, **words}, capture_output=True, text=True)
    assert done.stdout.split() == ["--severity"]
