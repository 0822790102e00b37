"""The report of a large run: what it costs is counted, not timed (`big_run` makes one to time)."""

import pytest

from c2seg_bench.results.run import Run
from c2seg_bench.results.stress import stress
from metrics import resample
from tests.c2seg_bench.results.big_run import make_run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("methods", [2, 4])
def test_all_methods_share_the_draws_of_a_condition(tmp_path, monkeypatch, methods):
    run = Run.open(make_run(tmp_path / "run", methods=methods, datasets=1, seeds=2, images=20))
    resample._kept_counts.cache_clear()
    drawn = []
    original = resample._drawn_counts
    monkeypatch.setattr(resample, "_drawn_counts", lambda *args: drawn.append(args) or original(*args))
    rows = stress(run)
    conditions = {(row["family"], row["severity"]) for row in rows}
    assert len(conditions) == 39
    assert len(rows) == methods * 39 * 2  # Dice and consistency
    assert len(drawn) == 39 * 2
