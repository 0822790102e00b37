"""The page docs/params.md: each method's parameters counted four ways, its operations, and a training step."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from baselines.contract import TextSpec
from baselines.count import count, gflops
from baselines.errors import InputError
from baselines.registry import build, get, names
from c2seg_bench.files import atomic
from c2seg_bench.pages.footprint import training_step


class FrozenEncoder(NamedTuple):
    """What counting needs to know of a text encoder: width of its tokens, size of its vocabulary, parameters."""

    dim: int
    vocab: int
    parameters: int


ENCODERS = {  # stored here, so that counting needs no weights
    "clip": FrozenEncoder(512, 49408, 63_428_096),
    "minilm": FrozenEncoder(384, 30522, 22_713_216),
    "bert": FrozenEncoder(768, 30522, 109_482_240),
}
PROMPT_LENGTH = 24  # tokens; only LViT's tiny size has a few weights that depend on it

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
{counts}

## What a method costs

*GFLOPs*: billions of operations of one {image_size}x{image_size} image and one prompt, as PyTorch counts them, a
multiply-add being two; the frozen text encoder, which runs once per distinct prompt, is not in it.{step_note}

| Method | {headings} |
| --- | {rules} |
{costs}
"""
STEP_NOTE = """ *Step*: peak memory of the
whole process and time of one training step (forward, backward, AdamW) of {step} images on 2 CPU threads."""


def names_of_size(size: str) -> list[str]:
    """The methods that have this size; InputError if none has."""
    methods = [name for name in names() if size in get(name).sizes]
    if not methods:
        known = sorted({known for name in names() for known in get(name).sizes})
        raise InputError(f"--size {size}: no method has this size; there are: {', '.join(known)}")
    return methods


def cost_of(name: str, size: str, encoder: str, image_size: int, step: int | None) -> dict[str, Any]:
    """One object of `c2seg-bench models --json`.

    Args:
        name, size: of the method.
        encoder: one of `ENCODERS`.
        image_size: side of the images, in pixels.
        step: images of a training step that is measured; None: none is.

    Raises:
        InputError: an unknown encoder.
    """
    if encoder not in ENCODERS:
        raise InputError(f"--text {encoder}: unknown encoder; there are: {', '.join(ENCODERS)}")
    frozen = ENCODERS[encoder]
    spec = TextSpec(frozen.dim, PROMPT_LENGTH, frozen.vocab)
    card, method = get(name).card, build(name, size, spec, image_size)
    counts = count(method, spec, image_size, frozen.parameters / 1e6 if card.uses_text else 0.0)
    row = {
        "name": card.name,
        "title": card.title,
        "year": card.year,
        "uses_text": card.uses_text,
        "params": {kind: round(millions, 6) for kind, millions in counts.items()},
        "published_params": card.published_params,
        "gflops": round(gflops(method, spec, image_size), 6),
    }
    if step is not None:
        row["step"] = {"batch": step, **asdict(training_step(name, size, spec, image_size, step))}
    return row


def write_page(out: Path, rows: list[dict[str, Any]], size: str, image_size: int, step: int | None) -> None:
    """The costs as a page, with what the cards say of parameters."""
    headings = ["GFLOPs", *(["Step, GB", "Step, s"] if step else [])]
    page = PAGE.format(
        size=size,
        image_size=image_size,
        command=f"c2seg-bench models{f' --step {step}' if step else ''} --page {out}",
        counts="\n".join(_count_line(row) for row in rows),
        step_note=STEP_NOTE.format(step=step) if step else "",
        headings=" | ".join(headings),
        rules=" | ".join("--:" for _ in headings),
        costs="\n".join(_cost_line(row) for row in rows),
    )
    with atomic(out) as temporary:
        temporary.write_text(page, encoding="utf-8")


def step_figures(row: dict[str, Any]) -> list[str]:
    """Peak memory and seconds of the training step; empty if none was measured."""
    return [f"{row['step']['peak_gb']:.1f}", f"{row['step']['seconds']:.1f}"] if "step" in row else []


def _count_line(row: dict[str, Any]) -> str:
    counts, published = row["params"], row["published_params"]
    nearest = min(KINDS, key=lambda kind: abs(counts[kind] - (published or 0)))
    off = "-" if published is None else f"{KINDS[nearest]}, {100 * (counts[nearest] / published - 1):+.1f} %"
    marks = (" M ", " M,", " M.", " M;", "param")  # of sentences about parameters
    deviations = get(row["name"]).card.deviations
    why = " ".join(sentence for sentence in deviations if any(mark in sentence for mark in marks))
    figures = [f"{counts[kind]:.2f}" for kind in ("trainable", "thop", "frozen_text", "total")]
    cells = [row["title"], "-" if published is None else f"{published:g}", *figures, off, why.replace("|", "\\|")]
    return "| " + " | ".join(cells) + " |"


def _cost_line(row: dict[str, Any]) -> str:
    return "| " + " | ".join([row["title"], f"{row['gflops']:.1f}", *step_figures(row)]) + " |"
