"""What predictors with a known behaviour get: they answer every picture and prompt of a suite through `evaluate`."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.engine.evaluate.evaluate import evaluate
from c2seg_bench.referring import survey_rows
from c2seg_bench.rundir import RunDir
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import Suite

SIZE = 48
pytestmark = pytest.mark.slow
OPTIONS = {"train": 40, "val": 2, "test": 40}


def suite() -> Suite:
    return Suite(
        name="known",
        datasets={"phantom": {"source": "phantom", "size": SIZE, "options": OPTIONS}},
        methods=["unet"],
        referring={"per_image": 3},
        score={"bootstrap": 200},
    )


class Known:
    """The correct mask of every picture and prompt of the suite, and the expert's whole mask of every picture."""

    def __init__(self, cache: Cache):
        rows = cache.rows("test")
        self.right: dict[tuple[bytes, str], np.ndarray] = {}
        self.whole: dict[bytes, np.ndarray] = {}
        for row in rows:
            image, mask = cache.images[row], cache.masks[row].astype(bool)
            self.right[image.tobytes(), cache.index["prompt"].iloc[row]] = mask
            self.whole[image.tobytes()], self.whole[image[:, ::-1].tobytes()] = mask, mask[:, ::-1]
        judge = Judge.load(cache.manifest["frame"], cache.manifest["ontology"])
        for example in survey_rows(cache, judge, rows).examples:
            image, mask = cache.images[rows[example.row]], cache.masks[rows[example.row]]
            shown = np.ascontiguousarray(image[:, ::-1] if example.flipped else image)
            self.right[shown.tobytes(), example.prompt] = example.target(mask)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("known")


@pytest.fixture(scope="module")
def table(folder) -> pd.DataFrame:
    known = Known(prepare("phantom", folder / "cache", SIZE, **OPTIONS))
    predictors: dict[str, Callable[[np.ndarray, str], np.ndarray]] = {
        "oracle": lambda image, prompt: known.right[image.tobytes(), prompt],
        "unread": lambda image, prompt: known.whole[image.tobytes()],
        "nothing": lambda image, prompt: np.zeros(image.shape[:2], bool),
    }
    for name, predict in predictors.items():
        evaluate(predict, suite(), name, out=folder / "out", console=Console(quiet=True))
    return pd.read_csv(RunDir(folder / "out").table("referring")).set_index(["kind", "method", "measure"])


def value(table: pd.DataFrame, kind: str, method: str, measure: str) -> float:
    return float(table.loc[(kind, method, measure), "value"])


def test_an_oracle_of_the_named_components_has_selectivity_one(table):
    row = table.loc[("part", "oracle", "selectivity")]
    assert (row["value"], row["lo"], row["hi"]) == (1, 1, 1)
    assert value(table, "part", "oracle", "dice") == 100
    assert row["n"] > row["images"] > 10  # several parts of a picture are drawn together


def test_the_experts_whole_masks_have_selectivity_zero_exactly(table):
    for method in ("unread", "ground truth"):
        row = table.loc[("part", method, "selectivity")]
        assert (row["value"], row["lo"], row["hi"]) == (0, 0, 0)
        assert value(table, "part", method, "whole_dice") == 100
        assert value(table, "part", method, "dice") == value(table, "part", method, "own_dice") < 70


def test_selectivity_is_the_quotient_of_its_parts(table):
    unread = value(table, "part", "ground truth", "dice")
    words = value(table, "part", "prompt only", "dice")
    assert value(table, "part", "prompt only", "selectivity") == pytest.approx(
        (words - unread) / (100 - unread), abs=1e-4
    )
    assert value(table, "part", "nothing", "selectivity") == pytest.approx(-unread / (100 - unread), abs=1e-4)


@pytest.mark.parametrize("kind", ["nowhere", "conflict"])
def test_the_empty_mask_wins_without_a_target_and_loses_with_one(table, kind):
    expected = {"nothing": (100, 0, 0), "empty": (100, 0, 0), "oracle": (100, 0, 100), "prompt only": (0, None, 100)}
    for method, (no_target, invented, target) in expected.items():
        assert value(table, kind, method, "no_target") == no_target
        assert value(table, kind, method, "target") == target
        if invented is not None:
            assert value(table, kind, method, "invented") == invented
    assert value(table, kind, "unread", "no_target") == 0
    assert 0 < value(table, kind, "unread", "invented") < 10  # % of the image: what the lesions cover


def test_a_mirrored_picture_is_as_easy_as_it_was_for_what_does_not_depend_on_the_side(table):
    for method in ("oracle", "unread"):
        assert value(table, "mirrored", method, "dice") == 100
        assert value(table, "mirrored", method, "difference") == 0
    assert value(table, "mirrored", "prompt only", "difference") == pytest.approx(
        value(table, "mirrored", "prompt only", "dice") - value(table, "mirrored", "prompt only", "true_dice"),
        abs=1e-3,
    )


def test_coverage_adds_up_to_the_pictures(table, folder):
    coverage = pd.read_csv(folder / "out" / "tables" / "referring_coverage.csv")
    assert dict(coverage.groupby("kind")["images"].sum()) == dict.fromkeys(
        ("part", "nowhere", "mirrored", "conflict"), 40
    )
    parts = coverage[(coverage["kind"] == "part") & (coverage["outcome"] == "admitted")].iloc[0]
    row = table.loc[("part", "oracle", "dice")]
    assert (parts["images"], parts["prompts"]) == (row["images"], row["n"])
