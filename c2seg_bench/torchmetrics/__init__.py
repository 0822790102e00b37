"""Dice, HD95 and text-mask consistency as torchmetrics `Metric` classes, for a validation loop.

    from c2seg_bench.torchmetrics import Dice, TextMaskConsistency

    dice, consistency = Dice(), TextMaskConsistency(frame="qata")
    for images, masks, prompts in loader:
        probabilities = model(images, prompts).sigmoid()
        dice.update(probabilities, masks)
        consistency.update(probabilities, prompts)
    print(dice.compute(), consistency.compute())

The numbers are those of `metrics` on all images together, whatever the batches; with several processes torchmetrics
gathers the state. They need the optional dependency: pip install 'c2seg-bench[torchmetrics]'.
"""

try:
    import torchmetrics  # noqa: F401
except ImportError:
    raise ImportError("c2seg_bench.torchmetrics needs torchmetrics; pip install 'c2seg-bench[torchmetrics]'") from None

from c2seg_bench.torchmetrics.consistency import TextMaskConsistency
from c2seg_bench.torchmetrics.masks import Dice, HausdorffDistance95

__all__ = ["Dice", "HausdorffDistance95", "TextMaskConsistency"]
