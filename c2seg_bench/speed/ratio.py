"""The processor time of two ways to do the same work, taken in turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

ROUNDS = 3
LEAST, MOST = 0.3, 1.0  # seconds: rounds go on until ours took the one, or the peer's the other


@dataclass(frozen=True)
class Comparison:
    """What was done, by which peer, the seconds that both took, and for how many items, such as pairs of masks."""

    part: str
    work: str
    peer: str
    seconds: float
    peer_seconds: float
    items: int = 1

    @property
    def ratio(self) -> float:
        """How many times as long the peer takes."""
        return self.peer_seconds / self.seconds


def compare(
    part: str,
    work: str,
    peer: str,
    own: Callable[[], object],
    others: Callable[[], object],
    rounds: int = ROUNDS,
    items: int = 1,
    times: int = 1,
) -> Comparison:
    """Run both in turns, after one run of each to warm up, and keep each one's shortest time.

    Processor time, and the shortest of several, are what other work on the machine disturbs least.

    Args:
        part, work, peer, items: as in `Comparison`.
        own: does the work `times` times over; its time is divided by that.
        others: does it once.
        rounds: at least.
    """
    own(), others()
    taken: list[tuple[float, float]] = []
    while len(taken) < rounds or sum(t for t, _ in taken) < LEAST:
        taken.append((_seconds(own), _seconds(others)))
        if len(taken) >= rounds and sum(t for _, t in taken) > MOST:
            break
    return Comparison(part, work, peer, min(t for t, _ in taken) / times, min(t for _, t in taken), items)


def table(rows: Iterable[Comparison]) -> str:
    """The comparisons as Markdown."""
    lines = ["| Part | Work | Ours (ms) | Peer | Peer (ms) | Peer / ours |", "| --- | --- | --: | --- | --: | --: |"]
    for row in rows:
        own, peer = (f"{1e3 * seconds:.3g}" for seconds in (row.seconds, row.peer_seconds))
        lines.append(f"| {row.part} | {row.work} | {own} | {row.peer} | {peer} | {row.ratio:.1f} |")
    return "\n".join(lines)


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
