"""The torchmetrics classes in a loop of batches against `metrics` on all images together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
import torch
from torchmetrics import MetricCollection

import metrics
from c2seg_bench.errors import InputError
from c2seg_bench.torchmetrics import Dice, HausdorffDistance95, TextMaskConsistency
from metrics.consistency import corrected, evaluate

PROMPTS = (
    "Unilateral pulmonary infection, one infected area, lower left lung.",
    "Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung.",
    "Bilateral pulmonary infection, at least three infected areas.",
    "No infection.",
    "Pulmonary infection.",
)
BATCHES = (1, 4, 7, 3, 10)


# (share of the height, share of the width) of the lesions that the experts drew for each prompt
PLACES = (((0.8, 0.25),), ((0.2, 0.25), (0.8, 0.75)), ((0.2, 0.2), (0.6, 0.25), (0.5, 0.75)), (), ((0.5, 0.25),))


def masks_and_prompts(n: int = 25, size: int = 48) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Blobs anywhere, blobs where the prompt says, and prompts that state from nothing to three axes."""
    rng = np.random.default_rng(7)
    rows, columns = np.mgrid[:size, :size]

    def blobs(places: Iterable[tuple[float, float]]) -> np.ndarray:
        mask = np.zeros((size, size), bool)
        for y, x in places:
            mask |= (rows - y * size) ** 2 + (columns - x * size) ** 2 <= rng.integers(2, 6) ** 2
        return mask

    preds = np.stack([blobs(rng.uniform(0.1, 0.9, (i % 4, 2))) for i in range(n)])
    targets = np.stack([blobs(PLACES[i % len(PLACES)]) for i in range(n)])
    return preds, targets, [PROMPTS[i % len(PROMPTS)] for i in range(n)]


def batches() -> list[slice]:
    ends = np.cumsum(BATCHES)
    return [slice(int(end - n), int(end)) for n, end in zip(BATCHES, ends, strict=True)]


@pytest.mark.parametrize("aggregation", ["per-image", "pooled"])
def test_dice_of_batches_is_that_of_the_whole(aggregation: str) -> None:
    preds, targets, _ = masks_and_prompts()
    metric = Dice(aggregation=aggregation)
    for part in batches():
        metric.update(torch.from_numpy(preds[part]), torch.from_numpy(targets[part]))
    whole = metrics.summarise(metrics.score_masks(preds, targets), aggregation=aggregation)["dice"]
    assert metric.compute().dtype == torch.float64
    assert float(metric.compute()) == pytest.approx(whole, abs=1e-12)


@pytest.mark.parametrize("empty", ["diagonal", "skip", "nan"])
def test_hd95_of_batches_is_that_of_the_whole(empty: str) -> None:
    preds, targets, _ = masks_and_prompts()
    metric = HausdorffDistance95(empty=empty, spacing=(0.5, 2.0))
    for part in batches():
        metric.update(preds[part], targets[part])
    rows = metrics.score_masks(preds, targets, spacing=(0.5, 2.0))
    whole = metrics.summarise(rows, empty=empty, spacing=(0.5, 2.0))["hd95"]
    assert float(metric.compute()) == pytest.approx(whole, abs=1e-12, nan_ok=True)
    assert np.isnan(whole) == (empty == "nan")


@pytest.mark.parametrize("axis", ["all", "count", "laterality", "position", "absent"])
@pytest.mark.parametrize("value", ["score", "strict", "chance", "coverage", "corrected"])
def test_consistency_of_batches_is_that_of_the_whole(axis: str, value: str) -> None:
    preds, targets, prompts = masks_and_prompts()
    metric = TextMaskConsistency(frame="qata", axis=axis, value=value)
    for part in batches():
        metric.update(torch.from_numpy(preds[part]), prompts[part], target=torch.from_numpy(targets[part]))
    whole = expected(preds, targets, prompts, axis, value)
    # no prompt here says that there is nothing: the experts do no better than chance on it
    assert np.isfinite(whole) == ((axis, value) != ("absent", "corrected"))
    assert float(metric.compute()) == pytest.approx(whole, abs=1e-12, nan_ok=True)


def expected(preds: np.ndarray, targets: np.ndarray, prompts: list[str], axis: str, value: str) -> float:
    of_axis = evaluate(preds, prompts, frame="qata").summary()["axes"][axis]
    if value == "corrected":
        experts = evaluate(targets, prompts, frame="qata").summary()["axes"][axis]
        return corrected(of_axis["score"], of_axis["chance"], experts["score"], experts["chance"])
    return float(of_axis[value])


def test_a_frame_that_finds_the_lungs_reads_the_pictures_of_each_batch() -> None:
    preds, _, prompts = masks_and_prompts()
    rng = np.random.default_rng(3)
    images = rng.integers(0, 255, (len(preds), 48, 48, 3)).astype(np.uint8)
    metric = TextMaskConsistency(frame="qata-lungs")
    for part in batches():
        metric.update(preds[part], prompts[part], images=images[part])
    whole = evaluate(preds, prompts, frame="qata-lungs", images=images).summary()["axes"]["all"]["score"]
    assert float(metric.compute()) == pytest.approx(whole, abs=1e-12)


def test_masks_come_as_tensors_arrays_and_lists_with_or_without_a_channel() -> None:
    preds, targets, _ = masks_and_prompts()
    whole = metrics.score_masks(preds, targets)["dice"].mean()
    uneven = [torch.from_numpy(mask[: 40 + i % 3]) for i, mask in enumerate(preds)]
    uneven_targets = [torch.from_numpy(mask[: 40 + i % 3])[None] for i, mask in enumerate(targets)]
    for a, b in (
        (torch.from_numpy(preds)[:, None].float() * 0.9, torch.from_numpy(targets).long()),
        (preds.astype(np.uint8), targets[:, None]),
        (list(preds), list(torch.from_numpy(targets))),
        ((torch.from_numpy(preds) * 0.75).bfloat16().requires_grad_(), targets),
    ):
        metric = Dice()
        metric.update(a, b)
        assert float(metric.compute()) == pytest.approx(whole, abs=1e-12)
    metric = Dice()
    metric.update(uneven, uneven_targets)
    cut = metrics.score_masks([m.numpy() for m in uneven], [m[0].numpy() for m in uneven_targets])["dice"].mean()
    assert float(metric.compute()) == pytest.approx(cut, abs=1e-12)


def test_reset_forgets_and_forward_gives_the_value_of_the_batch() -> None:
    preds, targets, prompts = masks_and_prompts()
    dice, consistency = Dice(), TextMaskConsistency()
    for part in batches():
        of_batch = dice(preds[part], targets[part])
        assert float(of_batch) == pytest.approx(
            metrics.score_masks(preds[part], targets[part])["dice"].mean(), abs=1e-12
        )
    dice.reset()
    dice.update(preds[:3], targets[:3])
    assert float(dice.compute()) == pytest.approx(metrics.score_masks(preds[:3], targets[:3])["dice"].mean(), abs=1e-12)
    consistency.update(preds, prompts)
    consistency.reset()
    consistency.update(preds[:6], prompts[:6])
    whole = evaluate(preds[:6], prompts[:6]).summary()["axes"]["all"]["score"]
    assert float(consistency.compute()) == pytest.approx(whole, abs=1e-12)


def test_a_collection_keeps_the_state_of_several_values_once() -> None:
    preds, targets, prompts = masks_and_prompts()
    values = {name: TextMaskConsistency(frame="qata", value=name) for name in ("score", "chance", "corrected")}
    collection = MetricCollection(values)
    for part in batches():
        collection.update(preds=preds[part], prompts=prompts[part], target=targets[part])
    assert len(collection.compute_groups) == 1
    for name, value in collection.compute().items():
        assert float(value) == pytest.approx(expected(preds, targets, prompts, "all", name), abs=1e-12)


def test_nothing_stated_and_nothing_seen_are_nan() -> None:
    preds, _, _ = masks_and_prompts()
    metric = TextMaskConsistency(axis="count")
    metric.update(preds[:2], ["Pulmonary infection.", "Pulmonary infection."])
    assert np.isnan(float(metric.compute()))
    with pytest.warns(UserWarning, match="before the ``update`` method"):
        assert np.isnan(float(Dice().compute()))


def test_what_is_no_mask_is_refused_with_what_was_expected() -> None:
    preds, targets, prompts = masks_and_prompts()
    with pytest.raises(InputError, match=r"preds, image 0: values from -3 to -3; give 0/1 or probabilities"):
        Dice().update(np.where(preds, 3.0, -3.0), targets)
    with pytest.raises(InputError, match=r"preds, image 0: values from nan to nan"):
        Dice().update(np.full(preds.shape, np.nan), targets)
    with pytest.raises(InputError, match=r"target has shape \(25, 2, 24, 48\); give \(N, H, W\) or \(N, 1, H, W\)"):
        Dice().update(preds, targets.reshape(25, 2, 24, 48))
    with pytest.raises(InputError, match="25 preds and 24 prompts"):
        TextMaskConsistency().update(preds, prompts[1:])
    with pytest.raises(InputError, match="prompts is one text"):
        TextMaskConsistency().update(preds, prompts[0])
    with pytest.raises(InputError, match="needs the experts' masks"):
        TextMaskConsistency(value="corrected").update(preds, prompts)
    with pytest.raises(InputError, match="axis 'side': there are count, laterality"):
        TextMaskConsistency(axis="side")
    with pytest.raises(metrics.InputError, match="it locates the lungs in each image; give images"):
        TextMaskConsistency(frame="qata-lungs").update(preds, prompts)
