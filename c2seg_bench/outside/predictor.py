"""A function that predicts masks, from a file or handed over, called one image at a time or with lists."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from baselines.own_file import refuse_hidden_neighbours
from c2seg_bench.errors import WRONG_INPUT, InputError
from c2seg_bench.files import user_path
from c2seg_bench.packages import OWN

FROM_PYTHON = "a function given in Python"  # instead of FILE.py:FUNCTION
Function = Callable[..., Any]
NEIGHBOURS: set[str] = set()  # names of modules that were imported from beside a model


class PredictorFailed(RuntimeError):
    """The model's own code raised an error."""


@dataclass(frozen=True)
class Predictor:
    """A model as a function.

    Args:
        function: of (image (H, W, 3) uint8, prompt) that returns a mask; with `batch`, of a list of images and a list
            of prompts that returns as many masks.
        batch: largest number of images in a call; None: the function takes one image.
    """

    function: Function
    batch: int | None = None

    def __call__(self, images: Sequence[np.ndarray], prompts: Sequence[str]) -> list[Any]:
        """As many answers as there are images. InputError if a function of lists returns another number."""
        if self.batch is None:
            return [self.function(image, prompt) for image, prompt in zip(images, prompts, strict=True)]
        answers = self.function(list(images), list(prompts))
        try:
            answers = list(answers)
        except TypeError:
            raise InputError(f"a {type(answers).__name__} for {len(images)} images; return a list of masks") from None
        if len(answers) != len(images):
            raise InputError(f"{len(answers)} masks for {len(images)} images; return one for each, in their order")
        return answers


def split_name(name: str) -> tuple[Path, str]:
    """FILE.py:FUNCTION as its two parts; InputError if the file does not exist or has no such name at its top."""
    file, colon, function = name.rpartition(":")
    path = user_path(file, "predictor")
    if not colon or path.suffix != ".py" or not function.isidentifier():
        raise InputError(f"predictor {name}: give FILE.py:FUNCTION, such as mymodel.py:predict")
    if not path.is_file():
        raise InputError(f"predictor {name}: {path}: no such file; give its path from the working directory")
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as e:
        raise InputError(f"predictor {name}: {path} is not Python ({e})") from None
    names = defined_names(tree)
    if names is not None and function not in names:
        own = ", ".join(sorted(defined_names(tree, with_imports=False) or ())) or "nothing"
        raise InputError(f"predictor {name}: {path} has no {function}; it defines {own}")
    return path, function


def defined_names(tree: ast.Module, with_imports: bool = True) -> set[str] | None:
    """Functions, classes and variables at the top of a module; None if only running it would show them.

    Args:
        with_imports: also the names that it imports, which may be functions as well.
    """
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            if any(alias.name == "*" for alias in node.names):
                return None
            names |= {alias.asname or alias.name for alias in node.names} if with_imports else set()
        elif isinstance(node, ast.If | ast.Try | ast.With):
            return None  # decided when it runs
    return names


def load_function(name: str) -> Function:
    """The function FILE.py:FUNCTION. The file may import modules beside it.

    Raises:
        InputError: there is no such file or function, or the file raises an error when it is imported.
    """
    path, function = split_name(name)
    forget_neighbours()
    try:
        refuse_hidden_neighbours(path.resolve(), path.read_bytes())
        module = _imported(path)
    except WRONG_INPUT as e:
        raise InputError(str(e)) from e
    except Exception as e:
        raise InputError(f"predictor {name}: importing {path} failed: {type(e).__name__}: {e}; fix the file") from e
    loaded = getattr(module, function, None)
    if not callable(loaded):
        raise InputError(f"predictor {name}: {function} of {path} is not a function")
    return loaded


def _imported(path: Path) -> ModuleType:
    path = path.resolve()
    name = f"c2seg_bench_predictor_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    before = set(sys.modules)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(str(path.parent))
        NEIGHBOURS.update(other for other in set(sys.modules) - before if lies_in(other, path.parent))
    return module


def forget_neighbours() -> None:
    """Forget the modules that were imported from beside earlier models: each model may have a net.py of its own, and an
    edited one is imported again."""
    while NEIGHBOURS:
        sys.modules.pop(NEIGHBOURS.pop(), None)
    importlib.invalidate_caches()


def lies_in(module: str, folder: Path) -> bool:
    """Whether a loaded module's file is in a folder or below it. Installed packages and this project are left out."""
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None or module.partition(".")[0] in OWN:
        return False
    path = Path(file).resolve()
    return path.is_relative_to(folder) and "site-packages" not in path.relative_to(folder).parts
