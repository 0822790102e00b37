"""Progress on the terminal: one line per running cell, with its loss, Dice and time left."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from c2seg_bench.engine.display import progress
from c2seg_bench.suite import AnyCell


class Watch:
    """Shows the cells' progress files while it is open. Where the output is no terminal, prints finished cells only."""

    def __init__(self, cells: Iterable[AnyCell], console: Console):
        self.cells, self.console = list(cells), console
        self.bars = Progress(
            TextColumn("{task.description}"), BarColumn(24), TextColumn("{task.fields[status]}"), console=console
        )
        self.tasks = {id(c): self.bars.add_task(c.title, visible=False, total=1, status="") for c in self.cells}
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Watch:
        if self.console.is_terminal:
            self.bars.start()
            self.thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop.set()
        if self.console.is_terminal:
            self.thread.join()
            self.bars.stop()

    def done(self, cell: AnyCell, line: str) -> None:
        self.bars.update(self.tasks[id(cell)], visible=False)
        self.cells = [c for c in self.cells if c is not cell]
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _follow(self) -> None:
        while not self.stop.wait(0.5):
            for cell in self.cells:
                state = progress.read(cell.folder)
                if state:
                    self.bars.update(
                        self.tasks[id(cell)],
                        visible=True,
                        total=state["total"],
                        completed=state["done"],
                        status=status(state),
                    )


def status(state: dict[str, Any]) -> str:
    """One line of text for a progress state."""
    parts = [state["stage"], f"{state['done']}/{state['total']}"]
    if state.get("loss") is not None:
        parts.append(f"loss {state['loss']:.3f}")
    if state.get("best") is not None and state["stage"] == "train":
        parts.append(f"best val Dice {100 * state['best']:.1f}")
    if state.get("left") is not None:
        minutes, seconds = divmod(int(state["left"]), 60)
        parts.append(f"{minutes}:{seconds:02d} left")
    return "  ".join(parts)
