"""Our numbers beside those that other libraries gave for the same pairs (tests/data/peers.json, record_peers.py)."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from metrics.boundary import hd95, hd100
from metrics.catalogue import mask_metrics
from metrics.pair import MaskPair

HERE = Path(__file__)
RECORDED = json.loads((HERE.parents[1] / "data" / "peers.json").read_text(encoding="utf-8"))
PAIRS = sorted({(p, m) for case in RECORDED["cases"].values() for p, result in case["values"].items() for m in result})
CONTOUR = "weighs each element of the outline by its contour length, and puts it between the pixels"
NEIGHBOURS = "joins pixels to a component by their sides alone, here also by their corners"
DIFFER = {  # (peer, metric) -> (cases that differ, why)
    **{("surface-distance", f"nsd@{t}"): (n, CONTOUR) for t, n in ((1, 9), (2, 8), (3, 9))},
    ("surface-distance", "larger"): (9, CONTOUR),
    **{("panoptica", m): (1, NEIGHBOURS) for m in ("pq", "lesion_f1", "lesion_precision", "lesion_recall")},
    ("torchmetrics", "hd100"): (9, "files distances under row * height + column: wrong where an image is not square"),
}


def differing(peer, metric):
    """Names of the cases in which our number is another."""
    out, seen = [], 0
    for name, case in RECORDED["cases"].items():
        pred, target = (np.array([[c == "#" for c in row] for row in case[k]]) for k in ("pred", "target"))
        if metric == "larger":
            ours = hd95(pred, target, case["spacing"], variant="larger")
        else:
            ours = mask_metrics([metric])[0].function(MaskPair(pred, target, case["spacing"]))
        seen += 1
        if ours != pytest.approx(case["values"][peer][metric], abs=1e-5, nan_ok=True):
            out.append(name)
    return out, seen


@pytest.mark.parametrize(("peer", "metric"), PAIRS)
def test_each_peer_agrees_or_differs_for_a_known_reason(peer, metric):
    names, _ = differing(peer, metric)
    assert len(names) == DIFFER.get((peer, metric), (0, ""))[0], names


def test_the_page_says_how_many_numbers_agree():
    counts = [differing(*pair) for pair in PAIRS]
    agreeing = sum(seen - len(names) for names, seen in counts)
    assert agreeing >= 390
    page = " ".join((HERE.parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8").split())
    stated = re.search(r"(\d+) of (\d+) recorded values agree", page)
    assert (int(stated[1]), int(stated[2])) == (agreeing, sum(seen for _, seen in counts))
    for peer, number in RECORDED["versions"].items():
        assert f"{peer} {number}" in page


@pytest.mark.parametrize("name", RECORDED["cases"])
def test_torchmetrics_gives_our_hausdorff_distance_once_a_image_is_square(name):
    import torch
    from torchmetrics.functional.segmentation import hausdorff_distance

    case = RECORDED["cases"][name]
    pred, target = (np.array([[c == "#" for c in row] for row in case[k]]) for k in ("pred", "target"))
    below = max(pred.shape) - pred.shape[0]  # beyond the border is background: no outline changes
    square = [torch.from_numpy(np.pad(m, ((0, below), (0, 0)))).int()[None, None] for m in (pred, target)]
    theirs = hausdorff_distance(
        *square, num_classes=1, include_background=True, spacing=list(case["spacing"]), input_format="one-hot"
    )
    assert float(theirs) == pytest.approx(hd100(pred, target, case["spacing"]), abs=1e-5)
