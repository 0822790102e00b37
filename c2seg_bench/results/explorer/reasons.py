"""Which constraint of a prompt a mask meets, which it fails, and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from c2seg_bench.scoring.judge import Judge
from c2seg_bench.scoring.reasons import explanations
from metrics.consistency import Findings
from metrics.consistency.axes import STATED
from metrics.consistency.frame.extents import Extents
from metrics.consistency.judge.check import fit_grid
from metrics.consistency.judge.features import Features, features
from metrics.consistency.judge.judgement import Readings, judge
from metrics.consistency.reader.ontology import load_ontology

Answer = tuple[str, int, str]  # axis, 1 where the mask meets the constraint, why

NAMES = {"laterality": "side", "absent": "nothing"}


class Reasons:
    """Judges masks on some images of a dataset, like `metrics.consistency.check` but many at once.

    Args:
        judge_of_dataset: ontology, frame, and the images where the frame looks at them.
        rows: (P,) rows of the dataset's cache, the images that masks may lie on.
    """

    def __init__(self, judge_of_dataset: Judge, rows: NDArray[np.int64]):
        self._judge = judge_of_dataset
        self._ontology = load_ontology(judge_of_dataset.ontology)
        self._frame = fit_grid(judge_of_dataset.frame, self._ontology)
        every = judge_of_dataset.images
        images = None if every is None else [every[row] for row in rows]
        self._extents = self._frame.extents(len(rows), images, None)

    def features(self, masks: NDArray[np.bool_], images: NDArray[np.int64], flipped: bool = False) -> Features:
        """Of masks (K, H, W), each on the image (K,) at that position of `rows`, which may be flipped left to right."""
        known = self._extents
        extents = None if known is None else Extents(known.rows[images], known.midline[images])
        if extents is not None and flipped:
            extents = Extents(extents.rows[:, ::-1], 1 - extents.midline)
        return features(masks, self._frame, workers=1, extents=extents)  # few at once: threads would only wait

    def answers(self, described: Features, findings: Sequence[Findings]) -> list[list[Answer]]:
        """Of K masks against a prompt each: what is stated, whether it holds and why."""
        distinct = list(dict.fromkeys(findings))
        columns = np.array([distinct.index(f) for f in findings], int)
        judged = judge(described, Readings.of(distinct, self._ontology), self._frame)
        answers = []
        for i, (column, why) in enumerate(zip(columns, explanations(self._judge, described, findings), strict=True)):
            ok = {axis.name: judged[axis.name].ok[i, column] for axis in STATED}
            answers.append([(NAMES.get(a, a), int(value), why[a]) for a, value in ok.items() if not np.isnan(value)])
        return answers
