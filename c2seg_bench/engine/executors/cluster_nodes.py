"""The nodes of a Ray cluster, and what one cell reserves of a node."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

from c2seg_bench.engine.executors.cluster import ClusterOptions
from c2seg_bench.errors import InputError
from c2seg_bench.suite import Suite

GIB = 2**30


@dataclass(frozen=True)
class Needs:
    """What one cell reserves of a node.

    Args:
        memory: bytes; 0: no reservation.
    """

    cpus: int
    gpus: float
    memory: int

    @classmethod
    def of(cls, suite: Suite, options: ClusterOptions, cluster: dict[str, float]) -> Needs:
        """What the suite's cells need. InputError if the options contradict the suite or the cluster.

        Args:
            cluster: resource -> total of all nodes, as Ray has them.
        """
        devices, has_gpus = suite.devices, cluster.get("GPU", 0) > 0
        if suite.device == "cuda" and not has_gpus:
            raise InputError("device: cuda, but the Ray cluster has no GPU; set device: auto or cpu")
        default = devices if suite.device != "cpu" and has_gpus else 0
        gpus = default if options.gpus is None else options.gpus
        if gpus and suite.device == "cpu":
            raise InputError(f"--gpus {gpus:g}: the suite says device: cpu; leave --gpus out, or set device: auto")
        if not gpus and suite.device == "cuda":
            raise InputError("--gpus 0: the suite says device: cuda; leave --gpus out, or set device: cpu")
        if gpus and devices > 1 and gpus != devices:
            raise InputError(f"--gpus {gpus:g}: a cell of this suite trains on devices: {devices}; leave --gpus out")
        return cls(suite.threads * devices, gpus, int((options.memory or 0) * GIB))

    def fit(self, node: dict[str, float]) -> bool:
        """Whether a node with these resources can take a cell."""
        return (
            node.get("CPU", 0) >= self.cpus and node.get("GPU", 0) >= self.gpus and node.get("memory", 0) >= self.memory
        )

    def __str__(self) -> str:
        parts = [counted(self.cpus, "CPU")]
        parts += [counted(self.gpus, "GPU")] * (self.gpus > 0)
        parts += [f"{self.memory / GIB:g} GiB"] * (self.memory > 0)
        return ", ".join(parts)


def counted(number: float, unit: str) -> str:
    """A number with its unit: "1 CPU", "0 CPUs", "0.5 GPU"."""
    return f"{number:g} {unit}{'s' if number > 1 or number == 0 else ''}"


def nodes(ray: ModuleType) -> list[dict[str, Any]]:
    """The nodes that are alive, as Ray describes them."""
    return [node for node in ray.nodes() if node["Alive"]]


def room_for(ray: ModuleType, needs: Needs) -> bool:
    """Whether some node, when it is idle, can take a cell."""
    return any(needs.fit(node["Resources"]) for node in nodes(ray))


def check_room(ray: ModuleType, needs: Needs) -> None:
    """InputError if no node can ever take a cell; Ray would wait for one forever."""
    if not room_for(ray, needs):
        cpus, gpus, memory = (
            max((node["Resources"].get(name, 0) for node in nodes(ray)), default=0) for name in ("CPU", "GPU", "memory")
        )
        raise InputError(
            f"--engine ray: a cell needs {needs}, and no node has as much; the largest have {counted(cpus, 'CPU')}, "
            f"{counted(gpus, 'GPU')}, {memory / GIB:.1f} GiB; lower threads, --gpus or --memory"
        )


def described_cluster(ray: ModuleType) -> str:
    """The cluster in one line, e.g. "Ray: 2 nodes, 8 CPUs, 1 GPU"."""
    total = ray.cluster_resources()
    parts = counted(len(nodes(ray)), "node"), *(counted(total.get(unit, 0), unit) for unit in ("CPU", "GPU"))
    return f"Ray: {', '.join(parts)}"
