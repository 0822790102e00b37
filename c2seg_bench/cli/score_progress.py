"""The progress bar of `score`, with the results so far."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from c2seg_bench.scoring.pair_scores import Progress


@contextmanager
def score_bar(console: Console | None = None) -> Iterator[Progress]:
    """Yields the function that `score_pairs` calls after each pair. The bar shows mean Dice and empty predictions.

    It is drawn only on a terminal, on stderr unless a console is given, and disappears at the end.
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from c2seg_bench.terminal.console import PlainConsole

    console = console or PlainConsole(stderr=True)
    columns = (
        TextColumn("score"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    dice, empty = 0.0, 0
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("", total=None)

        def update(done: int, total: int, row: dict[str, float]) -> None:
            nonlocal dice, empty
            dice, empty = dice + row["dice"], empty + int(row["pred_empty"])
            known = f"Dice {dice / done:.4f}, {empty} empty"
            shown.update(task, completed=done, total=total, description=known)

        yield update
