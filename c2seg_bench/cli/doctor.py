"""c2seg-bench doctor"""

from __future__ import annotations

from typing import Annotated

import typer

PACKAGES = ("torch", "monai", "transformers", "lightning-fabric", "numpy", "scipy", "numba", "pandas", "spacy")


def doctor(
    text: Annotated[
        list[str] | None,
        typer.Option(help="Load this text encoder too, e.g. clip=FOLDER; repeatable.", metavar="ENCODER"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Show what works on this machine: devices, text encoders, versions. Changes nothing and downloads nothing.

    Example: c2seg-bench doctor --json
    """
    import json

    loaded = {name: _load(name) for name in text or []}
    sections = {
        "versions": _versions(),
        "devices": _devices(),
        "encoders": {**_encoders(), **loaded},
        "datasets": _datasets(),
    }
    if as_json:
        print(json.dumps(sections))
        return
    for heading, rows in sections.items():
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
    """Whether the weights of each named encoder are on this machine; loads nothing and uses no network."""
    from c2seg_bench.errors import InputError
    from c2seg_bench.text.encoder_catalogue import ENCODERS, how_to_get, local_weights

    rows: dict[str, str] = {}
    for name, entry in ENCODERS.items():
        try:
            rows[name] = f"ready: {entry.description} ({local_weights(entry)})"
        except InputError:
            rows[name] = f"not installed: {entry.description}; {how_to_get(entry)}"
    return rows


def _load(name: str) -> str:
    import os

    os.environ["HF_HUB_OFFLINE"] = "1"  # no download; read when the hub is first imported
    from c2seg_bench.text.encoder import load_encoder

    encoder = load_encoder(name)
    return (
        f"loads: tokens {encoder.dim} wide, at most {encoder.max_tokens} of a prompt, {encoder.vocab_size} token ids, "
        f"{encoder.parameters / 1e6:.1f} M parameters"
    )


def _datasets() -> dict[str, str]:
    from c2seg_bench.data.source import SOURCES

    return {name: source.how for name, source in sorted(SOURCES.items())}
