"""c2seg-bench report"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the files written as one JSON object.")] = False,
) -> None:
    """Write tables, figures and pages again from what a run left.

    Where DIR has scores.parquet, DIR/tables is made of it first; else DIR/tables is taken as it is. Scores that do not
    belong to the suite in DIR, which an interrupted run may leave, are named and left out.

    Example: c2seg-bench report results/quick
    """
    import sys

    import reports
    from c2seg_bench.errors import InputError
    from c2seg_bench.files import only_one
    from c2seg_bench.rundir import RunDir

    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the folder of a run")
    with only_one(folder):
        if RunDir(folder).scores.exists():
            from c2seg_bench.results.write import write_tables

            for line in write_tables(folder):
                print(line, file=sys.stderr)
        written = reports.build(folder)
    if as_json:
        import json

        print(json.dumps({"files": [str(p) for p in written]}))
    else:
        print(folder / "report.md")
