"""What other libraries say of a few pairs of masks, recorded as tests/data/peers.json; not collected by itself.

Run it in an environment that has them (MetricsReloaded from its repository, the rest from PyPI):
python tests/metrics/record_peers.py tests/data/peers.json
"""

import contextlib
import io
import json
import sys
import warnings
from importlib.metadata import version

import medpy.metric.binary as medpy
import numpy as np
import surface_distance
import torch
import torchmetrics.functional.classification as tm
from MetricsReloaded.metrics.pairwise_measures import BinaryPairwiseMeasures
from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance, compute_surface_dice
from panoptica import ConnectedComponentsInstanceApproximator, InputType, NaiveThresholdMatching, Panoptica_Evaluator
from panoptica.metrics import Metric
from torchmetrics.functional.segmentation import hausdorff_distance

TOLERANCES = (1, 2, 3)


def blobs(rng, shape, count, noise=0.0):
    """Discs at random places; a share of the pixels flipped."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    mask = np.zeros(shape, bool)
    for _ in range(count):
        r, c, radius = rng.uniform(3, shape[0] - 3), rng.uniform(3, shape[1] - 3), rng.uniform(2, 5)
        mask |= (y - r) ** 2 + (x - c) ** 2 < radius**2
    return mask ^ (rng.random(shape) < noise)


def cases():
    """name -> (pred, target, spacing)."""
    rng = np.random.default_rng(17)
    square, stray = np.zeros((14, 14), bool), np.zeros((14, 14), bool)
    square[9:12, 9:12] = stray[9:12, 9:12] = True
    stray[1, 1] = True
    out = {"one stray pixel": (square, stray, (1, 1)), "equal": (square, square, (1, 1))}
    out["touches the border"] = (np.eye(12, dtype=bool), np.triu(np.ones((12, 12), bool), 6), (1, 1))
    for k in range(9):
        target = blobs(rng, (24, 28), 1 + k % 4)
        pred = np.roll(target, (k % 3, 1 - k % 2), (0, 1)) | blobs(rng, (24, 28), k % 3, noise=0.01 * (k % 2))
        out[f"blobs {k}"] = (pred, target, (1, 1) if k < 6 else (0.7, 1.6))
    return out


def confusion(pred, target):
    """torchmetrics and medpy on the counts."""
    p, t = torch.tensor(pred).flatten(), torch.tensor(target).flatten().int()
    return {
        "torchmetrics": {
            "dice": tm.binary_f1_score(p, t), "iou": tm.binary_jaccard_index(p, t),
            "precision": tm.binary_precision(p, t), "recall": tm.binary_recall(p, t),
            "specificity": tm.binary_specificity(p, t),
        },
        "medpy": {
            "dice": medpy.dc(pred, target), "iou": medpy.jc(pred, target), "precision": medpy.precision(pred, target),
            "recall": medpy.recall(pred, target), "specificity": medpy.specificity(pred, target),
        },
    }  # fmt: skip


def distances(pred, target, spacing):
    """Everybody's distances, under the definitions that they are of."""
    one_hot = [torch.tensor(m)[None, None].float() for m in (pred, target)]
    how = {"include_background": True, "spacing": list(spacing)}
    elements = surface_distance.compute_surface_distances(target, pred, spacing)
    deepmind = {f"nsd@{t}": surface_distance.compute_surface_dice_at_tolerance(elements, t) for t in TOLERANCES}
    deepmind["hd100"] = surface_distance.compute_robust_hausdorff(elements, 100)
    deepmind["larger"] = surface_distance.compute_robust_hausdorff(elements, 95)
    return {
        "medpy": {
            "hd95": medpy.hd95(pred, target, spacing), "hd100": medpy.hd(pred, target, spacing),
            "assd": medpy.assd(pred, target, spacing),
        },
        "monai": {
            "larger": compute_hausdorff_distance(*one_hot, percentile=95, **how),
            "hd100": compute_hausdorff_distance(*one_hot, **how),
            "assd": compute_average_surface_distance(*one_hot, symmetric=True, **how),
            **{f"nsd@{t}": compute_surface_dice(*one_hot, class_thresholds=[t], **how) for t in TOLERANCES},
        },
        "surface-distance": deepmind,
        "torchmetrics": {
            "hd100": hausdorff_distance(*(m.int() for m in one_hot), num_classes=1, include_background=True,
                                        spacing=list(spacing), input_format="one-hot"),
        },
    }  # fmt: skip


def reloaded(pred, target, spacing):
    result = {}
    for t in TOLERANCES:
        measures = BinaryPairwiseMeasures(
            pred.astype(np.int64), target.astype(np.int64), pixdim=spacing, dict_args={"nsd": t, "hd_perc": 95}
        )
        result[f"nsd@{t}"] = measures.normalised_surface_distance()
    return result | {
        "dice": measures.dsc(), "iou": measures.intersection_over_union(), "precision":
        measures.positive_predictive_value(), "recall": measures.sensitivity(), "specificity": measures.specificity(),
        "hd100": measures.measured_hausdorff_distance(), "larger": measures.measured_hausdorff_distance_perc(),
        "assd": measures.measured_average_distance(), "masd": measures.measured_masd(),
        "area_error": measures.absolute_volume_difference_ratio(),
    }  # fmt: skip


def lesions(pred, target):
    evaluator = Panoptica_Evaluator(
        expected_input=InputType.SEMANTIC,
        instance_approximator=ConnectedComponentsInstanceApproximator(),
        instance_matcher=NaiveThresholdMatching(matching_metric=Metric.IOU, matching_threshold=0.5),
        instance_metrics=[Metric.IOU],
        global_metrics=[Metric.DSC],
    )
    with contextlib.redirect_stdout(io.StringIO()):
        result = evaluator.evaluate(pred.astype(np.uint8), target.astype(np.uint8), verbose=False)["ungrouped"]
    return {"pq": result.pq, "lesion_f1": result.rq, "lesion_precision": result.prec, "lesion_recall": result.rec,
            "dice": result.global_bin_dsc}  # fmt: skip


def main(path):
    warnings.simplefilter("ignore")
    recorded = {}
    for name, (pred, target, spacing) in cases().items():
        values = {"metricsreloaded": reloaded(pred, target, spacing), "panoptica": lesions(pred, target)}
        for part in (confusion(pred, target), distances(pred, target, spacing)):
            for peer, result in part.items():
                values.setdefault(peer, {}).update(result)
        recorded[name] = {
            "pred": ["".join("#" if p else "." for p in row) for row in pred],
            "target": ["".join("#" if p else "." for p in row) for row in target],
            "spacing": spacing,
            "values": {p: {m: float(v) for m, v in result.items()} for p, result in values.items()},
        }
    versions = {p: version(p) for p in ("medpy", "monai", "surface-distance", "panoptica", "torchmetrics")}
    versions["metricsreloaded"] = "cb38dfc"  # commit of June 2025
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"versions": versions, "cases": recorded}, f, indent=1)


if __name__ == "__main__":
    main(sys.argv[1])
