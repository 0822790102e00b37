"""Whose code decides a cell's results."""

from pathlib import Path

import pytest

from c2seg_bench.engine.request import code
from c2seg_bench.suite import Suite, cells


def cell_of(method, **train):
    suite = Suite(name="s", datasets={"phantom": {"source": "phantom"}}, methods=[{"name": method, "train": train}])
    return cells(suite, Path("out"))[0]


@pytest.mark.parametrize(
    "method, own",
    [
        ("unet", {"baselines.unet", "baselines.layers"}),
        ("lvit", {"baselines.lvit", "baselines.layers"}),
        ("c2seg", {"c2seg_bench.model.c2seg", "c2seg_bench.model.cacl", "baselines.losses"}),
    ],
)
def test_a_cell_depends_on_its_method_what_that_uses_and_training(method, own):
    modules = set(code.training_code(cell_of(method)))
    assert (
        own | {"baselines.contract", "c2seg_bench.engine.training.train", "c2seg_bench.engine.prediction.predict"}
        <= modules
    )
    others = {"baselines.unet", "baselines.lvit", "baselines.transunet", "c2seg_bench.model.c2seg"} - own
    assert not modules & others
    assert not any(name.split(".")[1:2] in (["cli"], ["results"], ["stress"]) for name in modules)


def test_noise_in_training_brings_the_code_of_its_families():
    plain = code.training_code(cell_of("unet"))
    noisy = code.training_code(cell_of("unet", noise={"families": ["keyboard"]}))
    added = noisy.keys() - plain.keys()
    assert added and all(name.startswith("c2seg_bench.stress") for name in added)


def test_following_brings_the_code_of_its_targets_and_agreement_that_of_the_default_noise():
    targets = "c2seg_bench.referring.example"
    assert targets not in code.training_code(cell_of("lvit"))
    assert targets in code.training_code(cell_of("lvit", follow={"part": 0.1}))
    agreeing = code.training_code(cell_of("lvit", follow={"agree": 0.1}))
    assert "c2seg_bench.stress.families.misspellings" in agreeing


def test_every_module_that_training_imports_counts_but_those_that_are_named(monkeypatch):
    counted = set(code.training_code(cell_of("unet")))
    monkeypatch.setattr(code, "NOT_DECIDING", ())
    everything = set(code.training_code(cell_of("unet")))
    assert {name for name in everything - counted if name.startswith("c2seg_bench")} == {
        "c2seg_bench.engine.request.checkpoint",
        "c2seg_bench.engine.request.code",
        "c2seg_bench.engine.display.progress",
        "c2seg_bench.engine.inputs.conditions",
        "c2seg_bench.engine.inputs.referring",
        "c2seg_bench.engine.request.request",
        "c2seg_bench.engine.training.stage_state",
    }


def test_scores_depend_on_metrics_the_reader_and_its_vocabulary():
    scoring = code.scoring_code()
    expected = {
        "metrics.boundary",
        "metrics.overlap",
        "metrics.consistency.judge.check",
        "metrics.consistency.reader.parse",
        "c2seg_bench.scoring.adherence",
        "chest.json",
    }
    assert expected <= scoring.keys()
    assert "metrics.stats" not in scoring and not any(name.startswith("baselines") for name in scoring)
