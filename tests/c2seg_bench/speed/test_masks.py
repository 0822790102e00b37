"""The metrics and the peers that they are timed beside compute the same of every kind of masks."""

import numpy as np
import pytest

from c2seg_bench.speed import masks, ratio
from c2seg_bench.speed.mask_pairs import KINDS, VOLUME, pairs_of
from c2seg_bench.speed.mask_peers import by_deepmind, by_medpy, by_monai, by_opencv, by_scipy
from c2seg_bench.speed.masks import growth, scores
from metrics.boundary import hd95
from metrics.pair import MaskPair

SIZE = 96


@pytest.mark.parametrize("kind", [*KINDS, VOLUME])
def test_the_peers_give_the_numbers_that_they_are_timed_for(kind):
    (pair,) = pairs_of(kind, SIZE, 1)
    own = scores([pair], workers=1).iloc[0]
    spacing = (1,) * pair[0].ndim
    assert by_medpy(*pair) == pytest.approx([own[k] for k in ("hd95", "assd", "dice", "iou")], rel=1e-6)
    larger = hd95(*pair, spacing, variant="larger")
    assert by_monai(*pair) == pytest.approx([larger, own["assd"], own["dice"], own["iou"]], rel=1e-5)
    assert by_deepmind(*pair)[-1] == pytest.approx(own["dice"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("peer", "rounding"), [(by_scipy, 1e-12), (by_opencv, 1e-5)])
def test_the_transforms_give_the_same_distances(kind, peer, rounding):
    (pair,) = pairs_of(kind, SIZE, 1)
    for own, theirs in zip(MaskPair(*pair).distances, peer(*pair), strict=True):
        np.testing.assert_allclose(own, theirs, rtol=rounding)


@pytest.mark.parametrize("kind", [*KINDS, VOLUME])
def test_pairs_are_the_same_in_every_run_and_never_empty(kind):
    for one, other in zip(pairs_of(kind, SIZE, 2), pairs_of(kind, SIZE, 2), strict=True):
        np.testing.assert_array_equal(one, other)
        assert all(mask.any() for mask in one)


def test_each_kind_is_compared_with_each_peer_and_with_medpy_on_all_cores_too(monkeypatch):
    monkeypatch.setattr(masks, "SIZES", (24,))
    monkeypatch.setattr(masks, "KINDS", {"blobs that nearly agree": KINDS["blobs that nearly agree"]})
    monkeypatch.setattr(masks, "SCORES", {"medpy": by_medpy, "MONAI": by_monai})
    monkeypatch.setattr(masks, "DISTANCES", {"scipy": by_scipy})
    monkeypatch.setattr(masks, "TIMES", 2)
    monkeypatch.setattr(ratio, "LEAST", 0.0)
    rows = list(masks.comparisons())
    scores_of_a_kind = [("metrics", "medpy"), ("metrics on all cores", "medpy"), ("metrics", "MONAI")]
    assert [(row.part, row.peer) for row in rows] == [*scores_of_a_kind, ("distances", "scipy"), *scores_of_a_kind]
    assert [row.work for row in rows] == ["blobs that nearly agree, 24x24"] * 4 + ["blobs in a volume, 32x64x64"] * 3
    assert rows[0].peer_seconds == rows[1].peer_seconds and all(row.items == 3 for row in rows)


def test_memory_does_not_grow_with_the_masks():
    """Beyond the masks and the table itself: a picture of 224x224 has 49 KiB, a row of the table far less."""
    few, many = growth((100, 900))
    assert (many["mib"] - few["mib"]) / 800 < 0.01 and few["pairs"] == 100
