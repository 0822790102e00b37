"""What captions say of metrics that an empty mask leaves undefined."""

import pytest

from metrics.catalogue import MASK_METRICS
from reports.run import Metric
from reports.tables.captions import ONE_AND_BOTH_EMPTY, values_of_empty_masks


def row(name, unit, better):
    return Metric(name, name.upper(), unit, better, True, True, "")


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        (
            [row("hd95", "px", "down"), row("assd", "px", "down")],
            "the image's diagonal where only one of the two masks is empty, 0 where both are",
        ),
        ([row("nsd", "%", "up")], "0 % where only one of the two masks is empty, 100 % where both are"),
        (
            [row("hd95", "px", "down"), row("nsd", "%", "up"), row("error", "%", "down")],
            "HD95 the image's diagonal where only one of the two masks is empty, 0 where both are; "
            "NSD 0 % where only one of the two masks is empty, 100 % where both are; "
            "ERROR 100 % where only one of the two masks is empty, 0 % where both are",
        ),
        ([row("own", "cm", "up")], "the worst value where only one of the two masks is empty, the best where both are"),
    ],
)
def test_each_kind_of_metric_has_its_own_values(metrics, expected):
    assert values_of_empty_masks(metrics) == expected


@pytest.mark.parametrize("metric", [m for m in MASK_METRICS if m.empty], ids=lambda m: m.name)
def test_the_values_are_those_that_the_metric_takes(metric):
    one, both = ONE_AND_BOTH_EMPTY[metric.unit, "up" if metric.higher_is_better else "down"]
    unit = " %" if metric.unit == "%" else ""
    known = metric.empty.one
    assert one == ("the image's diagonal" if known == "diagonal" else f"{known * metric.scale:g}{unit}")
    assert both == f"{metric.empty.both * metric.scale:g}{unit}"
