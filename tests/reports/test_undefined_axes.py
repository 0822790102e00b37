"""The figure of consistency where the experts do no better than chance on an axis."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from reports.figures.consistency import draw
from reports.read import read_run


def without(*axes: str):
    """Empties the corrected scores of these axes."""

    def empty(table):
        table.loc[table["axis"].isin(axes), ["corrected", "lo", "hi"]] = np.nan
        return table

    return empty


def test_an_axis_without_a_value_is_named_instead_of_drawn(change):
    run = read_run(change("axes.csv", without("position")))
    figure = draw(run)
    assert "Not drawn: Position. No method has a value there" in figure.caption
    with Image.open(run.folder / figure.path) as narrow:
        width = narrow.width
    run.axes["corrected"] = run.axes["corrected"].fillna(0.5)
    whole = draw(run)
    assert "Not drawn" not in whole.caption
    with Image.open(run.folder / whole.path) as wide:
        assert wide.width == pytest.approx(width * (2.2 + 2.0 * 4) / (2.2 + 2.0 * 3), rel=0.03)


def test_without_any_value_there_is_no_figure(change):
    run = read_run(change("axes.csv", without("count", "laterality", "position", "all")))
    assert draw(run) is None
