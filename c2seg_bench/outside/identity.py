"""What tells one model from another: its code, and the weights and settings that the code names."""

from __future__ import annotations

import ast
import hashlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

from c2seg_bench.errors import InputError
from c2seg_bench.files.module_digests import imported_names
from c2seg_bench.outside.predictor import FROM_PYTHON, split_name
from c2seg_bench.packages import OWN

WEIGHTS = "pt|pth|ckpt|safetensors|bin|onnx|h5|hdf5|keras|pkl|pickle|joblib|npy|npz|msgpack|pb|tflite|params|gguf"
SETTINGS = "json|ya?ml|toml"
NAMED = re.compile(rf"[^\0]*\.({WEIGHTS}|{SETTINGS})", re.IGNORECASE)
LONGEST = 255  # characters of a path in the code


def identity_of_file(name: str) -> str:
    """sha256 of FILE.py:FUNCTION, the modules beside FILE.py that it imports, and the weights that their code names.

    Imports and names are read from the source, without running it. A name counts if it is written as one string, and is
    that of a file beside FILE.py or in the working directory.

    Raises:
        InputError: there is no such file or function, or it was given in Python and has no file.
    """
    if name == FROM_PYTHON:
        raise InputError(f"the model was {FROM_PYTHON}; call c2seg_bench.evaluate with it again")
    path, function = split_name(name)
    hashed = hashlib.sha256(function.encode())
    for file in sorted(files_of(path)):
        hashed.update(f"\n{file.name} ".encode())
        with file.open("rb") as opened:
            hashed.update(hashlib.file_digest(opened, "sha256").digest())
    return hashed.hexdigest()


def files_of(path: Path) -> set[Path]:
    """A Python file, the modules beside it that it imports, directly or not, and the weights that their code names."""
    folder, files = path.resolve().parent, set[Path]()
    waiting = [path.resolve()]
    while waiting:
        file = waiting.pop()
        if file in files:
            continue
        files.add(file)
        if file.suffix == ".py":
            try:
                tree = ast.parse(file.read_bytes())
            except (SyntaxError, ValueError):  # reported where it is imported
                continue
            waiting += [*modules_beside(tree, file, folder), *named_files(tree, folder)]
    return files


def modules_beside(tree: ast.AST, file: Path, folder: Path) -> Iterator[Path]:
    """Files below the folder that a module imports; not those of this project."""
    package = ".".join(file.parent.relative_to(folder).parts)
    for name in imported_names(tree, package):
        if name.partition(".")[0] in OWN:
            continue
        module = folder.joinpath(*name.split("."))
        yield from (source for source in (module.with_suffix(".py"), module / "__init__.py") if source.is_file())


def named_files(tree: ast.AST, folder: Path) -> Iterator[Path]:
    """Files of weights or settings whose path is a string of the code; the model may write others, such as logs."""
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and len(text) <= LONGEST and NAMED.fullmatch(text):
            yield from (file.resolve() for file in (folder / text, Path(text).expanduser()) if file.is_file())


def identity_of_code(function: Callable[..., Any]) -> str:
    """sha256 of the function's source, or of its name where it has none: a changed function is another model."""
    try:
        text = inspect.getsource(function)
    except (OSError, TypeError):  # built in, an object that can be called, or typed into an interpreter
        code = getattr(function, "__code__", None)
        text = repr(type(function)) if code is None else code_text(code)
    return hashlib.sha256(text.encode()).hexdigest()


def code_text(code: CodeType) -> str:
    """The instructions of a function, without those of functions inside it."""
    constants = [constant for constant in code.co_consts if not isinstance(constant, CodeType)]
    return repr((code.co_code, code.co_names, constants))
