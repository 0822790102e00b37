"""What the modules of a package register by name, found when the first of it is asked for."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Generic, TypeVar

from c2seg_bench.errors import InputError

T = TypeVar("T")


class Found(Mapping[str, T], Generic[T]):
    """Things by name. A new module in the package that calls `add` is found by itself.

    Args:
        package: whose modules are imported, once.
        what: a thing is, for the message where a name is unknown.
    """

    def __init__(self, package: str, what: str):
        self.package, self.what = package, what
        self._known: dict[str, T] = {}
        self._complete = False

    def add(self, name: str, thing: T) -> None:
        """Make a thing known; a later one of the same name takes its place."""
        self._known[name] = thing

    def _all(self) -> dict[str, T]:
        if not self._complete:
            for module in pkgutil.iter_modules(import_module(self.package).__path__):
                import_module(f"{self.package}.{module.name}")
            self._complete = True
        return self._known

    def __getitem__(self, name: str) -> T:
        known = self._all()
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            raise InputError(f"unknown {self.what}: {name!r}; {hint}there are: {', '.join(sorted(known))}")
        return known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._all()

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())
