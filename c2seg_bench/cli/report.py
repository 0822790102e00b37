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

    Where DIR has scores.parquet, DIR/tables is made of it first; else DIR/tables is taken as it is.

    Example: c2seg-bench report results/quick
    """
    import reports
    from c2seg_bench.errors import InputError
    from c2seg_bench.rundir import RunDir

    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the folder of a run")
    if RunDir(folder).scores.exists():
        from c2seg_bench.results.write import write_tables

        write_tables(folder)
    written = reports.build(folder)
    if as_json:
        import json

        print(json.dumps({"files": [str(p) for p in written]}))
    else:
        print(folder / "report.md")
