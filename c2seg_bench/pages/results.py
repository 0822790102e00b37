"""Tables in the pages of docs/results, taken from the runs that made them.

A page says where each of its tables comes from, by the command that prints it:

    <!-- c2seg-bench report results/quick --table main -->
    (the table)
    <!-- end -->

Everything between the two lines is replaced; the text around them is written by hand.

Usage: python -m c2seg_bench.pages.results PAGE [RESULTS], where RESULTS is the folder that has the runs, by default
`results`. The tables of a run are those that its last report wrote.
"""

from __future__ import annotations

import re
import shlex
import sys
from dataclasses import replace
from pathlib import Path

from c2seg_bench.errors import InputError
from c2seg_bench.files import atomic

BLOCK = re.compile(r"^<!-- (c2seg-bench report [^\n]*) -->\n.*?^<!-- end -->$", re.MULTILINE | re.DOTALL)
OPTIONS = {"--table", "--methods", "--datasets", "--columns", "--spread"}


def fill(page: str, results: Path) -> str:
    """The page with each marked block replaced by the tables of the command that it names.

    Args:
        page: the text of a page in Markdown; without a marked block it is returned as it is.
        results: the folder in place of `results` in the commands.

    Raises:
        InputError: a command without a folder in `results` or without a table, an unknown option or value, or no such
            run.
    """
    return BLOCK.sub(lambda block: f"<!-- {block[1]} -->\n\n{tables(block[1], results)}\n\n<!-- end -->", page)


def tables(command: str, results: Path) -> str:
    """The tables that a command prints, in Markdown; the notes below each can be unfolded."""
    from reports import markdown
    from reports.read import read_run
    from reports.tables.model import with_rows
    from reports.tables.select import names_in, select

    folder, options = _parse(command)
    run = read_run(results / folder)
    methods, datasets, columns = (names_in(options.get(key)) for key in ("methods", "datasets", "columns"))
    chosen = select(run, options["table"], methods, datasets, columns, options.get("spread", "interval"))
    unnumbered = [with_rows(table, lambda row: replace(row, note="")) for table in chosen]  # footnotes: in the report
    return "\n\n".join(
        f"{markdown.section(table, notes=False)}\n\n"
        f"<details><summary>How to read this table</summary>\n\n{markdown.escape(table.caption)}\n\n</details>"
        for table in unnumbered
    )


def _parse(command: str) -> tuple[Path, dict[str, str]]:
    """The run's folder in `results`, and the options by name without their dashes."""
    _, _, folder, *rest = shlex.split(command)
    options = dict(zip(rest[::2], rest[1::2], strict=False))
    if not folder.startswith("results/") or len(rest) % 2 or "--table" not in options or options.keys() - OPTIONS:
        raise InputError(f"{command}: write it as c2seg-bench report results/RUN --table NAME, with {sorted(OPTIONS)}")
    return Path(folder).relative_to("results"), {key.removeprefix("--"): value for key, value in options.items()}


def main() -> None:
    page, results = Path(sys.argv[1]), Path(sys.argv[2] if len(sys.argv) > 2 else "results")
    filled = fill(page.read_text(encoding="utf-8"), results)
    with atomic(page) as temporary:
        temporary.write_text(filled, encoding="utf-8")


if __name__ == "__main__":
    main()
