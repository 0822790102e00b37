"""The metrics as functions: NumPy arrays, torch tensors, batches with or without a channel, pictures of several sizes.

python docs/examples/score_arrays.py
"""

import numpy as np
import torch

import metrics
from metrics.consistency import evaluate

rng = np.random.default_rng(0)
targets = np.zeros((4, 64, 64), bool)
targets[:, 40:52, 10:22] = True
preds = np.roll(targets, (2, 1), axis=(1, 2)) & (rng.random(targets.shape) < 0.95)

print("one pair:", metrics.dice(preds[0], targets[0]), metrics.hd95(preds[0], targets[0], spacing=(0.8, 0.8)))
of_arrays = metrics.score_masks(preds, targets)  # (N, H, W)
of_tensors = metrics.score_masks(torch.from_numpy(preds)[:, None], torch.from_numpy(targets)[:, None])  # (N, 1, H, W)
of_list = metrics.score_masks([preds[0], preds[1][:60]], [targets[0], targets[1][:60]])  # several sizes
print("equal:", of_arrays.equals(of_tensors), "rows:", len(of_arrays), len(of_list))
print("summary:", metrics.summarise(of_arrays)["dice"])

prompts = ["one infected area, lower left lung"] * 3 + ["two infected areas"]
print("consistency:", evaluate(preds, prompts).summary()["axes"]["all"])
