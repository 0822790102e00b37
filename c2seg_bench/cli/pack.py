"""c2seg-bench pack: all requests of a suite to a model, as files"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def pack(
    suite: Annotated[
        Path, typer.Argument(help="Suite file (YAML), or the name of one that ships, such as quick.", metavar="SUITE")
    ],
    out: Annotated[Path, typer.Option(help="The folder to write; a new one.")],
    native: Annotated[bool, typer.Option("--native", help="Write images at the dataset's own size.")] = False,
    run: Annotated[
        Path | None, typer.Option(help="Folder of the run, for the prepared data; default: the suite's own `out`.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A summary as one JSON object on stdout.")] = False,
) -> None:
    """Write every image and prompt of a suite to files, for a model that runs in another environment.

    The folder has requests.csv (id, image, prompt, condition), the images, and a README that explains the answers:
    one mask per request, named by its id. c2seg-bench evaluate reads them.

    Example: c2seg-bench pack quick --out pack
    """
    import json

    from c2seg_bench.engine.evaluate.pack import pack_suite
    from c2seg_bench.rundir import RunDir
    from c2seg_bench.suite import load_suite
    from c2seg_bench.terminal.console import PlainConsole

    loaded = load_suite(suite)
    folder = RunDir(run or Path(loaded.out or f"results/{loaded.name}"))
    number = pack_suite(loaded, str(suite), out, folder, PlainConsole(stderr=True), native)
    print(json.dumps({"out": str(out), "requests": number}) if as_json else out / "README.md")
