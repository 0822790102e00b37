"""Methods with one fault each, made of a good one."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from baselines.contract import Card, Method
from baselines.registry import register

Attributes = dict[str, Any]  # what a bad method has instead of the good one's
Change = Callable[[Tensor], Any]


def card_of(name: str) -> Card:
    return Card(name, name, 2026, "", "", False, None, None, ())


class Good(Method):
    """One convolution."""

    card = card_of("good")
    sizes = {"paper": {}, "tiny": {}}

    def __init__(self, text: Any, image_size: int) -> None:
        super().__init__(text, image_size)
        self.layer = nn.Conv2d(3, 1, 3, padding=1)

    def decode(self, features: Tensor, text: Any) -> Tensor:
        return self.layer(features)


def register_methods(fault: str) -> None:
    """Register the methods `good` and `bad` in this process."""
    register(Good)
    register(type("Bad", (Good,), {"card": card_of("bad"), "sizes": Good.sizes, **FAULTS[fault]}))


def answers(change: Change) -> Attributes:
    """The logits are changed."""
    return {"decode": lambda self, features, text: change(Good.decode(self, features, text))}


def at_prediction(change: Change) -> Attributes:
    """The logits are changed where the method is not in training."""

    def decode(self: Method, features: Tensor, text: Any) -> Any:
        logits = Good.decode(self, features, text)
        return logits if self.training else change(logits)

    return {"decode": decode}


def before_answer(action: Callable[[], Any]) -> Attributes:
    """Something is done before each answer, and the answer is the good one."""

    def change(logits: Tensor) -> Tensor:
        action()
        return logits

    return answers(change)


def fails(error: BaseException) -> Attributes:
    return before_answer(lambda: throw(error))


def at_start(action: Callable[[Any], Any]) -> Attributes:
    """Something is done at the end of `__init__`."""

    def __init__(self: Any, text: Any, image_size: int) -> None:
        Good.__init__(self, text, image_size)
        action(self)

    return {"__init__": __init__}


def loss(change: Change) -> Attributes:
    """The loss is changed."""
    return {"loss": lambda self, *args, **options: change(Good.loss(self, *args, **options))}


def throw(error: BaseException) -> None:
    raise error


def recurse(logits: Tensor) -> Tensor:
    return recurse(logits)


NAN = float("nan")
NONSENSE: dict[str, Attributes] = {
    "NaN logits": answers(lambda x: x * NAN),
    "NaN logits at prediction": at_prediction(lambda x: x * NAN),
    "one NaN pixel at prediction": at_prediction(lambda x: x.masked_fill(x == x.max(), NAN)),
    "two channels": answers(lambda x: torch.cat([x, x], 1)),
    "two channels at prediction": at_prediction(lambda x: torch.cat([x, x], 1)),
    "no channel": answers(lambda x: x[:, 0]),
    "half the size": answers(lambda x: x[..., ::2, ::2]),
    "half the size at prediction": at_prediction(lambda x: x[..., ::2, ::2]),
    "one image fewer at prediction": at_prediction(lambda x: x[:-1]),
    "None": answers(lambda x: None),
    "a tuple": answers(lambda x: (x, x)),
    "NumPy": answers(lambda x: x.detach().numpy()),
    "text at prediction": at_prediction(lambda x: "mask"),
    "ValueError": fails(ValueError("bad value")),
    "an error without text": fails(RuntimeError()),
    "an error of many lines": fails(RuntimeError("one\ntwo\nthree\x1b[31m")),
    "sys.exit(0)": fails(SystemExit(0)),
    "sys.exit(3)": fails(SystemExit(3)),
    "recursion": answers(recurse),
    "KeyError in __init__": at_start(lambda self: throw(KeyError("layers"))),
    "sys.exit in __init__": at_start(lambda self: throw(SystemExit(0))),
    "loss of NaN": loss(lambda x: x * NAN),
    "loss of a vector": loss(lambda x: x.repeat(3)),
    "loss without gradient": loss(lambda x: x.detach()),
    "NaN in a weight": at_start(lambda self: self.layer.weight.data.fill_(NAN)),
    "out of memory": fails(MemoryError("no room")),
    "no weights": at_start(lambda self: delattr(self, "layer")),
}
HARMLESS: dict[str, Attributes] = {
    "prints": before_answer(lambda: print("hello")),
    "warns": before_answer(lambda: warnings.warn("careful", stacklevel=1)),
    "changes the seed": before_answer(lambda: torch.manual_seed(0)),
    "changes the folder": before_answer(lambda: os.chdir("/")),
    "half precision": answers(lambda x: x.half().float()),
    "huge logits": answers(lambda x: x * 1e6),
    "infinite logits at prediction": at_prediction(lambda x: x / 0),
}
FAULTS = NONSENSE | HARMLESS
