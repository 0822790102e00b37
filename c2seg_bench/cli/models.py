"""c2seg-bench models: every method with its parameters"""

from __future__ import annotations

from typing import Annotated, Any

import typer

# tokens' width, vocabulary and parameters of the frozen encoders, so that counting needs no weights
ENCODERS = {
    "clip": (512, 49408, 63_428_096),
    "minilm": (384, 30522, 22_713_216),
    "bert": (768, 30522, 109_482_240),
}
PROMPT_LENGTH = 24  # tokens; only LViT's tiny size, which keeps all of them, has a few weights that depend on it


def models(
    size: Annotated[
        str, typer.Option(help="Size of the methods: paper, tiny, or another that a method has.")
    ] = "paper",
    text: Annotated[str | None, typer.Option(help="Frozen encoder: clip, minilm or bert (default: by size).")] = None,
    image_size: Annotated[int, typer.Option(help="Side of the pictures, in pixels.")] = 224,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list on stdout.")] = False,
) -> None:
    """Every method with its parameters in millions.

    total = trainable + frozen text encoder; thop is what the counting tool behind most published figures would print
    (it misses KAN weights, embeddings and whatever a forward pass does not reach). Encoder: clip at size paper,
    minilm otherwise.

    Example: c2seg-bench models --size tiny --json
    """
    rows = [_row(name, size, text or ("clip" if size == "paper" else "minilm"), image_size) for name in _names(size)]
    if as_json:
        import json

        print(json.dumps(rows, indent=2))
    else:
        _table(rows, size)


def _names(size: str) -> list[str]:
    from baselines.errors import InputError
    from c2seg_bench.methods import get, names

    having = [name for name in names() if size in get(name).sizes]
    if not having:
        known = sorted({known for name in names() for known in get(name).sizes})
        raise InputError(f"--size {size}: no method has this size; there are: {', '.join(known)}")
    return having


def _row(name: str, size: str, encoder: str, image_size: int) -> dict[str, Any]:
    from baselines.contract import TextSpec
    from baselines.count import count
    from baselines.errors import InputError
    from c2seg_bench.methods import build, get

    if encoder not in ENCODERS:
        raise InputError(f"--text {encoder}: unknown encoder; there are: {', '.join(ENCODERS)}")
    dim, vocab, parameters = ENCODERS[encoder]
    spec = TextSpec(dim, PROMPT_LENGTH, vocab)
    card = get(name).card
    counted = count(build(name, size, spec, image_size), spec, image_size, parameters / 1e6 if card.uses_text else 0.0)
    return {
        "name": card.name,
        "title": card.title,
        "year": card.year,
        "uses_text": card.uses_text,
        "params": {key: round(value, 6) for key, value in counted.items()},
        "published_params": card.published_params,
    }


def _table(rows: list[dict[str, Any]], size: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Methods at size {size}; parameters in millions", title_justify="left", box=SIMPLE_HEAD)
    table.pad_edge, table.collapse_padding = False, True
    for heading in ("name", "title", "year", "text"):
        table.add_column(heading, no_wrap=True)
    for heading in ("total", "trainable", "frozen text", "thop", "published"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        numbers = [f"{row['params'][key]:.2f}" for key in ("total", "trainable", "frozen_text", "thop")]
        published = "" if row["published_params"] is None else f"{row['published_params']:g}"
        words = [row["name"], row["title"], str(row["year"]), "yes" if row["uses_text"] else "no"]
        table.add_row(*words, *numbers, published)
    Console(width=max(Console().width, 100)).print(table)  # figures are never cut
