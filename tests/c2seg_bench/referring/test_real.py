"""Part prompts of real images: each fits its own lesions alone. Skipped without the real data."""

import csv
import io
import zipfile
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from c2seg_bench.referring import survey
from c2seg_bench.referring.example import label_components
from c2seg_bench.scoring.judge import Judge
from metrics.consistency import check, parse
from metrics.consistency.writer import Constraint, reads_back

REAL = Path(__file__).parents[4] / "shared" / "realdata"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL.is_dir(), reason="../shared/realdata is not beside this checkout"),
]


def load(name: str, step: int) -> tuple[list[str], list[np.ndarray], list[str]]:
    """Names, masks and prompts of every `step`-th image of the test split."""
    with open(REAL / name / "texts.csv", encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "test"][::step]
    with zipfile.ZipFile(REAL / name / "masks.zip") as archive:
        files = {Path(path).stem.removeprefix("mask_"): path for path in archive.namelist()}
        read = [archive.read(files[Path(row["image"]).stem]) for row in rows]
    masks = [np.array(Image.open(io.BytesIO(data)).convert("L")) > 127 for data in read]
    return [row["image"] for row in rows], masks, [row["text"] for row in rows]


@pytest.mark.parametrize(
    ("name", "ontology", "step", "fewest"), [("qata", "chest", 25, 50), ("kvasir", "colonoscopy", 1, 1)]
)
def test_every_part_prompt_is_read_back_and_fits_its_lesions_alone(name, ontology, step, fewest):
    names, masks, prompts = load(name, step)
    judge = Judge.load(name, ontology)
    parts = survey(masks, prompts, judge, names, ["part"]).examples
    assert len(parts) >= fewest
    for example in parts:
        findings, mask = parse(example.prompt, ontology), masks[example.row]
        number = len(example.components or ())
        assert reads_back(example.prompt, Constraint(number, findings.regions, findings.sizes), ontology)
        labels = label_components(mask)
        sizes = np.bincount(labels.ravel())
        counted = [k for k in range(1, len(sizes)) if sizes[k] >= judge.frame.min_area * mask.size]
        consistent_choices = [
            chosen
            for chosen in combinations(counted, number)
            if check(np.isin(labels, chosen), findings, judge.frame).consistent
        ]
        assert consistent_choices == [example.components]
