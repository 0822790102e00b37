"""The methods, by name. A module of this package with `@register` on its class is enough to add one.

Other distributions add methods through entry points of the group `c2seg_bench.methods`, and `load_file` adds those of a
single file. Importing this module needs no torch; the first lookup imports every method.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from baselines.errors import InputError
from baselines.option_types import typed
from baselines.plugins import Registry, unknown_name

if TYPE_CHECKING:
    from baselines.contract import Method, TextSpec

METHODS: Registry[type[Method]] = Registry("method", "baselines", plugins="c2seg_bench.methods")
M = TypeVar("M", bound="Method")


def register(method: type[M]) -> type[M]:
    """Class decorator: make a method known under `card.name`.

    Raises:
        TypeError: the card or the sizes are missing, or another class has the name.
    """
    from baselines.contract import Card

    card, sizes = getattr(method, "card", None), getattr(method, "sizes", None)
    if not isinstance(card, Card):
        raise TypeError(f"{method.__name__}: a method needs card = Card(...)")
    if not isinstance(sizes, dict) or not {"paper", "tiny"} <= sizes.keys():
        raise TypeError(f"{method.__name__}: a method needs sizes = {{'paper': {{...}}, 'tiny': {{...}}}}")
    METHODS.add(card.name, method, method)
    return method


def load_file(path: str | Path) -> list[str]:
    """Register the methods of a Python file, and return their names, sorted.

    Raises:
        InputError: there is no such file, it fails when it is imported, or it registers no method; one line.
    """
    from baselines.own_file import import_file

    names()  # first, so that a name that is already taken is reported as the file's mistake
    module = import_file(Path(path))
    own = sorted(name for name, method in METHODS.items() if method.__module__ == module.__name__)
    if not own:
        raise InputError(f"module {path}: registers no method; decorate its class with @register")
    return own


def names() -> list[str]:
    """Names of all methods, sorted."""
    return sorted(METHODS)


def get(name: str) -> type[Method]:
    """The class of a method; InputError with all known names if it is unknown."""
    return METHODS[name]


def options(name: str, size: str = "paper") -> dict[str, Any]:
    """The options that `build` takes for a method, with the values that this size gives them.

    Raises:
        InputError: an unknown name or size.
    """
    method = get(name)
    if size not in method.sizes:
        raise InputError(unknown_name(f"size of {name}", size, method.sizes))
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
        InputError: an unknown name, size or option (the message lists the known ones), a value of another type than
            the method states, or one that it refuses; an image size that is not a positive whole number.
    """
    method = get(name)
    known = options(name, size)
    for option in chosen:
        if option not in known:
            raise InputError(unknown_name(f"option of {name}", option, known))
    if not isinstance(image_size, int) or image_size < 1:
        raise InputError(f"{name}: image size {image_size!r}: expected a whole number of pixels, 1 or more")
    return method(text, image_size, **{**method.sizes[size], **typed(name, method, chosen)})
