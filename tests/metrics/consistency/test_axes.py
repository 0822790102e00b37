"""The vocabulary of axes against what the judge answers, and the summary of an axis against plain means."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from metrics.consistency import Verdict, corrected, evaluate, parse
from metrics.consistency.axes import ALL, AXES, STATED, TABLE_AXES, summarise_axis

BOTH = "Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung"


def test_an_axis_is_a_field_of_the_verdict_and_three_columns_of_the_rows():
    fields = [field.name for field in dataclasses.fields(Verdict)]
    assert fields == [*(axis.name for axis in STATED), "consistent", "score"]
    rows = evaluate(np.ones((2, 8, 8)), [BOTH, "no infection"]).rows
    assert list(rows.columns) == [*(c for axis in AXES.values() for c in axis.columns), "components", "empty"]
    assert ALL.columns == ("consistent", "score", "chance") and AXES["count"].ok == "count_ok"


def test_absence_has_no_row_in_tables():
    assert [axis.name for axis in TABLE_AXES] == ["count", "laterality", "position", "size", "all"]


@pytest.mark.parametrize(
    "axis, one, other, same",
    [
        ("count", "two infected areas", "three infected areas", "2 infected areas in the left lung"),
        ("laterality", "infection of the left lung", "infection of the right lung", "one area, left lung"),
        ("position", "upper left lung", "lower left lung", "one infected area, upper left lung"),
        ("absent", "no infection", "one infected area", "no infected area"),
        ("all", BOTH, BOTH.replace("upper", "lower"), BOTH.upper()),
    ],
)
def test_what_a_prompt_states_on_an_axis(axis, one, other, same):
    statement = AXES[axis].statement
    assert statement(parse(one)) == statement(parse(same)) != statement(parse(other))
    assert len({statement(parse(text)) for text in (one, other, same)}) == 2


def verdicts(score):
    score = np.asarray(score, float)
    return {"count_ok": np.where(np.isnan(score), np.nan, score == 1), "count_score": score, "count_chance": score / 2}


def test_means_are_over_the_images_that_state_the_axis():
    rows = verdicts([1, 0.5, np.nan, np.nan, 0.0])
    assert summarise_axis(AXES["count"], rows) == {
        "coverage": 0.6, "n": 3, "strict": pytest.approx(1 / 3), "score": 0.5, "chance": 0.25,
    }  # fmt: skip
    assert summarise_axis(AXES["count"], pd.DataFrame(rows)) == summarise_axis(AXES["count"], rows)


def test_seeds_are_averaged():
    summary = summarise_axis(AXES["count"], verdicts([[1, np.nan, 0.5], [0, np.nan, 0.5]]))
    assert (summary["coverage"], summary["n"], summary["score"]) == (pytest.approx(2 / 3), 2, 0.5)


def test_a_ceiling_adds_the_corrected_score():
    score, ceiling = np.array([0.5, 1.0, np.nan, 0.6]), np.array([1.0, 0.9, np.nan, 0.8])
    summary = summarise_axis(AXES["count"], verdicts(score), verdicts(ceiling), seed=3, draws=200)
    known = np.isfinite(score)
    means = score[known].mean(), ceiling[known].mean()
    expected = corrected(means[0], means[0] / 2, means[1], means[1] / 2)
    assert summary["experts_chance"] == pytest.approx(0.45)
    assert summary["ceiling"] == pytest.approx(0.9)
    assert summary["corrected"] == pytest.approx(expected)
    assert summary["lo"] <= summary["corrected"] <= summary["hi"]


def test_an_axis_without_statements_has_no_means():
    assert summarise_axis(AXES["count"], verdicts([np.nan, np.nan])) == {"coverage": 0, "n": 0}
    empty = summarise_axis(AXES["count"], verdicts([]))
    assert np.isnan(empty["coverage"]) and empty["n"] == 0
