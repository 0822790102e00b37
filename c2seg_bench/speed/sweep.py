"""What a condition of the stress sweep costs beside a plain prediction pass, in operations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from baselines import registry
from c2seg_bench.speed.throughput import TEXT, random_feed

SIDE, IMAGES = 128, 8


def share_of_a_condition(name: str, fabric: Any) -> float:
    """Operations of decoding other prompts for images that are already encoded, over those of a plain pass."""
    model = registry.build(name, "tiny", TEXT, SIDE).eval()
    feed, rows = random_feed(SIDE, fabric.device), np.arange(IMAGES)
    images = next(feed.batches([rows])).images
    with torch.inference_mode():
        encoding, features = _operations(lambda: model.encode_image(images))
        decoding, _ = _operations(lambda: model.decode(features, feed.text(rows)))
    return decoding / (encoding + decoding)


def _operations(work: Callable[[], Any]) -> tuple[int, Any]:
    with FlopCounterMode(display=False) as counter:
        result = work()
    return counter.get_total_flops(), result
