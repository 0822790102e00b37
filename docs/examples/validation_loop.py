"""Dice, HD95 and text-mask consistency in a validation loop, as torchmetrics classes.

python docs/examples/validation_loop.py          (needs pip install '.[torchmetrics]' in the checkout)
"""

import torch
from torchmetrics import MetricCollection

from c2seg_bench.torchmetrics import Dice, HausdorffDistance95, TextMaskConsistency


def batches(count: int = 3):
    """A loader's (logits (B, 1, H, W), masks (B, 1, H, W), prompts), as a model and a dataset would give them."""
    generator = torch.Generator().manual_seed(0)
    for _ in range(count):
        masks = torch.zeros(4, 1, 64, 64, dtype=torch.uint8)
        masks[:, :, 40:52, 10:22] = 1
        logits = 6.0 * masks - 3 + torch.randn(masks.shape, generator=generator)
        yield logits, masks, ["one infected area, lower left lung"] * 4


overlap = MetricCollection({"dice": Dice(), "hd95": HausdorffDistance95()})
consistency = TextMaskConsistency(frame="qata")
for logits, masks, prompts in batches():
    probabilities = logits.sigmoid()
    overlap.update(probabilities, masks)
    consistency.update(probabilities, prompts)
print({name: round(float(value), 4) for name, value in overlap.compute().items()})
print("consistency", round(float(consistency.compute()), 4))
