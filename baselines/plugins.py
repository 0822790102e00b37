"""A registry that loads its entries itself, from the modules of packages and from plug-ins of other distributions."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from threading import RLock
from typing import Any, Generic, TypeVar

from baselines.errors import InputError

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """Entries by name, complete at every lookup.

    The first lookup imports every module of `packages`, except those whose names start with an underscore, and loads
    every entry point of the group `plugins`. These call `add`, usually through a decorator. A module or plug-in that
    cannot be loaded causes one warning, which is repeated in messages about unknown names; the others stay usable.

    Args:
        kind: of the entries, for messages.
        *packages: dotted names of packages.
        plugins: group of entry points, by which another distribution adds a module or a package.
        error: raised for an unknown name, in one line with the nearest name and all known ones.
    """

    def __init__(self, kind: str, *packages: str, plugins: str, error: type[Exception] = InputError):
        self.kind, self.plugins, self.error = kind, plugins, error
        self.broken: dict[str, str] = {}  # module or plug-in -> why it could not be loaded
        self._entries: dict[str, T] = {}
        self._origins: dict[str, str] = {}
        self._packages = dict.fromkeys(packages)  # not imported yet
        self._plugins_loaded = False
        self._lock = RLock()

    def add(self, name: str, entry: T, definition: Any) -> None:
        """Register an entry under its name.

        Args:
            name: what users write.
            entry: what a lookup returns.
            definition: the class or function that defines it; adding the same one again changes nothing.

        Raises:
            TypeError: another definition has this name.
        """
        origin = f"{definition.__module__}.{definition.__qualname__}"
        if self._origins.setdefault(name, origin) != origin:
            raise TypeError(f"{definition.__name__}: the name {name!r} is taken by {self._origins[name]}")
        self._entries[name] = entry

    def include(self, package: str) -> None:
        """Import the modules of one more package at the next lookup."""
        self._packages[package] = None

    def _loaded(self) -> dict[str, T]:
        import pkgutil  # here, because every command imports this module and few look anything up
        from importlib import metadata

        with self._lock:
            while self._packages:
                package = next(iter(self._packages))
                for module in pkgutil.iter_modules(import_module(package).__path__):
                    if not module.name.startswith("_"):
                        name = f"{package}.{module.name}"
                        self._load(name, f"module {name}", partial(import_module, name))
                self._packages.pop(package, None)
            if not self._plugins_loaded:
                self._plugins_loaded = True
                for plugin in metadata.entry_points(group=self.plugins):
                    source = f" of {plugin.dist.name}" if plugin.dist else ""
                    self._load(plugin.name, f"plug-in {plugin.name!r}{source} ({plugin.value})", plugin.load)
        return self._entries

    def _load(self, name: str, description: str, load: Callable[[], Any]) -> None:
        try:
            load()
        except Exception as e:  # whatever the code raises, the rest stays usable
            self.broken[name] = f"{description}: {type(e).__name__}: {e}"
            warnings.warn(f"{self.kind}: {self.broken[name]}; it is left out", stacklevel=2)

    def __getitem__(self, name: str) -> T:
        entries = self._loaded()
        if name not in entries:
            broken = "".join(f"; not loaded: {why}" for why in self.broken.values())
            raise self.error(unknown_name(self.kind, name, entries) + broken)
        return entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._loaded()

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded())

    def __len__(self) -> int:
        return len(self._loaded())


def unknown_name(kind: str, given: str, known: Iterable[str]) -> str:
    """One line: what is unknown, the nearest known name, all known names."""
    known = sorted(known)
    close = get_close_matches(str(given), known, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"unknown {kind}: {given!r}; {hint}there are: {', '.join(known) or 'none'}"
