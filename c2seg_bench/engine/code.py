"""Digests of the code that decides a cell's results, so that an edited method, layer or loss is noticed.

A digest is of the syntax tree without docstrings: comments and formatting do not count. Which modules decide is read
from their import statements, without running them; code that a method loads by other means is not followed.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from importlib.util import find_spec, resolve_name
from pathlib import Path

from baselines import registry
from c2seg_bench.packages import BESIDE
from c2seg_bench.stress import FAMILIES
from c2seg_bench.suite import Cell
from metrics.consistency.reader import ontology

TRAINING = ("c2seg_bench.engine.training.train", "c2seg_bench.engine.predict")
TRAINING_PACKAGES = ("baselines", "c2seg_bench.model", "c2seg_bench.engine", "c2seg_bench.data.augment")
SCORING = (  # the packages `metrics` and `metrics.consistency` import their modules by name when they are used
    "c2seg_bench.scoring.conditions",
    "metrics.table",
    "metrics.overlap",
    "metrics.consistency.judge.evaluate",
)
SCORING_PACKAGES = ("metrics", "c2seg_bench.scoring", "c2seg_bench.stress.family")
NOT_DECIDING = (  # they find methods, read, write and report what others decide, or say what decides
    "baselines.registry",
    "baselines.plugins",
    "baselines.errors",
    "baselines.count",
    "c2seg_bench.engine.checkpoint",
    "c2seg_bench.engine.code",
    "c2seg_bench.engine.progress",
    "c2seg_bench.engine.request",
    "c2seg_bench.engine.training.stage_state",
    "metrics.errors",
    "metrics.stats",
    "metrics.robustness",
)


def training_code(cell: Cell) -> dict[str, str]:
    """Module -> digest of what decides the weights and masks of a cell: its method, what that imports from this project
    or from the method's own package, and training itself; noise in the prompts of training where there is some."""
    method = registry.get(cell.method.name)
    roots, packages = [method.__module__, *TRAINING], [*TRAINING_PACKAGES]
    own = method.__module__.partition(".")[0]
    if cell.method.module:
        packages += neighbours(Path(cell.method.module))
    elif own != "c2seg_bench":  # a package of the project would bring all of its modules
        packages.append(own)
    recipe = cell.suite.training(cell.method)
    if recipe.follow:
        packages.append("c2seg_bench.referring.example")  # what is written in the file of edits, the file itself says
    if wordings := recipe.wordings:
        roots += [FAMILIES[name].function.__module__ for name in wordings.families]
        packages.append("c2seg_bench.stress")
    digests = module_digests(roots, packages)
    if cell.method.module:  # by the file's name: its module's has a digest of the folder, which may move
        digests[Path(cell.method.module).name] = digests.pop(method.__module__)
    return digests


def neighbours(file: Path) -> list[str]:
    """Names of the modules and packages beside a file, which it may import; not this project's own packages."""
    modules = {path.stem for path in file.parent.glob("*.py") if path != file}
    packages = {path.parent.name for path in file.parent.glob("*/__init__.py")}
    return sorted((modules | packages) - {"c2seg_bench", *BESIDE})


def scoring_code() -> dict[str, str]:
    """Module or file -> digest of what decides the scores of given masks: metrics, judge, vocabulary."""
    vocabulary = {path.name: _sha(path.read_bytes()) for path in sorted(ontology.FOLDER.glob("*.json"))}
    return module_digests(SCORING, SCORING_PACKAGES) | vocabulary


def referring_code() -> dict[str, str]:
    """Module -> digest of what besides `scoring_code` decides the scores of edited prompts with a known answer."""
    return module_digests(
        ["c2seg_bench.referring.score"], ["c2seg_bench.referring.score", "c2seg_bench.referring.example"]
    )


def module_digests(roots: Iterable[str], packages: Collection[str]) -> dict[str, str]:
    """Module -> digest of the roots and of all modules of the packages that they import, directly or not.

    Args:
        roots: names of modules.
        packages: names of packages, or of single modules, that imports are followed into.
    """
    digests: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        path = None if module in digests or module in NOT_DECIDING else _source(module)
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
    imported = tuple(dict.fromkeys(_imports(tree, package)))
    _strip_docstrings(tree)
    return _sha(ast.unparse(tree).encode()), imported


def _strip_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
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
            yield from _imports(node, package)


def _with_parents(module: str) -> Iterator[str]:
    """`a`, `a.b`, `a.b.c` of `a.b.c`: importing a module runs its packages."""
    parts = module.split(".")
    yield from (".".join(parts[: k + 1]) for k in range(len(parts)))


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
