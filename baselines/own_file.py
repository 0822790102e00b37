"""Imports a user's Python file by its path, so that its methods are registered like those of this package."""

from __future__ import annotations

import ast
import hashlib
import sys
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from baselines.errors import InputError


def import_file(path: Path) -> ModuleType:
    """The module of a file, which may import modules beside it. A file that was edited is imported again.

    Args:
        path: of a Python file.

    Raises:
        InputError: there is no such Python file, or importing it fails; the message has the line that failed.
    """
    path = path.expanduser().resolve()
    if path.suffix != ".py" or not path.is_file():
        raise InputError(f"module {path}: no such Python file; give the path of the file that defines the method")
    source = path.read_bytes()
    name = module_name(path)
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__source__", None) == source:
        return known
    refuse_hidden_neighbours(path, source)
    spec = spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    module.__dict__["__source__"] = source
    sys.modules[name] = module
    sys.path.insert(0, str(path.parent))
    try:
        exec(compile(source, str(path), "exec"), module.__dict__)  # not the loader, whose cache compares whole seconds
    except Exception as e:
        sys.modules.pop(name, None)
        raise InputError(f"module {path}: {line_of(e, path)}{type(e).__name__}: {e}") from e
    finally:
        sys.path.remove(str(path.parent))
    return module


def module_name(path: Path) -> str:
    """The name of the imported module: the file's, and a digest of its folder, because two files may share a name."""
    return f"own_{path.stem}_{hashlib.sha256(str(path.parent).encode()).hexdigest()[:8]}"


def refuse_hidden_neighbours(path: Path, source: bytes) -> None:
    """InputError if the file imports a module beside it, but another module with this name is already loaded.

    Python would use the loaded one, such as this project's `metrics` instead of the user's `metrics.py`.
    """
    for name in imported_names(source):
        beside = path.parent / f"{name}.py"
        taken = getattr(sys.modules.get(name), "__file__", None)
        if taken is None or not beside.is_file() or Path(taken).resolve() == beside.resolve():
            continue
        if Path(taken).exists():
            raise InputError(
                f"module {path}: imports {name}, which is {taken} and not {beside}; rename {beside.name} and its import"
            )
        del sys.modules[name]  # its folder was moved


def imported_names(source: bytes) -> set[str]:
    """First parts of the names of imported modules; empty if the source is not Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.partition(".")[0])
    return names


def line_of(error: BaseException, path: Path) -> str:
    """ "line 3: " of the file in which an error was raised, "" if it came from elsewhere."""
    if isinstance(error, SyntaxError):
        return ""  # its message has the line
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f"line {lines[-1]}: " if lines else ""
