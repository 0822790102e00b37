"""c2seg-bench doctor"""

from __future__ import annotations

from typing import Annotated, Any

import typer

PACKAGES = ("torch", "monai", "transformers", "lightning-fabric", "numpy", "scipy", "numba", "pandas", "spacy")


def doctor(as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False) -> None:
    """What works on this machine: devices, text encoders, versions. Changes nothing and downloads nothing.

    Example: c2seg-bench doctor --json
    """
    import json

    found = {"versions": _versions(), "devices": _devices(), "encoders": _encoders(), "datasets": _datasets()}
    if as_json:
        print(json.dumps(found))
        return
    for heading, rows in found.items():
        print(heading)
        for name, value in rows.items():
            print(f"  {name:24} {value}")


def _versions() -> dict[str, str]:
    import platform
    from importlib.metadata import PackageNotFoundError, version

    rows = {"python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}
    for package in ("c2seg-bench", *PACKAGES):
        try:
            rows[package] = version(package)
        except PackageNotFoundError:
            rows[package] = "not installed"
    return rows


def _devices() -> dict[str, str]:
    import os

    import torch

    rows = {"cpu": f"{os.cpu_count()} cores, {torch.get_num_threads()} threads by default"}
    for i in range(torch.cuda.device_count()):
        known = torch.cuda.get_device_properties(i)
        bf16 = "bf16" if torch.cuda.is_bf16_supported() else "no bf16"
        rows[f"cuda:{i}"] = f"{known.name}, {known.total_memory / 2**30:.0f} GiB, {bf16}"
    if not torch.cuda.is_available():
        rows["cuda"] = "none visible: suites with device: auto run on the CPU"
    return rows


def _encoders() -> dict[str, str]:
    import os

    os.environ["HF_HUB_OFFLINE"] = "1"  # what is here, not what could be fetched; read when the hub is first imported
    from c2seg_bench.errors import InputError
    from c2seg_bench.text.encoder import load_encoder

    rows: dict[str, Any] = {}
    for name in ("minilm", "clip"):
        try:
            rows[name] = f"ready, tokens {load_encoder(name).dim} wide"
        except InputError as e:
            rows[name] = f"not here: {e}"
    return rows


def _datasets() -> dict[str, str]:
    from c2seg_bench.data.source import SOURCES

    return {name: source.how for name, source in sorted(SOURCES.items())}
