"""Before anything is computed: do all names, folders, options and weights of a suite exist?"""

from __future__ import annotations

from baselines import registry
from baselines.contract import Method, TextSpec
from c2seg_bench.data.source import SOURCES
from c2seg_bench.engine.grid.trial_step import where_raised
from c2seg_bench.errors import WRONG_INPUT, InputError
from c2seg_bench.files import user_path
from c2seg_bench.outside.predictor import FROM_PYTHON, split_name
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.stress import FAMILIES
from c2seg_bench.suite import Dataset, MethodEntry, OutsideEntry, Suite
from c2seg_bench.text.encoder import load_encoder
from metrics.consistency.judge.check import fit_grid
from metrics.consistency.reader.ontology import load_ontology


def check_suite(suite: Suite) -> None:
    """All names, folders and weights of the suite, so that a typo or a missing download costs seconds, not a night."""
    for name, dataset in suite.datasets.items():
        if dataset.source not in SOURCES:
            raise InputError(
                f"datasets.{name}.source: {dataset.source!r} is unknown; there are {', '.join(sorted(SOURCES))}"
            )
        if dataset.root is not None and not user_path(dataset.root, f"datasets.{name}.root").is_dir():
            raise InputError(f"datasets.{name}.root: {dataset.root}: no such folder; give where the dataset lies")
        SOURCES[dataset.source].check_options(dataset.options)
        check_judge(name, dataset)
    in_training = [f for m in suite.trained if (noise := suite.training(m).noise) for f in noise.families]
    for family in [*suite.stress.families, *in_training]:
        if family not in FAMILIES:
            raise InputError(f"stress.families: {family!r} is unknown; there are {', '.join(sorted(FAMILIES))}")
    for entry in suite.outside:
        check_outside(entry)
    for method in suite.trained:
        registry.options(method.name, method.size or suite.size)  # before an encoder is loaded, which takes seconds
        if method.pretrain and suite.pretraining(method).epochs and not registry.get(method.name).card.pretrains:
            raise InputError(f"{method.label}: pretrain: this method has no pretraining; leave the key out")
    for method in suite.trained:  # building finds wrong options and image sizes, and weights that are not available
        text = load_encoder(suite.encoder(method)).spec(64)
        for size in sorted({dataset.size for dataset in suite.datasets.values()}):
            model = build_on_trial(suite, method, text, size)
            if suite.training(method).follow and not model.card.uses_text:
                raise InputError(
                    f"{method.label}: train.follow: this method reads no text; give the key to methods that do"
                )


def build_on_trial(suite: Suite, method: MethodEntry, text: TextSpec, size: int) -> Method:
    """The method as the suite describes it; InputError with its label where its code fails or ends the program."""
    try:
        return registry.build(method.name, method.size or suite.size, text, size, **suite.options(method))
    except WRONG_INPUT:
        raise
    except (Exception, SystemExit) as e:
        problem = f"{type(e).__name__}: {e}"
        raise InputError(
            f"{method.label}: cannot be built{where_raised(e)}: {problem}; correct it or its options"
        ) from e


def check_judge(name: str, dataset: Dataset) -> None:
    """InputError if there is no such ontology or frame, or the frame's grid is not the ontology's."""
    source = SOURCES[dataset.source]
    try:
        judge = Judge.load(dataset.frame or source.frame, dataset.ontology or source.ontology)
        fit_grid(judge.frame, load_ontology(judge.ontology))
    except WRONG_INPUT as e:
        raise InputError(f"datasets.{name}: {e}") from None


def check_outside(entry: OutsideEntry) -> None:
    """InputError if there is no such function or folder of answers."""
    if entry.predictions is not None and not user_path(entry.predictions, "predictions").is_dir():
        raise InputError(f"predictions {entry.predictions}: no such folder; give the folder of the answers")
    if entry.predictor not in (None, FROM_PYTHON):
        split_name(str(entry.predictor))
