"""Time of HD95 + ASSD for twenty pairs of 224 x 224, beside medpy's; not collected by itself:

.venv/bin/pytest tests/metrics/bench_boundary.py
"""

import numpy as np
import pytest
from medpy.metric import binary as medpy
from scipy.ndimage import gaussian_filter

from metrics.table import score_pair


def noisy_pair(seed):
    """Two outlines of one smooth blob that nearly agree, and stray pixels on the second."""
    rng = np.random.default_rng(seed)
    field = gaussian_filter(rng.standard_normal((224, 224)), 14)
    other = field + 0.3 * field.std() * gaussian_filter(rng.standard_normal((224, 224)), 5) / 0.06
    first, second = (f > np.quantile(f, 0.9) for f in (field, other))
    return first, second ^ (rng.random(first.shape) < 0.0005)


@pytest.fixture(scope="module")
def pairs():
    return [noisy_pair(i) for i in range(20)]


def test_here(benchmark, pairs):
    results = benchmark(lambda: [score_pair(*p) for p in pairs])
    assert results[0]["hd95"] == pytest.approx(medpy.hd95(*pairs[0]))


def test_medpy(benchmark, pairs):
    results = benchmark.pedantic(lambda: [(medpy.hd95(*p), medpy.assd(*p)) for p in pairs], rounds=3)
    assert len(results) == len(pairs)
