"""Methods that fail or answer nonsense: the run says so and goes on with the others; no score is made of nonsense."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.reliability.attempt import attempt, last_line
from tests.reliability.record import Row

PROMISE = "A bad method is reported by name, the others are scored, and no score is made of nonsense"
SUITE = """\
name: bad
size: tiny
device: cpu
datasets: {{phantom: {{source: phantom, size: 32, options: {{train: 4, val: 2, test: 2}}}}}}
methods: [{name}, good]
train: {{epochs: 1, batch: 2, lr: 0.01}}
score: {{bootstrap: 100}}
"""
HARMLESS = (
    "prints",
    "warns",
    "changes the seed",
    "changes the folder",
    "half precision",
    "huge logits",
    "infinite logits at prediction",
)


def tries(folder: Path, number: int = 30) -> Iterator[tuple[str, Callable[[], Row]]]:
    for name in list(faults())[:number]:
        yield name, lambda name=name: bad(name, folder)


def bad(name: str, folder: Path) -> Row:
    """A run of the bad method and a good one."""
    import pandas as pd

    from tests.reliability.small_run import run_to_scores, write_suite

    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    suite = write_suite(folder, SUITE.format(name="bad"))

    def run() -> None:
        register_both(name)
        run_to_scores(suite, out)

    ending = attempt(run, folder / "log")
    broken, lines = "", [line for line in ending.err.splitlines() if "FAILED" in line]
    scored = set()
    if (out / "cells").exists():
        files = list((out / "cells").rglob("scores.parquet"))
        scored = {method for file in files for method in pd.read_parquet(file)["method"]}
    if ending.cpu > 20 or ending.megabytes > 2048:
        broken = f"took {ending.cpu:.0f} s and {ending.megabytes} MB"
    elif name in HARMLESS:
        broken = (
            ""
            if ending.code == 0 and scored == {"bad", "good"}
            else f"exit code {ending.code}: {last_line(ending.err)}"
        )
    elif ending.code not in (1, 2):
        broken = f"exit code {ending.code}, scored {sorted(scored)}"
    elif "bad" in scored:
        broken = "scores were made of nonsense"
    elif len(ending.errors) != 1:
        broken = f"{len(ending.errors)} lines of error: {last_line(ending.err)}"
    elif ending.code == 1 and not (lines and lines[0].split("FAILED:")[1].strip()):
        broken = f"no reason given: {lines[:1]}"
    elif ending.code == 1 and scored != {"good"}:
        broken = "the good method was not scored"
    return Row(name, broken, ending.cpu, ending.megabytes)


def register_both(fault: str) -> None:
    """Make the methods `good` and `bad` known in this process."""
    import torch
    from torch import nn

    from baselines.contract import Card, Method
    from baselines.registry import register

    def card_of(name: str) -> Card:
        return Card(name, name, 2026, "", "", False, None, None, ())

    class Good(Method):
        card = card_of("good")
        sizes = {"paper": {}, "tiny": {}}

        def __init__(self, text: Any, image_size: int) -> None:
            super().__init__(text, image_size)
            self.layer = nn.Conv2d(3, 1, 3, padding=1)

        def decode(self, features: torch.Tensor, text: Any) -> torch.Tensor:
            return self.layer(features)

    register(Good)
    register(
        type(
            "Bad", (Good,), {"card": card_of("bad"), "sizes": {"paper": {}, "tiny": {}}, **faults()[fault](Good, torch)}
        )
    )


def faults() -> dict[str, Callable[[Any, Any], dict[str, Any]]]:
    """What each bad method has instead of the good one's: attributes, made of the good class and torch."""

    def answers(change: Callable[[Any, Any, Any], Any]) -> Callable[[Any, Any], dict[str, Any]]:
        """A `decode` that changes the good one's logits: (logits, torch, self)."""
        return lambda good, torch: {
            "decode": lambda self, features, text: change(good.decode(self, features, text), torch, self)
        }

    def at_prediction(change: Callable[[Any, Any, Any], Any]) -> Callable[[Any, Any], dict[str, Any]]:
        return answers(lambda logits, torch, self: logits if self.training else change(logits, torch, self))

    def fails(error: BaseException) -> Callable[[Any, Any], dict[str, Any]]:
        def change(logits: Any, torch: Any, self: Any) -> Any:
            raise error

        return answers(change)

    def first(logits: Any, action: Callable[[], Any]) -> Any:
        action()
        return logits

    def init(action: Callable[[Any], Any]) -> Callable[[Any, Any], dict[str, Any]]:
        def make(good: Any, torch: Any) -> dict[str, Any]:
            def __init__(self: Any, text: Any, image_size: int) -> None:
                good.__init__(self, text, image_size)
                action(self)

            return {"__init__": __init__}

        return make

    def raises(error: BaseException) -> Callable[[Any], Any]:
        def action(self: Any) -> None:
            raise error

        return action

    def recurse(logits: Any, torch: Any, self: Any) -> Any:
        return recurse(logits, torch, self)

    def loss(change: Callable[[Any, Any], Any]) -> Callable[[Any, Any], dict[str, Any]]:
        return lambda good, torch: {
            "loss": lambda self, *args, **options: change(good.loss(self, *args, **options), torch)
        }

    return {
        "NaN logits": answers(lambda x, torch, self: x * float("nan")),
        "NaN logits at prediction": at_prediction(lambda x, torch, self: x * float("nan")),
        "one NaN pixel at prediction": at_prediction(lambda x, torch, self: x.masked_fill(x == x.max(), float("nan"))),
        "infinite logits at prediction": at_prediction(lambda x, torch, self: x / 0),
        "two channels": answers(lambda x, torch, self: torch.cat([x, x], 1)),
        "two channels at prediction": at_prediction(lambda x, torch, self: torch.cat([x, x], 1)),
        "no channel": answers(lambda x, torch, self: x[:, 0]),
        "half the size": answers(lambda x, torch, self: x[..., ::2, ::2]),
        "half the size at prediction": at_prediction(lambda x, torch, self: x[..., ::2, ::2]),
        "one picture fewer at prediction": at_prediction(lambda x, torch, self: x[:-1]),
        "None": answers(lambda x, torch, self: None),
        "a tuple": answers(lambda x, torch, self: (x, x)),
        "NumPy": answers(lambda x, torch, self: x.detach().numpy()),
        "text at prediction": at_prediction(lambda x, torch, self: "mask"),
        "ValueError": fails(ValueError("bad value")),
        "an error without text": fails(RuntimeError()),
        "an error of many lines": fails(RuntimeError("one\ntwo\nthree\x1b[31m")),
        "sys.exit(0)": fails(SystemExit(0)),
        "sys.exit(3)": fails(SystemExit(3)),
        "recursion": answers(recurse),
        "KeyError in __init__": init(raises(KeyError("layers"))),
        "sys.exit in __init__": init(raises(SystemExit(0))),
        "loss of NaN": loss(lambda x, torch: x * float("nan")),
        "loss of a vector": loss(lambda x, torch: x.repeat(3)),
        "loss without gradient": loss(lambda x, torch: x.detach()),
        "NaN in a weight": init(lambda self: self.layer.weight.data.fill_(float("nan"))),
        "prints": answers(lambda x, torch, self: first(x, lambda: print("hello"))),
        "warns": answers(lambda x, torch, self: first(x, lambda: __import__("warnings").warn("careful", stacklevel=1))),
        "changes the seed": answers(lambda x, torch, self: first(x, lambda: torch.manual_seed(0))),
        "changes the folder": answers(lambda x, torch, self: first(x, lambda: os.chdir("/"))),
        "half precision": answers(lambda x, torch, self: x.half().float()),
        "huge logits": answers(lambda x, torch, self: x * 1e6),
        "takes 3 GB": answers(lambda x, torch, self: first(x, lambda: raise_memory_error())),
        "no weights": init(lambda self: delattr(self, "layer")),
    }


def raise_memory_error() -> None:
    raise MemoryError(f"no room in {sys.platform}")
