"""c2seg-bench models: every method with its parameters"""

from __future__ import annotations

from pathlib import Path
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
    name: Annotated[str | None, typer.Argument(help="One method: where it comes from, options, what differs.")] = None,
    size: Annotated[
        str, typer.Option(help="Size of the methods: paper, tiny, or another that a method has.")
    ] = "paper",
    text: Annotated[str | None, typer.Option(help="Frozen encoder: clip, minilm or bert (default: by size).")] = None,
    image_size: Annotated[int, typer.Option(help="Side of the pictures, in pixels.")] = 224,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list on stdout.")] = False,
    step: Annotated[
        int | None, typer.Option(help="Measure a training step of so many pictures too: memory and time, CPU.", min=1)
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Write the counts and why they differ as a Markdown page.")] = None,
    cards: Annotated[Path | None, typer.Option(help="Write what differs from the papers as a Markdown page.")] = None,
) -> None:
    """Every method with its parameters in millions, and the GFLOPs of one picture (a multiply-add is two).

    total = trainable + frozen text encoder; thop is what the counting tool behind most published figures would print
    (it misses KAN weights, embeddings and whatever a forward pass does not reach). Encoder: clip at size paper,
    minilm otherwise.

    Example: c2seg-bench models --size tiny --json
    """
    from c2seg_bench.cli.out import check_out

    for option, out in (("--page", page), ("--cards", cards)):
        if out is not None:
            check_out(option, out, ".md")
    if name is not None or cards is not None:
        _cards(name, cards, as_json)
        return
    encoder = text or ("clip" if size == "paper" else "minilm")
    rows = [_row(name, size, encoder, image_size, step) for name in _names(size)]
    if page is not None:
        write_page(page, rows, size, image_size, step)
        print(page)
    elif as_json:
        import json

        print(json.dumps(rows, indent=2))
    else:
        _table(rows, size)


def _cards(name: str | None, out: Path | None, as_json: bool) -> None:
    import json

    from c2seg_bench.pages.methods import about, markdown, write_cards

    if out is not None:
        write_cards(out)
        print(out)
    if name is not None:
        print(json.dumps(about(name), indent=2) if as_json else markdown(name))


def _names(size: str) -> list[str]:
    from baselines.errors import InputError
    from baselines.registry import get, names

    having = [name for name in names() if size in get(name).sizes]
    if not having:
        known = sorted({known for name in names() for known in get(name).sizes})
        raise InputError(f"--size {size}: no method has this size; there are: {', '.join(known)}")
    return having


def _row(name: str, size: str, encoder: str, image_size: int, step: int | None) -> dict[str, Any]:
    from baselines.contract import TextSpec
    from baselines.count import count, gflops
    from baselines.errors import InputError
    from baselines.registry import build, get

    if encoder not in ENCODERS:
        raise InputError(f"--text {encoder}: unknown encoder; there are: {', '.join(ENCODERS)}")
    dim, vocab, parameters = ENCODERS[encoder]
    spec = TextSpec(dim, PROMPT_LENGTH, vocab)
    card = get(name).card
    method = build(name, size, spec, image_size)
    counted = count(method, spec, image_size, parameters / 1e6 if card.uses_text else 0.0)
    row = {
        "name": card.name,
        "title": card.title,
        "year": card.year,
        "uses_text": card.uses_text,
        "params": {key: round(value, 6) for key, value in counted.items()},
        "published_params": card.published_params,
        "gflops": round(gflops(method, spec, image_size), 6),
    }
    if step is not None:
        from dataclasses import asdict

        from c2seg_bench.pages.footprint import training_step

        row["step"] = {"batch": step, **asdict(training_step(name, size, spec, image_size, step))}
    return row


def _table(rows: list[dict[str, Any]], size: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Methods at size {size}; parameters in millions", title_justify="left", box=SIMPLE_HEAD)
    table.pad_edge, table.collapse_padding = False, True
    for heading in ("name", "title", "year", "text"):
        table.add_column(heading, no_wrap=True)
    measured = ("step, GB", "step, s") if "step" in rows[0] else ()
    for heading in ("total", "trainable", "frozen text", "thop", "published", "GFLOPs", *measured):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        numbers = [f"{row['params'][key]:.2f}" for key in ("total", "trainable", "frozen_text", "thop")]
        published = "" if row["published_params"] is None else f"{row['published_params']:g}"
        words = [row["name"], row["title"], str(row["year"]), "yes" if row["uses_text"] else "no"]
        table.add_row(*words, *numbers, published, f"{row['gflops']:.1f}", *_measured(row))
    Console(width=max(Console().width, 100)).print(table)  # figures are never cut


def _measured(row: dict[str, Any]) -> list[str]:
    """Peak memory and seconds of the training step, where it was measured."""
    return [f"{row['step']['peak_gb']:.1f}", f"{row['step']['seconds']:.1f}"] if "step" in row else []


KINDS = {
    "trainable": "all that is trained",
    "thop": "what the counting tool prints",
    "total": "with the frozen encoder",
}
PAGE = """# What the published Params are

The published column mixes several ways of counting. Here each method at size {size}, in millions, counted four ways by
`{command}`:

- *trainable*: every parameter that gets a gradient; *frozen text*: the encoder beside it; *total*: both.
- *thop*: what the tool behind most tables prints. It adds up the layers it knows that a forward pass went through, and
  misses KAN weights, position tables, embeddings, multi-head attention and layers that did not run.

*Nearest*: the count that comes closest to the published figure, and how far it is off. *Why*: from the method's card.

| Method | Published | Trainable | thop | Frozen text | Total | Nearest | Why |
| --- | --- | --- | --- | --- | --- | --- | --- |
{lines}

## What a method costs

*GFLOPs*: billions of operations of one {image_size}x{image_size} picture and one prompt, as PyTorch counts them, a
multiply-add being two; the frozen text encoder, which runs once per distinct prompt, is not in it.{measured}

| Method | {headings} |
| --- | {rules} |
{costs}
"""
MEASURED = """ *Step*: peak memory of the
whole process and time of one training step (forward, backward, AdamW) of {step} pictures on 2 CPU threads."""


def write_page(out: Path, rows: list[dict[str, Any]], size: str, image_size: int, step: int | None) -> None:
    """The counts as a page, with what the cards say of them."""
    from c2seg_bench.files import atomic

    headings = ["GFLOPs", *(["Step, GB", "Step, s"] if step else [])]
    page = PAGE.format(
        size=size,
        image_size=image_size,
        command=f"c2seg-bench models{f' --step {step}' if step else ''} --page {out}",
        lines="\n".join(_line(row) for row in rows),
        measured=MEASURED.format(step=step) if step else "",
        headings=" | ".join(headings),
        rules=" | ".join("--:" for _ in headings),
        costs="\n".join(_cost(row) for row in rows),
    )
    with atomic(out) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _cost(row: dict[str, Any]) -> str:
    return "| " + " | ".join([row["title"], f"{row['gflops']:.1f}", *_measured(row)]) + " |"


def _line(row: dict[str, Any]) -> str:
    from baselines.registry import get

    counts, published = row["params"], row["published_params"]
    kind = min(KINDS, key=lambda k: abs(counts[k] - (published or 0)))
    off = "-" if published is None else f"{KINDS[kind]}, {100 * (counts[kind] / published - 1):+.1f} %"
    why = " ".join(
        d for d in get(row["name"]).card.deviations if any(w in d for w in (" M ", " M,", " M.", " M;", "param"))
    )
    figures = [f"{counts[k]:.2f}" for k in ("trainable", "thop", "frozen_text", "total")]
    cells = [row["title"], "-" if published is None else f"{published:g}", *figures, off, why.replace("|", "\\|")]
    return "| " + " | ".join(cells) + " |"
