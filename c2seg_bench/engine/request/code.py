"""The code that decides a cell's results, so that an edited method, layer or loss is noticed."""

from __future__ import annotations

from pathlib import Path

from baselines import registry
from c2seg_bench.files.digests import sha256
from c2seg_bench.files.module_digests import module_digests
from c2seg_bench.packages import BESIDE
from c2seg_bench.stress import FAMILIES
from c2seg_bench.suite import Cell
from metrics.consistency.reader import ontology

TRAINING = ("c2seg_bench.engine.training.train", "c2seg_bench.engine.prediction.predict")
TRAINING_PACKAGES = ("baselines", "c2seg_bench.model", "c2seg_bench.engine")
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
    "c2seg_bench.engine.request.checkpoint",
    "c2seg_bench.engine.request.code",
    "c2seg_bench.engine.display.progress",
    "c2seg_bench.engine.request.request",
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
    digests = module_digests(roots, packages, NOT_DECIDING)
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
    vocabulary = {path.name: sha256(path.read_bytes()) for path in sorted(ontology.FOLDER.glob("*.json"))}
    return module_digests(SCORING, SCORING_PACKAGES, NOT_DECIDING) | vocabulary


def referring_code() -> dict[str, str]:
    """Module -> digest of what besides `scoring_code` decides the scores of edited prompts with a known answer."""
    return module_digests(
        ["c2seg_bench.referring.score"],
        ["c2seg_bench.referring.score", "c2seg_bench.referring.example"],
    )
