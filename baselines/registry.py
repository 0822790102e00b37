"""The methods that there are, by name. A new module in this folder with `@register` on its class is found by itself."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import Any, TypeVar

import baselines
from baselines.contract import Card, Method, TextSpec
from baselines.errors import InputError

_METHODS: dict[str, type[Method]] = {}
_NOT_METHODS = {"contract", "count", "errors", "layers", "losses", "registry"}
M = TypeVar("M", bound=Method)


def register(method: type[M]) -> type[M]:
    """Class decorator: make a method known under `card.name`.

    Raises TypeError where the card or the sizes are missing, and where another class has the name: both are mistakes
    of whoever adds a method, not of whoever calls it.
    """
    card, sizes = getattr(method, "card", None), getattr(method, "sizes", None)
    if not isinstance(card, Card):
        raise TypeError(f"{method.__name__}: a method needs card = Card(...)")
    if not isinstance(sizes, dict) or not {"paper", "tiny"} <= sizes.keys():
        raise TypeError(f"{method.__name__}: a method needs sizes = {{'paper': {{...}}, 'tiny': {{...}}}}")
    known = _METHODS.get(card.name)
    if known is not None and (known.__module__, known.__qualname__) != (method.__module__, method.__qualname__):
        raise TypeError(
            f"{method.__name__}: the name {card.name!r} is taken by {known.__module__}.{known.__qualname__}"
        )
    _METHODS[card.name] = method
    return method


@cache
def _import_all() -> None:
    for module in pkgutil.iter_modules(baselines.__path__):
        if module.name not in _NOT_METHODS and not module.name.startswith("_"):
            import_module(f"baselines.{module.name}")


def names() -> list[str]:
    """Names of all methods, sorted."""
    _import_all()
    return sorted(_METHODS)


def get(name: str) -> type[Method]:
    """The class of a method; InputError with the names there are where it is unknown."""
    _import_all()
    if name not in _METHODS:
        raise InputError(_unknown("method", name, _METHODS))
    return _METHODS[name]


def options(name: str, size: str = "paper") -> dict[str, Any]:
    """What `build` takes for a method besides the size, with the values that this size gives."""
    method = get(name)
    if size not in method.sizes:
        raise InputError(_unknown(f"size of {name}", size, method.sizes))
    defaults = {
        parameter.name: parameter.default
        for parameter in inspect.signature(method.__init__).parameters.values()
        if parameter.name not in ("self", "text", "image_size")
    }
    return {**defaults, **method.sizes[size]}


def build(name: str, size: str, text: TextSpec, image_size: int, **chosen: Any) -> Method:
    """A method with fresh weights from the global torch generator (seed it first).

    Args:
        name: of the method, see `names`.
        size: "paper", "tiny" or another of its sizes.
        text: the frozen encoder's dimensions.
        image_size: side of the square image, in pixels.
        **chosen: options of the method; they override the size's.

    Raises:
        InputError: an unknown name, size or option (told with those there are), or a value that the method refuses.
    """
    method = get(name)
    known = options(name, size)
    for option in chosen:
        if option not in known:
            raise InputError(_unknown(f"option of {name}", option, known))
    return method(text, image_size, **{**method.sizes[size], **chosen})


def _unknown(what: str, given: str, known: Iterable[str]) -> str:
    """One line: what is unknown, the nearest there is, all there are."""
    known = sorted(known)
    close = get_close_matches(str(given), known, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"unknown {what}: {given!r}; {hint}there are: {', '.join(known) or 'none'}"
