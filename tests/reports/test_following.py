"""What the first line of a report says about following the words where no method can be ranked."""

from types import SimpleNamespace

import pandas as pd
import pytest

from reports.following import COLLAPSED, NOT_MEASURED, following


def run(adherence, unranked=()):
    methods = [SimpleNamespace(name=name, title=name, uses_text=True) for name in ("lvit", "c2seg")]
    return SimpleNamespace(referring=None, adherence=adherence, methods=methods, unranked=lambda _: set(unranked))


def edits(dataset="qata"):
    rows = [
        {"dataset": dataset, "method": method, "family": "swap_side", "followed": 0.0, "lo": 0.0, "hi": 0.0}
        for method in ("lvit", "c2seg")
    ]
    return pd.DataFrame(rows)


def test_edited_prompts_of_collapsed_methods_were_measured():
    assert following(run(edits(), ["lvit", "c2seg"]), "qata") == COLLAPSED


@pytest.mark.parametrize("adherence", [None, edits("another")])
def test_without_edited_prompts_nothing_was_measured(adherence):
    assert following(run(adherence), "qata") == NOT_MEASURED
