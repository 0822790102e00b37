"""Tables of docs/results are those that the named command prints for the run, and nothing else in a page changes."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from c2seg_bench.cli.main import app
from c2seg_bench.errors import InputError
from c2seg_bench.pages.results import BLOCK, fill
from reports.errors import InputError as ReportError
from tests.reports.make_run import make_run

PAGES = sorted((Path(__file__).parents[3] / "docs/results").glob("*.md"))
PAGE = """# A page

Text that a person wrote.

<!-- c2seg-bench report results/mine --table main --datasets qata --columns dice,iou -->
an old table
<!-- end -->

More text.
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    make_run(folder / "mine")
    return folder


def test_a_block_gets_the_table_that_its_command_prints(results):
    filled = fill(PAGE, results)
    options = ["--table", "main", "--datasets", "qata", "--columns", "dice,iou", "--no-caption-notes"]
    printed = CliRunner().invoke(app, ["report", str(results / "mine"), *options]).stdout.strip()
    assert printed.count("|") > 20
    printed = re.sub(r"<sup>\d+</sup>", "", printed)  # footnotes are in the report
    assert f"-->\n\n{printed}\n\n<details>" in filled
    assert "an old table" not in filled
    assert re.sub(BLOCK, "", filled) == re.sub(BLOCK, "", PAGE)


def test_a_filled_page_is_filled_again_with_the_same_text(results):
    once = fill(PAGE, results)
    assert fill(once, results) == once


def test_each_block_of_a_page_ends_where_its_own_end_is(results):
    two = PAGE + PAGE.replace("--columns dice,iou", "--columns hd95")
    filled = fill(two, results)
    assert filled.count("<!-- end -->") == 2
    assert filled.count("More text.") == 2
    assert filled.count("HD95 (px)") == 1


@pytest.mark.parametrize(
    "command",
    [
        "report elsewhere/mine --table main",
        "report results/mine",
        "report results/mine --table main --out x",
        "report results/mine --table",
    ],
)
def test_a_command_that_names_no_table_of_a_run_is_refused(results, command):
    with pytest.raises(InputError, match="write it as c2seg-bench report results/RUN --table NAME"):
        fill(f"<!-- c2seg-bench {command} -->\n<!-- end -->", results)


def test_an_unknown_table_is_refused(results):
    with pytest.raises(ReportError, match="unknown nothing-known"):
        fill("<!-- c2seg-bench report results/mine --table nothing-known -->\n<!-- end -->", results)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_of_the_real_pages_is_filled(page):
    text = page.read_text(encoding="utf-8")
    assert text.count("<!-- end -->") == text.count("<!-- c2seg-bench report") == len(BLOCK.findall(text))
    assert all(block.count("\n| ") > 2 for block in (match[0] for match in BLOCK.finditer(text)))
