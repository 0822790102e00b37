"""A user's own metrics.py, baselines.py or reports.py that hides the package of that name is named in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def python(folder, *args):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *args], cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("name", ["metrics", "baselines", "reports"])
def test_a_file_that_hides_a_package_is_named(tmp_path, name):
    (tmp_path / f"{name}.py").write_text("")
    done = python(tmp_path, "-m", "c2seg_bench", "--version")
    assert (done.returncode, done.stdout) == (2, "")
    expected = (
        f"error: c2seg_bench needs its own package '{name}' ({ROOT / name}), but Python finds {tmp_path / name}.py"
    )
    assert done.stderr.startswith(expected) and len(done.stderr.splitlines()) == 1
    done = python(tmp_path, "-c", "import c2seg_bench")
    assert done.returncode == 1 and done.stderr.splitlines()[-1].startswith("ImportError: c2seg_bench needs its own")


def test_a_package_of_the_same_name_hides_it_too(tmp_path):
    (tmp_path / "metrics").mkdir()
    (tmp_path / "metrics" / "__init__.py").write_text("")
    done = python(tmp_path, "-m", "c2seg_bench", "--version")
    assert done.returncode == 2 and f"finds {tmp_path}/metrics/__init__.py under that name" in done.stderr


def test_a_folder_without_modules_hides_nothing(tmp_path):
    (tmp_path / "reports").mkdir()
    assert python(tmp_path, "-m", "c2seg_bench", "--version").returncode == 0
