"""The metric's validity on drawn masks: single faults, growing numbers of faults, and changes that must not matter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.consistency.frame.frame import Frame
from metrics.consistency.judge.check import EVEN, Verdict, check
from metrics.consistency.reader.findings import Findings
from metrics.consistency.reader.parse import parse
from metrics.consistency.study import scenes

AXES = ("count", "laterality", "position")


def single_faults(trials: int = 300, seed: int = 0) -> pd.DataFrame:
    """Add each fault alone to a drawn mask, `trials` times.

    Returns:
        One row per `fault`: `n` trials; for each axis, the share of trials in which its strict answer changed; and
        `right`, the share in which exactly those axes changed that must.
    """
    rng, frame = np.random.default_rng(seed), Frame.load(EVEN)
    rows = []
    for name, (fault, prompt, expected) in scenes.FAULTS.items():
        changed: list[set[str]] = []
        while len(changed) < trials:
            scene = scenes.draw(rng)
            faulty = fault(scene, rng)
            if faulty is None:
                continue
            findings = parse(getattr(scene, prompt))
            before, after = check(scene.mask(), findings, frame), check(faulty.mask(), findings, frame)
            changed.append({axis for axis in AXES if strict_answer(before, axis) != strict_answer(after, axis)})
        shares = {axis: float(np.mean([axis in axes for axes in changed])) for axis in AXES}
        right = float(np.mean([axes == expected for axes in changed]))
        rows.append({"fault": name, "n": trials, **shares, "right": right})
    return pd.DataFrame(rows)


def strict_answer(verdict: Verdict, axis: str) -> bool | None:
    """The strict answer of an axis; None if the prompt does not state it."""
    answer = getattr(verdict, axis)
    return None if answer is None else answer.ok


def order_and_separation(trials: int = 300, seed: int = 0) -> tuple[dict[str, float], pd.DataFrame]:
    """Add up to three faults, each on another axis, to the same drawn mask in random order.

    Returns:
        Spearman's correlation of the score with the number of faults: over all masks together (`pooled`), and the mean
        of each mask's own (`per_mask`). And one row per number of `faults`: mean `score`, and `ks`, the
        Kolmogorov-Smirnov distance from the row before (nan in the first).
    """
    from scipy.stats import ks_2samp, spearmanr

    rng, frame = np.random.default_rng(seed), Frame.load(EVEN)
    scores = np.array([scores_by_faults(rng, frame) for _ in range(trials)])
    numbers = np.broadcast_to(np.arange(scores.shape[1]), scores.shape)
    rho = {
        "pooled": float(spearmanr(numbers.ravel(), scores.ravel()).statistic),
        "per_mask": float(np.mean([spearmanr(numbers[0], row).statistic for row in scores])),
    }
    rows = [
        {
            "faults": k,
            "score": float(scores[:, k].mean()),
            "ks": float(ks_2samp(scores[:, k - 1], scores[:, k]).statistic) if k else float("nan"),
        }
        for k in range(scores.shape[1])
    ]
    return rho, pd.DataFrame(rows)


def scores_by_faults(rng: np.random.Generator, frame: Frame) -> list[float]:
    """Scores of a drawn one-sided mask with 0, 1, 2 and 3 faults, each on another axis."""
    while True:
        scene = scenes.draw(rng)
        if len({side for _, side, *_ in scene.lesions}) == 2:
            continue
        scores, current = [1.0], scene
        faults: list[scenes.Fault] = [
            (scenes.add, scenes.remove)[int(rng.integers(2))],
            scenes.mirror,
            scenes.move,
        ]
        for i in rng.permutation(3):
            faulty = faults[i](current, rng)
            if faulty is None:
                break
            current = faulty
            # position is judged on the mask turned back, so that a wrong side is counted once
            sides = check(current.mask(), parse(scene.sides_only), frame)
            places = check(replace(current, mirrored=False).mask(), parse(scene.prompt), frame)
            answers = [sides.count, sides.laterality, places.position]
            scores.append(float(np.mean([a.score for a in answers if a is not None])))
        if len(scores) == 4:
            return scores


PARAPHRASES: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "lower case": str.lower,
    "clauses in another order": lambda t: ", ".join(reversed(t.split(", "))),
    '"located in"': lambda t: t.replace("areas, ", "areas located in the "),
    "digits": lambda t: " ".join(str(scenes.NUMBERS.index(w)) if w in scenes.NUMBERS else w for w in t.split()),
    "doubled letter": lambda t: t.replace("infected", "inffected").replace("lung", "lungg"),
}


def invariances(trials: int = 200, seed: int = 0) -> pd.DataFrame:
    """How often an irrelevant change of the mask or the prompt keeps all strict answers.

    Returns:
        One row per `change`: `n` drawn masks, half of them with a fault, and the share `kept`.
    """
    rng, frame = np.random.default_rng(seed), Frame.load(EVEN)
    mask_changes: dict[str, Callable[[NDArray], NDArray]] = {
        "specks under the minimum area": lambda m: with_specks(m, rng),
        "shifted by a pixel": lambda m: np.roll(m, tuple(rng.integers(-1, 2, 2)), (0, 1)),
        "twice the size": lambda m: np.kron(m, np.ones((2, 2), bool)),
        "half the size": lambda m: m[::2, ::2],
    }
    kept: dict[str, list[bool]] = {}
    for i in range(trials):
        scene = scenes.draw(rng)
        faulty = scenes.move(scene, rng) if i % 2 else scene
        mask, findings = (faulty or scene).mask(), parse(scene.prompt)
        before = strict_answers(mask, findings, frame)
        for name, change in mask_changes.items():
            kept.setdefault(name, []).append(strict_answers(change(mask), findings, frame) == before)
        for name, reword in PARAPHRASES.items():
            kept.setdefault(name, []).append(strict_answers(mask, parse(reword(scene.prompt)), frame) == before)
    return pd.DataFrame([{"change": name, "n": len(same), "kept": float(np.mean(same))} for name, same in kept.items()])


def strict_answers(mask: NDArray, findings: Findings, frame: Frame) -> tuple[bool | None, ...]:
    """The strict answers of all axes."""
    verdict = check(mask, findings, frame)
    return tuple(strict_answer(verdict, axis) for axis in AXES)


def with_specks(mask: NDArray, rng: np.random.Generator) -> NDArray:
    """The mask with three single pixels added, away from lesions."""
    from scipy.ndimage import binary_dilation

    far = np.argwhere(~binary_dilation(mask, iterations=3))
    out = mask.copy()
    for y, x in far[rng.choice(len(far), 3, replace=False)]:
        out[y, x] = True
    return out
