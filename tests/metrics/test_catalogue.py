import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import metrics
from metrics.catalogue import DEFAULT, MASK_METRICS, METRICS, Empty, Metric, find, mask_metrics, with_default
from metrics.pair import MaskPair
from metrics.summary import fill_empty
from metrics.table import table_of


def pair(pred, target):
    return MaskPair(np.array(pred, bool), np.array(target, bool))


EQUAL = pair([[1, 1, 0], [0, 0, 0]], [[1, 1, 0], [0, 0, 0]])
APART = pair([[1, 0, 0], [0, 0, 0]], [[0, 0, 0], [0, 1, 1]])


@pytest.mark.parametrize("metric", MASK_METRICS, ids=lambda m: m.name)
def test_equal_masks_are_perfect_and_disjoint_ones_are_worse(metric):
    assert metric.function(EQUAL) == metric.perfect
    worse = metric.function(APART)
    assert worse < metric.perfect if metric.higher_is_better else worse > metric.perfect


@pytest.mark.parametrize("metric", MASK_METRICS, ids=lambda m: m.name)
def test_the_policy_gives_a_value_to_every_pair_with_an_empty_mask(metric):
    none, some = np.zeros((3, 4), bool), np.eye(3, 4, dtype=bool)
    pairs = [(none, none), (some, none), (none, some)]
    table = metrics.score_masks(*zip(*pairs, strict=True), metrics=[metric.name])
    filled = fill_empty(table)[metric.column]
    assert filled.notna().all()
    assert filled[0] == metric.perfect  # two empty masks agree
    assert (filled[1:] != metric.perfect).any()
    assert metric.empty or table[metric.column].notna().all()


def test_every_entry_has_a_heading_a_meaning_and_a_column_of_its_own():
    columns = [m.column for m in METRICS.values() if m.column]
    assert len(columns) == len(set(columns))
    assert all(m.title and m.meaning and m.unit in ("%", "px", "") for m in METRICS.values())
    assert len({m.title for m in METRICS.values()}) == len(METRICS)
    assert all(m.scale == (100 if m.unit == "%" else 1) for m in METRICS.values())


def test_chosen_metrics_keep_their_order_and_come_once():
    assert [m.name for m in mask_metrics(["assd", "dice", "assd"])] == ["assd", "dice"]
    assert [m.name for m in with_default(["dice"])] == list(DEFAULT)
    with pytest.raises(metrics.InputError, match="metric 'dicee' is unknown; there are dice, iou, hd95, assd"):
        mask_metrics(["dicee"])
    with pytest.raises(metrics.InputError, match="'consistent' is unknown"):
        mask_metrics(["consistent"])  # needs a prompt


@given(st.sampled_from(["nsd", "p"]), st.decimals(0, 1, places=9) | st.decimals(0, 10**9 - 1, places=3))
@settings(max_examples=100, deadline=None)
def test_a_metric_at_a_number_is_found_again_by_its_name(family, number):
    metric = find(f"{family}@{number:f}")
    if family == "p" and number > 1:
        assert metric is None  # no IoU is above 1
        return
    again = find(metric.name)
    assert (again.name, again.meaning) == (metric.name, metric.meaning)
    at = 2.0 if metric.name == "nsd" else float(metric.name.partition("@")[2])
    assert at == float(number)  # 1234567 is not 1.23457e+06, and 2.0000001 not 2


@pytest.mark.parametrize("name", ["nsd@" + "9" * 400, "nsd@-1", "nsd@nan", "p@1.5", "p@", "dice@1", "nsd@\u0663"])
def test_numbers_that_no_metric_takes(name):
    assert find(name) is None


def test_a_further_metric_has_a_column_after_the_fixed_ones():
    area = Metric("area", "Area", "predicted area", "area", function=lambda p: float(p.pred_area))
    rows = [{**dict.fromkeys(table_of([]).columns, 1), "area": 3.0}]
    table = table_of(rows, (*with_default(), area))
    assert list(table.columns[:6]) == ["dice", "iou", "hd95", "assd", "pred_empty", "target_empty"]
    assert table.columns[-1] == "area" and table["area"].tolist() == [3.0]


def test_filled_touches_only_what_is_undefined():
    metric = Metric("m", "M", "m", "m", empty=Empty(one=0.0, both=1.0))
    flags = np.array([[0, 1, 0, 1], [0, 0, 1, 1]], bool)
    assert metric.filled([0.5, np.nan, 0.25, np.nan], *flags, diagonal=5.0).tolist() == [0.5, 0.0, 0.25, 1.0]
