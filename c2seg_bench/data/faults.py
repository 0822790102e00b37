"""How a reader reports a fault in a dataset: raise it, or add it to a list and go on."""

from __future__ import annotations

from collections.abc import Callable

from c2seg_bench.errors import InputError

Complain = Callable[[str], None]  # gets one line per fault; if it returns, the reader goes on


def refuse(fault: str) -> None:
    """The default `Complain`: the first fault ends the reading."""
    raise InputError(fault)
