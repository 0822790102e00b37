"""Tests of the metric's validity: single faults, order and separation, invariances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.consistency.frame.frame import Frame
from metrics.consistency.judge.check import Verdict, check
from metrics.consistency.reader.findings import Findings
from metrics.consistency.reader.parse import parse
from metrics.consistency.study import scenes

AXES = ("count", "laterality", "position")
THIRDS = "thirds"


def single_faults(trials: int = 300, seed: int = 0) -> pd.DataFrame:
    """Add each fault alone to a drawn mask, `trials` times.

    Returns:
        One row per fault: `n`, the share of trials in which each axis reacted (its strict answer changed), and `right`,
        the share in which exactly the right axes reacted.
    """
    rng, frame = np.random.default_rng(seed), Frame.load(THIRDS)
    rows = []
    for name, (fault, prompt, wanted) in scenes.FAULTS.items():
        reacted: list[set[str]] = []
        while len(reacted) < trials:
            scene = scenes.draw(rng)
            faulty = fault(scene, rng)
            if faulty is None:
                continue
            findings = parse(getattr(scene, prompt))
            before, after = check(scene.mask(), findings, frame), check(faulty.mask(), findings, frame)
            reacted.append({axis for axis in AXES if answer(before, axis) != answer(after, axis)})
        shares = {axis: float(np.mean([axis in axes for axes in reacted])) for axis in AXES}
        rows.append({"fault": name, "n": trials, **shares, "right": float(np.mean([r == wanted for r in reacted]))})
    return pd.DataFrame(rows)


def answer(verdict: Verdict, axis: str) -> bool | None:
    of_axis = getattr(verdict, axis)
    return None if of_axis is None else of_axis.ok


def order_and_separation(trials: int = 300, seed: int = 0) -> tuple[dict[str, float], pd.DataFrame]:
    """Add up to three faults, each on another axis, to the same drawn mask in random order.

    Returns:
        Spearman's correlation of the score with the number of faults, over all masks together (`pooled`) and as the
        mean over masks (`per_mask`); and one row per number of faults with the mean score and, against the row
        before, the Kolmogorov-Smirnov distance.
    """
    from scipy.stats import ks_2samp, spearmanr

    rng, frame = np.random.default_rng(seed), Frame.load(THIRDS)
    scores = np.array([dosed(rng, frame) for _ in range(trials)])
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


def dosed(rng: np.random.Generator, frame: Frame) -> list[float]:
    """Scores of one drawn one-sided mask with no fault, and after each of three on three axes."""
    while True:
        scene = scenes.draw(rng)
        if len({side for _, side, *_ in scene.lesions}) == 2:
            continue
        out, now = [1.0], scene
        faults: list[scenes.Fault] = [
            (scenes.add, scenes.remove)[int(rng.integers(2))],
            scenes.mirror,
            scenes.move,
        ]
        for i in rng.permutation(3):
            faulty = faults[i](now, rng)
            if faulty is None:
                break
            now = faulty
            # the prompt of sides and count, and that of places with the mask turned back: position is judged
            # within the side, so that a wrong side is counted once
            sides = check(now.mask(), parse(scene.sides_only), frame)
            placed = check(replace(now, mirrored=False).mask(), parse(scene.prompt), frame)
            parts = [sides.count, sides.laterality, placed.position]
            out.append(float(np.mean([p.score for p in parts if p is not None])))
        if len(out) == 4:
            return out


PARAPHRASES: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "lower case": str.lower,
    "clauses in another order": lambda t: ", ".join(reversed(t.split(", "))),
    '"located in"': lambda t: t.replace("areas, ", "areas located in the "),
    "digits": lambda t: " ".join(str(scenes.NUMBERS.index(w)) if w in scenes.NUMBERS else w for w in t.split()),
    "doubled letter": lambda t: t.replace("infected", "inffected").replace("lung", "lungg"),
}


def invariances(trials: int = 200, seed: int = 0) -> pd.DataFrame:
    """Share of drawn masks, half of them with a fault, whose strict answers stay under an irrelevant change."""
    rng, frame = np.random.default_rng(seed), Frame.load(THIRDS)
    pictures: dict[str, Callable[[NDArray], NDArray]] = {
        "specks under the minimum area": lambda m: dirty(m, rng),
        "shifted by a pixel": lambda m: np.roll(m, tuple(rng.integers(-1, 2, 2)), (0, 1)),
        "twice the size": lambda m: np.kron(m, np.ones((2, 2), bool)),
        "half the size": lambda m: m[::2, ::2],
    }
    kept: dict[str, list[bool]] = {}
    for i in range(trials):
        scene = scenes.draw(rng)
        faulty = scenes.move(scene, rng) if i % 2 else scene
        mask, findings = (faulty or scene).mask(), parse(scene.prompt)
        before = answers(mask, findings, frame)
        for name, change in pictures.items():
            kept.setdefault(name, []).append(answers(change(mask), findings, frame) == before)
        for name, reword in PARAPHRASES.items():
            kept.setdefault(name, []).append(answers(mask, parse(reword(scene.prompt)), frame) == before)
    return pd.DataFrame([{"change": name, "n": len(same), "kept": float(np.mean(same))} for name, same in kept.items()])


def answers(mask: NDArray, findings: Findings, frame: Frame) -> tuple[bool | None, ...]:
    verdict = check(mask, findings, frame)
    return tuple(answer(verdict, axis) for axis in AXES)


def dirty(mask: NDArray, rng: np.random.Generator) -> NDArray:
    """The mask with three more single pixels, away from lesions."""
    from scipy.ndimage import binary_dilation

    far = np.argwhere(~binary_dilation(mask, iterations=3))
    out = mask.copy()
    for y, x in far[rng.choice(len(far), 3, replace=False)]:
        out[y, x] = True
    return out
