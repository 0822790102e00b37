"""Digests of the code of modules and of what they import, so that an edit is noticed.

A digest is of the syntax tree without docstrings: comments and formatting do not count. Imports are read from the
source, without running it; code that is loaded by other means is not followed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib.util import find_spec, resolve_name
from pathlib import Path

from c2seg_bench.files.digests import sha256


def module_digests(roots: Iterable[str], packages: Collection[str], left_out: Collection[str] = ()) -> dict[str, str]:
    """Module -> digest of the roots and of all modules of the packages that they import, directly or not.

    Args:
        roots: names of modules.
        packages: names of packages, or of single modules, that imports are followed into.
        left_out: modules that do not count, and whose imports are not followed.
    """
    digests: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        path = None if module in digests or module in left_out else _source(module)
        if path is None:
            continue
        stat = path.stat()
        digests[module], imported = _read(module, path, stat.st_mtime_ns, stat.st_size)
        waiting += [name for name in imported if _is_in(name, packages)]
    return dict(sorted(digests.items()))


def _is_in(module: str, packages: Collection[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def _source(module: str) -> Path | None:
    """The module's file; None for a name that is no module, such as a class in `from module import Class`."""
    known = getattr(sys.modules.get(module), "__file__", None)
    if known is None:
        try:
            spec = find_spec(module)
        except (ImportError, AttributeError, ValueError):
            return None
        known = spec.origin if spec else None
    path = Path(known) if known else None
    return path if path and path.suffix == ".py" and path.is_file() else None


@cache
def _read(module: str, path: Path, modified: int, size: int) -> tuple[str, tuple[str, ...]]:
    """Digest of a file's code, and the names that it imports. `modified` and `size` tell versions of the file apart."""
    tree = ast.parse(path.read_bytes())
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    imported = tuple(dict.fromkeys(imported_names(tree, package)))
    _strip_docstrings(tree)
    return sha256(ast.unparse(tree).encode()), imported


def _strip_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]


def imported_names(tree: ast.AST, package: str) -> Iterator[str]:
    """Names of imported modules and, because it cannot be seen which are modules, of everything imported from them."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_parents(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package) if node.level else str(node.module)
            yield from _with_parents(base)
            yield from (f"{base}.{alias.name}" for alias in node.names)
        else:
            yield from imported_names(node, package)


def _with_parents(module: str) -> Iterator[str]:
    """`a`, `a.b`, `a.b.c` of `a.b.c`: importing a module runs its packages."""
    parts = module.split(".")
    yield from (".".join(parts[: k + 1]) for k in range(len(parts)))
