"""Every file in suites/: read, its names known, its methods built; and what the suites of the paper are made of."""

import json
from functools import cache
from pathlib import Path

import pytest
import torch

from baselines import registry
from baselines.contract import TextSpec
from c2seg_bench.data.source import SOURCES
from c2seg_bench.results.description import given_weights
from c2seg_bench.stress import FAMILIES
from c2seg_bench.suite import load_suite
from c2seg_bench.text.encoder_catalogue import ENCODERS, resolve

SUITES = sorted(Path("suites").glob("*.yaml"))
PAPER = [path for path in SUITES if path.name.startswith("paper-")]
BERT = "hf:google-bert/bert-base-uncased"
WIDE = {"minilm": (384, 30522), "clip": (512, 49408), "biobert": (768, 28996)}  # others: BERT's
# repositories of the hub that the suites may name; a misspelled one fails in this test, not on a user's GPU
HUB = {
    "microsoft/swin-base-patch4-window7-224-in22k",
    "microsoft/swin-tiny-patch4-window7-224",
    "microsoft/resnet-50",
    "openai/clip-vit-base-patch16",
    "dandelin/vilt-b32-mlm",
    "facebook/convnext-tiny-224",
    "google-bert/bert-base-uncased",
}

each = pytest.mark.parametrize("path", SUITES, ids=lambda p: p.stem)
each_paper = pytest.mark.parametrize("path", PAPER, ids=lambda p: p.stem)


@cache
def build(name: str, size: str, dim: int, vocab: int, image_size: int, options: str):
    """A method without storage for its weights."""
    with torch.device("meta"):
        return registry.build(name, size, TextSpec(dim, 64, vocab), image_size, **json.loads(options))


@each
def test_every_suite_can_be_run_where_its_weights_are(path):
    suite = load_suite(path)
    for entry in suite.datasets.values():
        assert set(entry.options) <= set(SOURCES[entry.source].options)
    noises = [noise for m in suite.methods if (noise := suite.training(m).noise)]
    assert {*suite.stress.families, *(f for n in noises for f in n.families)} <= set(FAMILIES)
    for method in suite.methods:
        known, _ = resolve(suite.encoder(method))
        options = {k: v for k, v in suite.options(method).items() if k not in given_weights(suite, method)}
        for image_size in {entry.size for entry in suite.datasets.values()}:
            shape = WIDE.get(known.name, (768, 30522))
            model = build(method.name, method.size or suite.size, *shape, image_size, json.dumps(options))
        assert model.card.pretrains or not method.pretrain, f"{method.label} has no pretraining"


@each
def test_weights_are_known_repositories_and_read_the_ids_that_they_were_trained_with(path):
    suite = load_suite(path)
    for method in suite.methods:
        given = given_weights(suite, method)
        assert set(given.values()) <= HUB
        if method.name == "vilt" and given or "text_weights" in given:
            assert suite.encoder(method) == BERT


def test_there_is_a_suite_for_each_dataset_of_the_papers_tables():
    assert {e.source for p in PAPER for e in load_suite(p).datasets.values()} == {
        name for name, source in SOURCES.items() if source.published
    }


@each_paper
def test_the_papers_suites_are_the_papers_setting(path):
    suite = load_suite(path)
    published = [name for name in registry.names() if registry.get(name).card.published]
    assert sorted(m.label for m in suite.methods) == published and len(published) == 22
    assert (suite.text, suite.size, {d.size for d in suite.datasets.values()}) == ("clip", "paper", {224})
    c2seg = next(m for m in suite.methods if m.name == "c2seg")
    cacl, train = suite.pretraining(c2seg), suite.training(c2seg)
    assert (cacl.batch, cacl.tau, cacl.rho, cacl.contrast, cacl.epochs) == (256, 0.07, 0.8, "cacl", 100)
    assert (train.batch, train.lr, train.min_lr, train.optimizer) == (32, 1e-4, 1e-6, "adam")
    able = {n for n in registry.names() if any(o.endswith("weights") for o in registry.options(n))}
    assert able == {m.name for m in suite.methods if given_weights(suite, m)}


def test_the_suite_for_one_gpu_needs_no_hub():
    suite = load_suite("suites/qata-paper.yaml")
    assert suite.encoders() == ["minilm"] and not any(given_weights(suite, m) for m in suite.methods)
    assert (suite.size, suite.device, suite.precision, suite.seeds) == ("paper", "cuda", "bf16-mixed", [0])


def test_the_encoder_ablation_has_every_encoder_and_the_sensitivity_batch_512():
    encoders = load_suite("suites/encoders.yaml")
    assert {encoders.encoder(m) for m in encoders.methods} == set(ENCODERS)
    sensitivity = load_suite("suites/sensitivity.yaml")
    recipes = [sensitivity.pretraining(m) for m in sensitivity.methods]
    assert 512 in {r.batch for r in recipes} and len({(r.rho, r.tau, r.batch) for r in recipes}) == len(recipes)


@pytest.mark.parametrize("name", ["ablation", "sensitivity"])
def test_the_version_for_cpus_has_rows_of_the_papers(name):
    paper, small = (
        # size tiny has one rate for all of the network, whether it was pretrained or not
        {m.label: {k: v for k, v in m.options.items() if k != "encoder_lr"} for m in load_suite(path).methods}
        for path in (f"suites/{name}.yaml", f"suites/{name}-cpu.yaml")
    )
    common = paper.keys() & small.keys()
    assert len(common) >= 6 and all(paper[k] == small[k] for k in common)


@pytest.mark.parametrize("name", ["quick", "qata-cpu"])
def test_the_comparison_of_the_recipe_follow_shares_cells_with_the_suite_it_builds_on(name):
    plain, follow = (load_suite(f"suites/{path}.yaml") for path in (name, f"follow-{name}"))
    shared = {m.label for m in follow.methods if m == next((p for p in plain.methods if p.label == m.label), None)}
    assert shared == {"unet", "lvit", "c2seg"} and follow.name == plain.name
    assert (follow.datasets, follow.train, follow.pretrain) == (plain.datasets, plain.train, plain.pretrain)
    trained = {m.label: follow.training(m) for m in follow.methods}
    assert trained["lvit-follow"] == trained["c2seg-follow"] and trained["c2seg-follow"].noise is not None


def test_the_ablation_of_follow_leaves_out_every_ingredient_once():
    suite = load_suite("suites/follow-quick.yaml")
    recipes = {m.label: r for m in suite.methods if m.name == "c2seg" and (r := suite.training(m)).follow}
    full = recipes.pop("c2seg-follow")
    assert {r.epochs for r in recipes.values()} == {full.epochs}
    changed = []
    for recipe in recipes.values():
        ingredients = [{**r.follow.model_dump(), "noise": r.noise} for r in (full, recipe)]
        (key,) = [key for key in ingredients[0] if ingredients[0][key] != ingredients[1][key]]
        assert not ingredients[1][key]
        changed.append(key)
    assert sorted(changed) == ["mirrored", "no_prompt", "noise", "nowhere", "part", "start"]
