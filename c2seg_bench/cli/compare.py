"""c2seg-bench compare: whether two results on the same images differ"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from c2seg_bench.exchange.compare import Comparison, Difference

SOURCE = "A CSV of score, RUN:METHOD (the folder of a run and a method's label in it), RUN, or a zip of export."


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help=SOURCE)],
    b: Annotated[str, typer.Argument(metavar="B", help="Like A. Differences are B - A.")],
    by: Annotated[str, typer.Option(help="Metric whose largest changes are listed.")] = "dice",
    top: Annotated[int, typer.Option(min=0, help="Number of images to list.")] = 5,
    condition: Annotated[str, typer.Option(help="Prompts: clean, or FAMILY-SEVERITY such as keyboard-3.")] = "clean",
    empty: Annotated[str, typer.Option(help="Distance to an empty mask: diagonal, skip or nan.")] = "diagonal",
    common: Annotated[bool, typer.Option("--common", help="Compare only the images that both have.")] = False,
    out: Annotated[Path | None, typer.Option(help="CSV to write, with A, B and B - A of every image.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The comparison as JSON on stdout.")] = False,
) -> None:
    """Compare two results on the same images: paired differences with 95 % intervals, and the images that changed most.

    If the interval of a difference excludes 0, chance in the choice of images does not explain it. Two runs without a
    method are compared method by method.

    Examples:

    c2seg-bench compare unet.csv mine.csv

    c2seg-bench compare results/quick:unet results/quick:c2seg --by hd95 --top 10

    c2seg-bench compare results/before results/after --condition keyboard-3 --json
    """
    import json

    from c2seg_bench.cli.out import check_out
    from c2seg_bench.exchange.compare import compare_all
    from c2seg_bench.exchange.scored import read_scored

    if out is not None:
        check_out("--out", out, ".csv", (Path(a), Path(b)))
    first, second = (read_scored(source, empty, condition) for source in (a, b))
    comparisons = compare_all(first, second, common)
    by = metric_of(by, comparisons)
    if out is not None:
        write_images(comparisons, out)
    if as_json:
        plain = [comparison.to_json(by, top) for comparison in comparisons]
        print(json.dumps({"condition": condition, "empty": empty, "comparisons": plain}, ensure_ascii=False))
        return
    for comparison in comparisons:
        show(comparison, by, top)


def metric_of(by: str, comparisons: list[Comparison]) -> str:
    """The name of the metric that is called so, by its name or by its title, in any case."""
    from c2seg_bench.errors import InputError

    for comparison in comparisons:
        names = {d.title.casefold(): d.metric for d in comparison.differences}
        names |= {d.metric: d.metric for d in comparison.differences}
        if by.casefold() not in names:
            raise InputError(
                f"--by {by}: no such metric in both; there are {', '.join(d.metric for d in comparison.differences)}"
            )
    return names[by.casefold()]


def write_images(comparisons: list[Comparison], out: Path) -> None:
    import pandas as pd

    from c2seg_bench.files import atomic

    parts = [c.images.assign(dataset=c.dataset, a=c.a, b=c.b) for c in comparisons]
    table = pd.concat(parts, ignore_index=True)
    first = ["dataset", "a", "b", "image"]
    with atomic(out) as temporary:
        table[[*first, *(c for c in table.columns if c not in first)]].to_csv(temporary, index=False)


def show(comparison: Comparison, by: str, top: int) -> None:
    """The differences and the images that changed most, as tables on the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Column, Table

    from c2seg_bench.terminal.console import PlainConsole

    console = PlainConsole()
    where = f", {comparison.dataset}" if comparison.dataset else ""
    title = f"A: {comparison.a}\nB: {comparison.b}\n{len(comparison.images)} images{where}"
    whole = [Column(header, no_wrap=True) for header in ("", "A", "B", "B - A", "95 % interval", "better/\nworse")]
    table = Table(*whole, "result", title=escape(title), box=SIMPLE_HEAD, pad_edge=False)
    table.collapse_padding = True  # it fits 80 columns
    for d in comparison.differences:
        table.add_row(*map(escape, difference_row(d)))
    console.print(table)
    console.print(
        "better/worse: images in which B is better or worse than A; n.s.: not significant. Paired bootstrap over "
        "images (and seeds). Of twenty metrics without a real difference, expect one to look different by chance."
    )
    if top:
        image = Column("image", overflow="fold")  # whole, so that it can be looked up
        changes = Table(image, "A", "B", "B - A", "prompt", title=f"Largest changes of {by}")
        for row in comparison.changed_most(by, top).to_dict("records"):
            prompt = row.get("prompt")
            numbers = (f"{row['a']:.1f}", f"{row['b']:.1f}", f"{row['difference']:+.1f}")
            changes.add_row(escape(row["image"]), *numbers, escape(prompt) if isinstance(prompt, str) else "")
        console.print(changes)


def difference_row(d: Difference) -> tuple[str, ...]:
    title = f"{d.title}, {d.unit}" if d.unit else d.title
    result = f"{d.better} better" if d.better else "n.s."
    return (
        title,
        f"{d.a:.2f}",
        f"{d.b:.2f}",
        f"{d.difference:+.2f}",
        f"[{d.lo:+.2f}, {d.hi:+.2f}]",
        f"{d.improved}/{d.worsened}" + (f" of {d.n}" if d.dropped else ""),
        result,
    )
