import numpy as np
import pytest

from metrics import InputError
from metrics.robustness import area_under_severity, drop, mce, relative_drop, relative_mce, worst_family

NOISY = np.array([[0.8, 0.6], [0.7, 0.3]])  # families swap and ocr, severities 1 and 5
REFERENCE = np.array([[0.6, 0.4], [0.5, 0.5]])


def test_drops():
    assert drop(0.9, [0.9, 0.6, 0.95]) == pytest.approx([0, 0.3, -0.05])
    assert relative_drop([0.8, 0.0], [0.6, 0.0]) == pytest.approx([0.25, np.nan], nan_ok=True)


def test_mce_by_hand():
    mine, other = NOISY.mean(axis=1), REFERENCE.mean(axis=1)
    # errors: swap 0.2 + 0.4 against 0.4 + 0.6; ocr 0.3 + 0.7 against 0.5 + 0.5
    assert mce(mine, other) == pytest.approx((0.6 + 1.0) / 2)
    assert mce(100 * mine, 100 * other, best=100) == pytest.approx(0.8)
    assert mce(other, other) == 1
    # drops from 0.8: swap 0 + 0.2, ocr 0.1 + 0.5; from 0.6: swap 0 + 0.2, ocr 0.1 + 0.1
    assert relative_mce(mine, other, 0.8, 0.6) == pytest.approx((0.2 + 0.6) / (0.2 + 0.2))
    assert np.isnan(mce(mine, np.ones(2)))
    assert np.isnan(relative_mce(mine, other, 0.8, 0.5))  # no drop of the reference from 0.5
    assert relative_mce([0.6, 0.6], [0.5, 0.8], 0.8, 0.7) == pytest.approx(4)  # one family helps the reference
    assert np.isnan(relative_mce([], [], 0.8, 0.7))
    assert np.isnan(mce([], []))


def test_mce_of_draws():
    mine, other = np.random.default_rng(0).uniform(0.1, 0.5, (2, 50, 4))
    assert mce(mine, other) == pytest.approx([mce(a, b) for a, b in zip(mine, other, strict=True)])
    clean, reference_clean = np.random.default_rng(1).uniform(0.6, 0.9, (2, 50))
    rows = zip(mine, other, clean, reference_clean, strict=True)
    expected = [float(relative_mce(*row)) for row in rows]
    assert relative_mce(mine, other, clean, reference_clean) == pytest.approx(expected)


def test_mce_needs_the_same_families():
    for mine, other in (([0.1, 0.2], [0.1]), (0.1, 0.2)):
        with pytest.raises(InputError, match=r"\(\.\.\., families\) to both"):
            mce(mine, other)


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda: drop([1, 2], [1, 2, 3]), r"scores of shape \(2,\) and \(3,\); give shapes that broadcast"),
        (lambda: relative_drop(["a"], [1.0]), "clean scores: not an array of numbers"),
        (lambda: mce([[0.1], [0.2, 0.3]], [0.1]), "noisy scores: not an array of numbers"),
        (lambda: relative_mce([0.1, 0.2], [0.1, 0.2], [1, 2, 3], [0.5, 0.5]), "give shapes that broadcast"),
        (lambda: area_under_severity([1j, 2j]), "complex"),
        (lambda: area_under_severity([1, 2, 3], [0, np.nan, 1]), "rising"),
    ],
)
def test_what_are_no_scores_is_refused_in_one_line(call, line):
    with pytest.raises(InputError, match=line) as error:
        call()
    assert "\n" not in str(error.value)


def test_area_under_severity():
    assert area_under_severity([0.7, 0.7, 0.7]) == pytest.approx(0.7)
    assert area_under_severity([1.0, 0.0], [0, 5]) == pytest.approx(0.5)
    assert area_under_severity([[1, 0.5, 0.5], [0, 0, 1]], [0, 1, 5]) == pytest.approx([(0.75 + 2) / 5, 2 / 5])
    for scores, severities in (([1.0], None), ([1.0, 2.0], [1, 0]), ([1.0, 2.0], [0, 1, 2]), (1.0, None)):
        with pytest.raises(InputError, match="two or more, rising"):
            area_under_severity(scores, severities)


def test_worst_family():
    assert worst_family({"swap": 0.7, "ocr": 0.5, "case": 0.5}) == ("ocr", 0.5)
    assert worst_family({"swap": 0.2, "ocr": np.nan}) == ("swap", 0.2)
    with pytest.raises(InputError, match="no family"):
        worst_family({"ocr": np.nan})
