"""The examples of docs/adding: applied to a copy of the packages, their tests pass and their commands work."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs/adding").glob("*.md"))
pytestmark = pytest.mark.slow
COPIED = ("c2seg_bench", "baselines", "metrics", "reports", "tests", "suites")
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# commands and tests in one process, so that torch is imported once; numba is off since it would compile the copy's
# kernels
DRIVER = """
import contextlib, io, json, shlex, sys
import pytest
import c2seg_bench
from c2seg_bench.cli.main import main
request, results = json.load(sys.stdin), {}
for command in request["commands"]:
    stdout = io.StringIO()
    with contextlib.redirect_stdout(stdout):
        try:
            main(shlex.split(command)[1:])
        except SystemExit as exit:
            results[command] = exit.code, stdout.getvalue()
stdout = io.StringIO()
with contextlib.redirect_stdout(stdout):
    code = pytest.main(request["pytest"])
results["pytest"] = int(code), stdout.getvalue()
print(json.dumps({"package": c2seg_bench.__file__, "results": results}))
"""
# command -> what the addition makes it print
PRINTED = {
    "c2seg-bench models pixel-classifier --json": '"name": "pixel-classifier"',
    "c2seg-bench score --predictions predictions --targets targets --metrics dice,f2 --out scores.csv": "F2",
    "c2seg-bench perturb --list": "request          kept     the prompt as a polite request",
    'c2seg-bench perturb --family request "Bilateral pulmonary infection, two infected areas"': "Please segment: bilat",
    "c2seg-bench datasets list": "busi",
    'c2seg-bench parse --ontology breast --json "two lesions in the uper left quadrant"': '"regions": ["upper-left"]',
    "c2seg-bench parse --ontology metrics/consistency/reader/ontologies/breast.json --json "
    '"one mass, lower right"': '"regions": ["lower-right"]',
    "c2seg-bench ontology check clock.json --prompts clock_prompts.csv": "words without a meaning: spiculated (1)",
    "c2seg-bench parse --ontology clock.json --json \"two nodules, 2 o'clock and 7 o'clock\"": '"regions": '
    '["lower-left", "upper-right"]',
    "c2seg-bench ontology check skin.json": "rows top, middle, bottom; columns left, center, right",
    'c2seg-bench parse --ontology skin.json --json "two small moles, top left and bottom right; hairs at the top"': (
        '"regions": ["bottom-right", "top-left"]'
    ),
    "c2seg-bench score --predictions predictions --targets targets --prompts prompts.csv --ontology breast "
    "--frame quadrants --out scores.csv --json": '"frame": "quadrants"',
    "c2seg-bench doctor --json": '"radbert": "not installed: radiology reports',
}


TESTS_OF_A_FAMILY = (
    "test_every_family_has_its_exact_strings",
    "test_exact_strings[request]",
    "test_any_text_survives_and_the_same_state_gives_the_same_noise[request]",
    "test_the_code_can_make_every_example",
)


class Block(NamedTuple):
    """A fenced block: `path` is the file that it is, or "" for diffs and commands."""

    language: str
    path: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*match.groups()) for match in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def all_blocks(language: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page) if block.language == language]


def commands() -> list[str]:
    return [line for block in all_blocks("sh") for line in block.text.splitlines()]


def example_tests() -> list[str]:
    """Arguments of pytest: the new test files, and of those that a diff edits the tests of what it adds."""
    new = [block.path for block in all_blocks("python") if block.path.startswith("tests/")]
    return [*new, *(f"tests/c2seg_bench/stress/test_families.py::{test}" for test in TESTS_OF_A_FAMILY)]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A copy of the packages with every example, and masks and prompts for the commands."""
    folder = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for page in PAGES:
        for block in blocks(page):
            if block.path:
                assert not (folder / block.path).exists(), f"{page.name}: {block.path} is there already"
                (folder / block.path).write_text(block.text, encoding="utf-8")
            elif block.language == "diff":
                applied = subprocess.run(
                    ["git", "apply", "--recount", "-C1", "-"],
                    cwd=folder,
                    input=block.text,
                    capture_output=True,
                    text=True,
                )
                assert applied.returncode == 0, f"{page.name}: the diff does not apply: {applied.stderr}"
    for name in ("predictions", "targets"):
        (folder / name).mkdir()
        for i in range(3):
            mask = np.zeros((32, 32), np.uint8)
            mask[4:12, 4:12] = 255
            Image.fromarray(mask).save(folder / name / f"case_{i}.png")
    (folder / "prompts.csv").write_text(
        "image,prompt\n" + "".join(f"case_{i}.png,one mass upper left\n" for i in range(3))
    )
    return folder


@pytest.fixture(scope="module")
def results(workspace):
    """Command, or "pytest" -> (exit code, what it printed)."""
    request = {"commands": commands(), "pytest": ["-x", "-p", "no:cacheprovider", *example_tests()]}
    environment = {**os.environ, "PYTHONPATH": str(workspace), "NUMBA_DISABLE_JIT": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER],
        cwd=workspace, env=environment, input=json.dumps(request), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert Path(answer["package"]).is_relative_to(workspace)
    return answer["results"]


def test_every_page_is_linked_and_every_addition_of_the_table_has_a_page():
    links = re.findall(r"\(docs/adding/(\S+)\)", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert sorted(links) == [page.name for page in PAGES]


def test_every_page_has_an_example_and_a_command():
    for page in PAGES:
        languages = {block.language for block in blocks(page)}
        assert "sh" in languages and languages & {"python", "json", "diff"}, page.name
    assert sorted(commands()) == sorted(PRINTED)


@pytest.mark.parametrize("command", list(PRINTED), ids=lambda command: shlex.split(command)[1])
def test_a_command_shows_the_addition(command, results):
    code, stdout = results[command]
    assert code == 0 and PRINTED[command] in stdout


def test_the_tests_of_the_examples_pass(results):
    code, stdout = results["pytest"]
    assert code == 0, stdout
