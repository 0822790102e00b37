"""Per-image columns, exact chance, constant predictors, the mirror image."""

import warnings

import numpy as np
import pytest
from scipy.stats import binomtest

from metrics import InputError
from metrics.consistency import Frame, check, constant_masks, corrected, evaluate, parse
from tests.metrics.consistency.test_check import CENTRES, SIDES, THIRDS, mask

CELLS = [f"{row}-{side}" for side in SIDES for row in CENTRES]
NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


def prompt_of(cells):
    sides = {c.split("-")[1] for c in cells}
    places = " and ".join(f"{c.split('-')[0]} {c.split('-')[1]} lung" for c in cells)
    kind = "Bilateral" if len(sides) == 2 else "Unilateral"
    return f"{kind} pulmonary infection, {NUMBERS[len(cells)]} infected areas, {places}"


@pytest.fixture(scope="module")
def dataset():
    rng = np.random.default_rng(5)
    cells = [sorted(rng.choice(CELLS, rng.integers(1, 4), replace=False)) for _ in range(60)]
    return np.array([mask(*c) for c in cells]), [prompt_of(c) for c in cells]


def test_the_truth_is_consistent(dataset):
    rows = evaluate(*dataset).rows
    assert (rows[["count_ok", "laterality_ok", "position_ok", "consistent"]] == 1).all().all()
    assert (rows["score"] == 1).all()
    assert rows["chance"].mean() < 0.7


def test_rows_are_check_and_chance_is_a_loop_over_all_other_prompts(dataset):
    masks, prompts = dataset[0][:12], dataset[1][:10] + ["Pulmonary infection", "No infection"]
    rows = evaluate(masks, prompts).rows
    verdicts = [[check(m, parse(p), THIRDS) for p in prompts] for m in masks]
    for i in range(len(masks)):
        for axis in ("count", "laterality", "position"):
            own = getattr(verdicts[i][i], axis)
            others = [getattr(verdicts[i][j], axis) for j in range(len(prompts)) if j != i]
            if own is None:
                assert np.isnan(rows[f"{axis}_score"][i]) and np.isnan(rows[f"{axis}_chance"][i])
                continue
            assert rows[f"{axis}_score"][i] == pytest.approx(own.score, abs=1e-12)
            assert rows[f"{axis}_ok"][i] == own.ok
            stated = [o.score for o in others if o is not None]
            assert rows[f"{axis}_chance"][i] == pytest.approx(np.mean(stated), abs=1e-12)
        scores = [verdicts[i][j].score for j in range(len(prompts)) if j != i and verdicts[i][j].score is not None]
        if verdicts[i][i].score is not None:
            assert rows["chance"][i] == pytest.approx(np.mean(scores), abs=1e-12)


def test_predictors_that_never_look_are_at_chance_exactly(dataset):
    masks, prompts = dataset
    for name, constant in constant_masks(masks).items():
        with warnings.catch_warnings(action="error"):  # such a mask is no mirror
            rows = evaluate([constant] * len(prompts), prompts).rows
        for axis in ("count_", "laterality_", "position_", ""):
            assert rows[f"{axis}score"].mean() - rows[f"{axis}chance"].mean() <= 1e-12, name


def test_mirror_image_drops_the_side_to_chance_and_leaves_the_count(dataset):
    masks, prompts = dataset
    one_sided = [i for i, p in enumerate(prompts) if p.startswith("Unilateral")]
    masks, prompts = masks[one_sided][:, :, ::-1], [prompts[i] for i in one_sided]
    with pytest.warns(
        UserWarning,
        match="prompts of one side have most of the lesion on that side in 0 of 33 images .* may need 'patient'",
    ):
        rows = evaluate(masks, prompts).rows
    assert (rows["count_ok"] == 1).all()
    assert (rows["laterality_ok"] == 0).all()


def test_a_mirror_is_reported_however_many_prompts_name_both_sides(dataset):
    masks, prompts = dataset
    one_sided = [i for i, p in enumerate(prompts) if p.startswith("Unilateral")][:20]
    both = [i for i, p in enumerate(prompts) if p.startswith("Bilateral")] * 3
    shown = [*one_sided, *both]
    with pytest.warns(
        UserWarning, match="one side have most of the lesion .* calibrate a frame on your training split"
    ):
        evaluate(masks[shown][:, :, ::-1], [prompts[i] for i in shown])


def test_summary_counts_statements_and_both_kinds_of_target(dataset):
    masks = [mask("upper-left"), mask(), mask("lower-right"), mask("upper-left")]
    prompts = ["one infected area, upper left lung", "No infection", "No infection", "Unilateral, left and right lung"]
    about = evaluate(masks, prompts).summary()
    assert about["axes"]["count"]["coverage"] == 0.25
    assert about["no_target"] == {"n": 2, "accuracy": 0.5}
    assert about["target"] == {"n": 2, "accuracy": 1.0}
    assert about["conflicts"] == 1


def test_summary_says_how_much_of_the_prompts_is_read():
    prompts = ["one infected area, upper left lung", "Pneumonia", "", "No infection", "upper lung and left lung"]
    about = evaluate([mask()] * 5, prompts).summary()
    assert about["abstained"] == about["reading"]["abstained"] == 0.4
    read = {
        name: about["reading"][name] for name in ("n", "count", "laterality", "position", "absent", "blank", "unread")
    }
    assert read == {
        "n": 5,
        "count": 0.2,
        "laterality": 0.2,
        "position": 0.2,
        "absent": 0.2,
        "blank": 0.2,
        "unread": 0.2,
    }


def test_a_warning_where_more_than_a_fifth_of_the_prompts_state_nothing():
    prompts = ["one polyp, located in top of the image"] * 6 + ["infection of the left lung"] * 14
    with pytest.warns(
        UserWarning, match="30% of 20 prompts state nothing under ontology chest, such as 'one polyp, loc"
    ):
        evaluate([mask()] * 20, prompts)
    with warnings.catch_warnings(action="error"):
        evaluate([mask()] * 20, prompts[2:] + prompts[-2:])


def test_polyps_know_no_sides():
    frame = Frame("grid", columns=(1 / 3, 2 / 3))
    rows = evaluate([mask("lower-left")], ["one polyp, located in bottom left of the image"], "colonoscopy", frame).rows
    assert rows["position_ok"][0] == 1 and np.isnan(rows["laterality_score"][0])


def test_constant_masks_have_the_mean_area(dataset):
    masks = dataset[0]
    result = constant_masks(masks)
    assert result["empty"].sum() == 0 and result["full"].all()
    assert abs(result["mean mask"].sum() - masks.sum() / len(masks)) <= masks[0].size * 0.02


def test_corrected():
    assert corrected(0.9, 0.4, 0.9, 0.4) == pytest.approx(1) and corrected(0.4, 0.4, 0.9, 0.5) == 0
    assert corrected(0.95, 0.85, 0.9, 0.4) == pytest.approx(0.2)  # whatever the own chance is
    assert np.isnan(corrected(0.5, 0.4, 0.6, 0.6)) and np.isnan(corrected(np.nan, 0.6, 0.5, 0.4))


def test_unequal_numbers_are_an_error():
    with pytest.raises(InputError, match=r"masks have shape \(0, 4, 4\); give \(N, H, W\), one or more"):
        constant_masks(np.zeros((0, 4, 4)))
    with pytest.raises(InputError, match="workers is 0; give 1 or more"):
        evaluate(np.zeros((1, 4, 4)), [""], workers=0)
    with pytest.raises(InputError, match="1 masks and 2 prompts; give one of each per image"):
        evaluate([mask()], ["a", "b"])


def test_no_images_give_no_rows():
    assert len(evaluate([], []).rows) == 0


@pytest.mark.parametrize(("n", "agree", "warned"), [(7, 0, False), (8, 0, True), (8, 1, True), (8, 2, False), (60, 20, True), (60, 30, False)])  # fmt: skip
def test_eight_one_sided_prompts_are_enough_where_the_interval_says_so(n, agree, warned):
    left = np.zeros((40, 40), bool)
    left[15:25, 5:15] = True
    masks = [left if i < agree else left[:, ::-1] for i in range(n)]
    prompts = ["Unilateral pulmonary infection, one infected area, middle left lung"] * n
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        evaluate(masks, prompts)
    messages = [str(w.message) for w in caught if "convention" in str(w.message)]
    assert bool(messages) == warned
    if warned:
        low, high = proportion_confint(agree, n)
        assert f"in {agree} of {n} images ({agree / n:.0%}, 95 % interval {low:.0%} to {high:.0%})" in messages[0]


def proportion_confint(successes, n):
    """Wilson's interval as SciPy has it."""
    result = binomtest(successes, n).proportion_ci(method="wilson")
    return result.low, result.high
