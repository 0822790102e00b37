"""A made-up explorer.json: pictures of blobs, two methods of the made-up run, clean, noisy and edited prompts."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 24
CONDITIONS = (("clean", "clean", 0, "clean", ""), ("keyboard-3", "keyboard", 3, "kept", ""),
              ("swap_side-1", "swap_side", 1, "changed", "laterality"))  # fmt: skip
METHODS = ("unet", "c2seg")


def box(top: int, left: int, side: int) -> np.ndarray:
    mask = np.zeros((SIDE, SIDE), bool)
    mask[top : top + side, left : left + side] = True
    return mask


def run_lengths(mask: np.ndarray) -> str:
    """As c2seg_bench writes them, one pixel after another."""
    lengths, last = [0], False
    for pixel in mask.ravel().tolist():
        if pixel == last:
            lengths[-1] += 1
        else:
            lengths.append(1)
            last = pixel
    if not last:
        lengths.pop()
    out = bytearray()
    for n in lengths:
        while n > 127:
            out.append(n % 128 + 128)
            n //= 128
        out.append(n)
    return base64.b64encode(bytes(out)).decode()


def jpeg(mask: np.ndarray) -> str:
    stream = io.BytesIO()
    Image.fromarray(np.where(mask, 200, 60).astype(np.uint8)).save(stream, "JPEG")
    return base64.b64encode(stream.getvalue()).decode()


def dice(a: np.ndarray, b: np.ndarray) -> float:
    return 2 * int((a & b).sum()) / int(a.sum() + b.sum())


def add_cases(folder: Path, dataset: str = "qata", names: tuple[str, ...] = ("lung_0", "lung_1", "lung_2")) -> dict:
    """Write folder/tables/explorer.json and return it. Picture k has a box at column k; c2seg is off by k pixels."""
    content = made_cases(dataset, names)
    (folder / "tables" / "explorer.json").write_text(json.dumps(content))
    return content


def add_trainings_and_parts(content: dict, seed: int = 7) -> dict:
    """The same with a second training, whose masks are one pixel lower, and prompts that ask for the left half."""
    [dataset], number = content["datasets"], len(content["datasets"][0]["conditions"])
    dataset["conditions"].append({"name": "part-1", "family": "part", "severity": 1, "kind": "referring", "edited": ""})
    lower = run_lengths(box(5, 9, 8))
    for pair in content["pairs"]:
        pair["cases"] = [both for case in pair["cases"] for both in (case, [*case[:4], lower, *case[5:]])]
    for name in ("methods", "dice", "score"):
        dataset[name] = [value for value in dataset[name] for _ in range(2)]
    dataset["seeds"] = [0, seed] * len(METHODS)
    half = np.zeros((SIDE, SIDE), bool)
    half[4:12, 3:7] = True
    says = [["side", 1, "left stated, lesion left"]]
    cases = [[1.0, None, None, None, run_lengths(half), [], says] for _ in dataset["methods"]]
    target = {"picture": 0, "prompt": 0, "condition": number, "cases": cases, "target": run_lengths(half)}
    content["pairs"].append(target)
    return content


def add_methods(content: dict, names: tuple[str, ...]) -> dict:
    """The same with more methods, whose masks are empty."""
    [dataset] = content["datasets"]
    dataset["methods"] += names
    dataset["seeds"] += [0] * len(names)
    for name in ("dice", "score"):
        dataset[name] += [[0] * len(dataset["images"]) for _ in names]
    empty = [0.0, 0.0, 0, 0.0, run_lengths(np.zeros((SIDE, SIDE), bool)), [["count", 0, "1 stated, 0 found"]], []]
    for pair in content["pairs"]:
        pair["cases"] += [empty for _ in names]
    return content


def add_flipped(content: dict) -> dict:
    """The same with image 0 flipped: under a prompt with sides exchanged, and under its own, which nothing fits."""
    [dataset] = content["datasets"]
    flipped = box(4, 13, 8)  # image 0 has its box at columns 3 to 10 of 24
    answers = [["side", 1, "right stated, lesion right"]]
    for family, target, value in (("mirrored", flipped, 1.0), ("conflict", np.zeros_like(flipped), 0.0)):
        condition = {"name": f"{family}-1", "family": family, "severity": 1, "kind": "referring", "edited": ""}
        dataset["conditions"].append({**condition, "flipped": True})
        cases = [[value, None, None, None, run_lengths(flipped), [], answers] for _ in dataset["methods"]]
        number = len(dataset["conditions"]) - 1
        content["pairs"].append(
            {"picture": 0, "prompt": 0, "condition": number, "cases": cases, "target": run_lengths(target)}
        )
    return content


def made_cases(dataset: str, names: tuple[str, ...]) -> dict:
    truths = [box(4, 3 + k, 8) for k in range(len(names))]
    pictures = [
        {"dataset": 0, "name": name, "height": SIDE, "width": SIDE, "jpeg": jpeg(t), "truth": run_lengths(t)}
        for name, t in zip(names, truths, strict=True)
    ]
    prompts, pairs = [], []
    scores = {name: [] for name in METHODS}
    for k, truth in enumerate(truths):
        for c, (_, family, *_) in enumerate(CONDITIONS):
            prompts.append({
                "parts": [["Picture ", ""], [f"{k}", "count"], [f" {family}: <b>left</b> ", "left out"], ["lung", "position"]],
                "read": [["count", f"{k}", "a number of lesions"]],
                "left_out": [["<b>left</b>", "denied by 'no'"]], "notes": ["rihgt read as right"],
            })  # fmt: skip
            cases = []
            for method in METHODS:
                mask = box(4, 9, 8) if method == "unet" else box(4 + k, 3 + k + 2 * c, 8)
                value = round(dice(mask, truth), 3)
                if c == 0:
                    scores[method].append(round(1000 * value))
                same = method == "unet" and c > 0
                answers = [["count", int(method == "c2seg"), f"{k} stated, 1 found"]]
                edited = [["side", 0, "left stated, lesion right"]] if family == "swap_side" else []
                cases.append([value, 0.5 + 0.1 * k, int(method == "c2seg"), 1.0 if same else 0.8,
                              "=" if same else run_lengths(mask), [] if same else answers, edited])  # fmt: skip
            pairs.append({"picture": k, "prompt": len(prompts) - 1, "condition": c, "cases": cases})
    keys = ("name", "family", "severity", "kind", "edited")
    return {
        "made_of": "x",
        "datasets": [{
            "name": dataset, "methods": list(METHODS), "seeds": [0, 0],
            "conditions": [dict(zip(keys, c, strict=True)) for c in CONDITIONS], "images": [*range(len(names)), -1],
            "dice": [[*scores[m], 500] for m in METHODS], "score": [[500, 600, 700, -1][: len(names)] + [-1] for _ in METHODS],
        }],
        "total": {"pictures": 7, "pairs": 21}, "pictures": pictures, "prompts": prompts, "pairs": pairs,
    }  # fmt: skip
