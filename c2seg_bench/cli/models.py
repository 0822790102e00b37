"""c2seg-bench models: every method with its parameters"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def models(
    name: Annotated[
        str | None, typer.Argument(help="Show one method: its paper, options, and differences from it.")
    ] = None,
    size: Annotated[
        str, typer.Option(help="Size of the methods: paper, tiny, or another that a method has.")
    ] = "paper",
    text: Annotated[str | None, typer.Option(help="Frozen encoder: clip, minilm or bert (default: by size).")] = None,
    image_size: Annotated[int, typer.Option(help="Side of the images, in pixels.")] = 224,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list on stdout.")] = False,
    step: Annotated[
        int | None, typer.Option(help="Also measure a training step of this many images on the CPU.", min=1)
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Write the counts to a Markdown page, with explanations.")] = None,
    cards: Annotated[
        Path | None, typer.Option(help="Write all cards to a Markdown page: papers, options, differences.")
    ] = None,
) -> None:
    """List all methods with their parameters in millions, and the GFLOPs of one image (a multiply-add is two).

    total = trainable + frozen text encoder. thop is the count of the tool behind most published figures, which misses
    KAN weights, embeddings and layers that the forward pass does not use. The encoder is clip at size paper, minilm
    otherwise.

    Example: c2seg-bench models --size tiny --json
    """
    import json

    from c2seg_bench.cli.out import check_out

    for option, out in (("--page", page), ("--cards", cards)):
        if out is not None:
            check_out(option, out, ".md")
    if name is not None or cards is not None:
        show_cards(name, cards, as_json)
        return

    from c2seg_bench.pages import params

    encoder = text or ("clip" if size == "paper" else "minilm")
    rows = [params.cost_of(name, size, encoder, image_size, step) for name in params.names_of_size(size)]
    if page is not None:
        params.write_page(page, rows, size, image_size, step)
        print(page)
    elif as_json:
        print(json.dumps(rows, indent=2))
    else:
        show_costs(rows, size)


def show_cards(name: str | None, out: Path | None, as_json: bool) -> None:
    """Write all cards to a page, print one, or both."""
    import json

    from c2seg_bench.pages.methods import card_of, markdown, write_cards

    if out is not None:
        write_cards(out)
        print(out)
    if name is not None:
        print(json.dumps(card_of(name), indent=2) if as_json else markdown(name))


def show_costs(rows: list[dict[str, Any]], size: str) -> None:
    """One line per method."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from c2seg_bench.pages.params import step_figures

    table = Table(title=f"Methods at size {size}; parameters in millions", title_justify="left", box=SIMPLE_HEAD)
    table.pad_edge, table.collapse_padding = False, True
    for heading in ("name", "title", "year", "text"):
        table.add_column(heading, no_wrap=True)
    of_step = ("step, GB", "step, s") if "step" in rows[0] else ()
    for heading in ("total", "trainable", "frozen text", "thop", "published", "GFLOPs", *of_step):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        described = [row["name"], row["title"], str(row["year"]), "yes" if row["uses_text"] else "no"]
        counts = [f"{row['params'][kind]:.2f}" for kind in ("total", "trainable", "frozen_text", "thop")]
        published = "" if row["published_params"] is None else f"{row['published_params']:g}"
        table.add_row(*described, *counts, published, f"{row['gflops']:.1f}", *step_figures(row))
    Console(width=max(Console().width, 100)).print(table)  # a narrow terminal would cut figures
