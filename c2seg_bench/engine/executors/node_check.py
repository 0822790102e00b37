"""Before any cell runs: whether every node of a Ray cluster sees the folder of the run and has the same code."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from c2seg_bench.engine.executors.cluster_nodes import Needs, nodes
from c2seg_bench.errors import InputError
from c2seg_bench.files.digests import digest
from c2seg_bench.files.temporary import beside
from c2seg_bench.suite import AnyCell, Cell

LOOK_SECONDS = 120.0  # for every node to start a process and import this package


def check_nodes(ray: ModuleType, needs: Needs, cells: list[AnyCell]) -> None:
    """InputError unless each other node that can take a cell sees the folder of the run and has the code of this one.

    Otherwise a cell would fail there after others have run for hours, or the tables would leave it out.
    """
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    own_id = ray.get_runtime_context().get_node_id()
    others = [node for node in nodes(ray) if node["NodeID"] != own_id and needs.fit(node["Resources"])]
    if not others:
        return
    trained = list({cell.method.label: cell for cell in cells if isinstance(cell, Cell)}.values())
    out = cells[0].out.absolute()
    mark = beside(out / "seen-by-nodes")
    mark.touch()
    try:
        task = ray.remote(num_cpus=0, max_retries=0)(look_around)
        looks = [
            task.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)).remote(
                mark, trained
            )
            for node in others
        ]
        expected = look_around(mark, trained)
        for node, look in zip(others, looks, strict=True):
            name = f"node {node['NodeManagerAddress']}"
            try:
                seen = ray.get(look, timeout=LOOK_SECONDS)
            except ray.exceptions.RayError as e:
                raise InputError(
                    f"--engine ray: {name}: c2seg-bench does not run there ({last_line(e)}); install this version "
                    "with the same Python, or take the node out of the cluster"
                ) from None
            compare(name, seen, expected, out)
    finally:
        mark.unlink(missing_ok=True)


def look_around(mark: Path, trained: list[Cell]) -> dict[str, Any]:
    """On a node: whether it sees a file, and what the numbers of these cells depend on."""
    from importlib.metadata import version

    from c2seg_bench.engine.request.code import scoring_code, training_code

    code = digest([[training_code(cell) for cell in trained], scoring_code()])
    return {"sees": mark.exists(), "torch": version("torch"), "code": code}


def compare(name: str, seen: dict[str, Any], expected: dict[str, Any], out: Path) -> None:
    """InputError, which names the node, where it sees something else than this process."""
    if not seen["sees"]:
        raise InputError(
            f"--engine ray: {name} does not see {out}; give --out a folder that all nodes share under one path"
        )
    if seen["torch"] != expected["torch"]:
        raise InputError(
            f"--engine ray: {name} has torch {seen['torch']}, this machine {expected['torch']}; install one version"
        )
    if seen["code"] != expected["code"]:
        raise InputError(
            f"--engine ray: {name} has other code of c2seg-bench or of a method than this machine; install one version"
        )


def last_line(error: BaseException) -> str:
    """The last line of an error's text, which in Ray's errors is that of the cause."""
    lines = str(error).strip().splitlines()
    return lines[-1].strip() if lines else type(error).__name__
