"""c2seg-bench run"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def run(
    suite: Annotated[
        Path, typer.Argument(help="Suite file (YAML), or the name of one that ships, such as quick.", metavar="SUITE")
    ],
    out: Annotated[Path | None, typer.Option(help="Folder for the results; default: the suite's own `out`.")] = None,
    engine: Annotated[
        str, typer.Option(help="local: this machine; ray: a Ray cluster, see docs/cluster.md.")
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option(help="Of a running Ray cluster, HOST:PORT or auto; default: RAY_ADDRESS, else one is started."),
    ] = None,
    gpus: Annotated[
        float | None, typer.Option(help="GPUs that one cell reserves on Ray; with 0.5 two cells share one.")
    ] = None,
    memory: Annotated[float | None, typer.Option(help="GiB of memory that one cell reserves on Ray.")] = None,
    only: Annotated[str | None, typer.Option(help="One method of the suite, by name or label.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Print what would run for each cell and why, then stop.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")] = False,
) -> None:
    """Train, predict (clean and stressed prompts), score and report every cell of a suite.

    An interrupted run continues where it stopped. Results are reused as long as their settings, data, text encoder and
    code are unchanged; --explain prints what would be done again, and why.

    Example: c2seg-bench run quick --out results/quick
    """
    from c2seg_bench.cli.run_summary import show
    from c2seg_bench.engine.executors.cluster import ClusterOptions
    from c2seg_bench.engine.grid.finish import RunFailed
    from c2seg_bench.engine.grid.run import explain_suite, run_suite
    from c2seg_bench.errors import InputError
    from c2seg_bench.suite import load_suite
    from c2seg_bench.terminal.console import PlainConsole

    if engine not in ("local", "ray"):
        raise InputError(f"--engine {engine}: unknown; take local or ray")
    for option, value in (("address", address), ("gpus", gpus), ("memory", memory)):
        if engine == "local" and value is not None:
            raise InputError(f"--{option}: is of a Ray cluster; add --engine ray, or leave it out")
    cluster = ClusterOptions(address, gpus, memory) if engine == "ray" else None
    loaded = load_suite(suite)
    folder = out or Path(loaded.out or f"results/{loaded.name}")
    if explain:
        for line in explain_suite(loaded, folder, only):
            print(line)
        return
    try:
        run_suite(loaded, folder, only, PlainConsole(stderr=True, quiet=quiet), cluster)
    except RunFailed as e:
        typer.echo(f"error: {e}", err=True)
        raise typer.Exit(1) from None
    if not quiet:
        show(folder)
