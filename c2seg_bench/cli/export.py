"""c2seg-bench export: one method's results as a file to share"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def export(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    method: Annotated[str, typer.Option(help="Label of the method in the run.")],
    out: Annotated[Path, typer.Option(help="The zip to write.")],
    as_json: Annotated[bool, typer.Option("--json", help="A summary as one JSON object on stdout.")] = False,
) -> None:
    """Write one method's results to a zip: per-image scores, tables, and a description of the data and the protocol.

    The zip contains no images or prompts. Others can rank it with c2seg-bench leaderboard, or compare it with
    c2seg-bench compare.

    Example: c2seg-bench export results/quick --method c2seg --out c2seg.zip
    """
    import json

    from c2seg_bench.cli.out import check_out
    from c2seg_bench.exchange.export import export as package_of
    from c2seg_bench.exchange.package import write_package

    check_out("--out", out, ".zip", (folder,))
    package = package_of(folder, method)
    write_package(package, out)
    if as_json:
        datasets = {name: record.images for name, record in package.manifest.datasets.items()}
        print(json.dumps({"out": str(out), "method": method, "title": package.title, "images": datasets}))
    else:
        print(out)
