"""What the tables say of a run's methods beside one another."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from c2seg_bench.results.adherence import ceiling
from c2seg_bench.results.intervals import corrected_places, mean_places
from c2seg_bench.results.main import _by_policy
from c2seg_bench.suite import Suite
from metrics.catalogue import METRICS

IMAGES = [f"i{k}" for k in range(80)]


def made_run(subjects=None, **score):
    suite = Suite(name="s", datasets={"d": {"source": "phantom"}}, methods=["unet"], score={"bootstrap": 500, **score})
    return SimpleNamespace(suite=suite, subjects=lambda dataset, images: subjects)


def test_methods_that_do_not_differ_share_a_letter():
    rng = np.random.default_rng(0)
    base = rng.uniform(0.5, 0.9, (2, 80))
    values = {"worse": base - 0.1, "best": base, "near": base + rng.normal(0, 0.05, base.shape) - 0.001}
    order = mean_places(made_run(), values, True, "d", IMAGES, "dice")
    assert {m: row["group"] for m, row in order.items()} == {"worse": "b", "best": "a", "near": "a"}
    assert (order["worse"]["rank_lo"], order["worse"]["rank_hi"]) == (3, 3)
    assert order["best"]["rank_lo"] == 1 and order["near"]["rank_hi"] == 2
    distances = mean_places(made_run(), values, False, "d", IMAGES, "hd95")
    assert {m: row["group"] for m, row in distances.items()} == {"worse": "a", "best": "b", "near": "b"}


def test_one_method_or_none_with_a_value_has_no_letter():
    values = np.full((1, 80), 0.5)
    assert mean_places(made_run(), {"one": values}, True, "d", IMAGES, "dice") == {}
    other = np.full((1, 80), np.nan)
    assert mean_places(made_run(), {"one": values, "other": other}, False, "d", IMAGES, "assd") == {}


def test_subjects_take_a_difference_away_that_images_alone_show():
    rng = np.random.default_rng(0)
    of_subject = np.repeat(rng.normal(0, 0.1, 8), 10)
    of_subject += 0.04 - of_subject.mean()
    values = {"a": 0.6 + of_subject[None], "b": np.full((1, 80), 0.6)}
    groups = [
        {m: row["group"] for m, row in mean_places(made_run(people), values, True, "d", IMAGES, "dice").items()}
        for people in (None, np.repeat(np.arange(8), 10).astype(str))
    ]
    assert groups == [{"a": "a", "b": "b"}, {"a": "a", "b": "a"}]


def test_corrected_scores_have_letters():
    rng = np.random.default_rng(0)
    run = made_run()
    experts = pd.DataFrame({"score": rng.uniform(0.8, 1, 80), "chance": rng.uniform(0.3, 0.5, 80)})
    run.truth = {"d": SimpleNamespace(names=IMAGES, rows=experts)}
    tables = {
        name: pd.DataFrame({"seed": 0, "image": IMAGES, "score": experts["score"] - loss, "chance": experts["chance"]})
        for name, loss in (
            ("reads", 0.0),
            ("deaf", 0.4 + rng.normal(0, 0.05, 80)),
            ("nearly", 0.01 * rng.normal(size=80)),
        )
    }
    found = corrected_places(run, "d", tables)
    assert {m: row["group"] for m, row in found.items()} == {"reads": "a", "nearly": "a", "deaf": "b"}
    assert corrected_places(run, "d", {"reads": tables["reads"]}) == {}


@pytest.mark.parametrize(("policy", "known"), [("skip", True), ("nan", False)])
def test_one_distance_that_is_not_defined_spoils_the_mean_under_policy_nan(policy, known):
    values = np.array([[1.0, np.nan, 3.0]])
    assert np.isfinite(_by_policy(values, METRICS["hd95"], policy)).any() == known
    assert np.isfinite(_by_policy(values, METRICS["dice"], policy)).any()


def test_the_ceiling_of_an_edit_is_what_experts_reach_who_state_the_same():
    prompts = ["one infected area, left lung", "two infected areas, left lung", "two infected areas, right lung"]
    rows = pd.DataFrame({"count_ok": [1.0, 1.0, 0.0], "consistent": [1.0, 0.0, 0.0]})
    truth = SimpleNamespace(rows=rows, prompts=prompts, judge=SimpleNamespace(ontology="chest"))
    assert ceiling(truth, "count", ["two infected areas, upper left lung"]) == 0.5
    assert ceiling(truth, "count", ["one infected area", "two infected areas"]) == 0.75
    assert np.isnan(ceiling(truth, "count", ["six infected areas"]))
    assert ceiling(truth, "all", [prompts[0]]) == 1.0
