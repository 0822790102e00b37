import numpy as np
import pandas as pd
import pytest

from metrics import InputError
from metrics.robustness import area_under_severity, drop, mce, relative_drop, relative_mce, worst_family

NOISY = pd.DataFrame([[0.8, 0.6], [0.7, 0.3]], index=["swap", "ocr"], columns=[1, 5])
REFERENCE = pd.DataFrame([[0.6, 0.4], [0.5, 0.5]], index=["swap", "ocr"], columns=[1, 5])


def test_drops():
    assert drop(0.9, [0.9, 0.6, 0.95]) == pytest.approx([0, 0.3, -0.05])
    assert relative_drop([0.8, 0.0], [0.6, 0.0]) == pytest.approx([0.25, np.nan], nan_ok=True)


def test_mce_by_hand():
    # errors: swap 0.2 + 0.4 against 0.4 + 0.6; ocr 0.3 + 0.7 against 0.5 + 0.5
    assert mce(NOISY, REFERENCE) == pytest.approx((0.6 + 1.0) / 2)
    assert mce(100 * NOISY, 100 * REFERENCE, best=100) == pytest.approx(0.8)
    assert mce(REFERENCE, REFERENCE) == 1
    # drops from 0.8: swap 0 + 0.2, ocr 0.1 + 0.5; from 0.6: swap 0 + 0.2, ocr 0.1 + 0.1
    assert relative_mce(NOISY, REFERENCE, 0.8, 0.6) == pytest.approx((1 + 3) / 2)
    assert np.isnan(mce(NOISY, np.ones((2, 2))))


def test_mce_pairs_families_by_name():
    assert mce(NOISY, REFERENCE.iloc[::-1, ::-1]) == pytest.approx(0.8)
    with pytest.raises(InputError, match="different families"):
        mce(NOISY, REFERENCE.rename(index={"ocr": "keyboard"}))
    with pytest.raises(InputError, match=r"\(families, severities\)"):
        mce([0.1, 0.2], [0.1, 0.2])


def test_area_under_severity():
    assert area_under_severity([0.7, 0.7, 0.7]) == pytest.approx(0.7)
    assert area_under_severity([1.0, 0.0], [0, 5]) == pytest.approx(0.5)
    assert area_under_severity([[1, 0.5, 0.5], [0, 0, 1]], [0, 1, 5]) == pytest.approx([(0.75 + 2) / 5, 2 / 5])
    for scores, severities in (([1.0], None), ([1.0, 2.0], [1, 0]), ([1.0, 2.0], [0, 1, 2]), (1.0, None)):
        with pytest.raises(InputError, match="two or more, rising"):
            area_under_severity(scores, severities)


def test_worst_family():
    assert worst_family(NOISY) == ("ocr", pytest.approx(0.5))
    assert worst_family(pd.Series({"swap": 0.2, "ocr": np.nan})) == ("swap", 0.2)
    with pytest.raises(InputError, match="no family"):
        worst_family(pd.Series(dtype=float))
