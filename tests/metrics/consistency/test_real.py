"""The ceiling on real masks and prompts: what the metric says of the experts' own masks. Skips where they are not."""

import csv
import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from metrics.consistency import Frame, evaluate, parse
from metrics.consistency.judge.evaluate import distinct_readings
from metrics.consistency.judge.features import features
from metrics.consistency.judge.judgement import judge
from metrics.consistency.reader.ontology import load_ontology
from metrics.consistency.study.separation import separation
from metrics.consistency.study.templates import misread

REAL = Path(__file__).parents[4] / "shared" / "realdata"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL.is_dir(), reason="../shared/realdata is not beside this checkout"),
]


def load(name, splits=("test",)):
    with open(REAL / name / "texts.csv", encoding="utf-8-sig", newline="") as f:
        rows = [r for r in csv.DictReader(f) if r["split"] in splits]
    with zipfile.ZipFile(REAL / name / "masks.zip") as z:
        files = {Path(n).stem.removeprefix("mask_"): n for n in z.namelist()}
        read = [z.read(files[Path(r["image"]).stem]) for r in rows]
    masks = [np.array(Image.open(io.BytesIO(b)).convert("L")) > 127 for b in read]
    return masks, [r["text"] for r in rows]


@pytest.fixture(scope="module")
def qata():
    return load("qata")


def test_experts_agree_with_themselves_on_qata(qata):
    axes = evaluate(*qata, frame="qata").summary()["axes"]
    assert axes["count"]["strict"] >= 0.97
    assert axes["laterality"]["strict"] >= 0.95
    assert axes["position"]["score"] - axes["position"]["chance"] > 0.4


def test_position_separates_the_own_prompt_from_prompts_with_other_cells(qata):
    masks, prompts = qata
    ontology, frame = load_ontology("chest"), Frame.load("qata")
    readings, own, reading_counts = distinct_readings([parse(p) for p in prompts], ontology)
    score = judge(features(masks, frame), readings, frame)["position"].score
    others = np.array([[(readings.stated[u] != readings.stated[k]).any() for u in range(len(readings))] for k in own])
    states_place = readings.stated.any(axis=1)
    truth = score[np.arange(len(own)), own][states_place[own]]
    usable = others & states_place[None, :] & states_place[own][:, None]
    weight = np.broadcast_to(reading_counts, score.shape)[usable]
    values = np.concatenate([truth, score[usable]])
    labels = np.concatenate([np.ones(len(truth)), np.zeros(usable.sum())])
    weights = np.concatenate([np.full(len(truth), weight.sum() / len(truth)), weight])
    assert roc_auc_score(labels, values, sample_weight=weights) >= 0.945


@pytest.mark.parametrize("name, ontology", [("qata", "chest"), ("kvasir", "colonoscopy"), ("clinicdb", "colonoscopy")])
def test_real_templates_are_read_as_their_grammar_says(name, ontology):
    with open(REAL / name / "texts.csv", encoding="utf-8-sig", newline="") as f:
        result = misread([row["text"] for row in csv.DictReader(f)], ontology)
    assert result["well_formed"] > 0.98 and result["misread"] == 0


def test_mirrored_qata_masks_lose_their_side_and_keep_their_count(qata):
    masks, prompts = qata
    straight = evaluate(masks, prompts, frame="qata").rows
    mirrored = evaluate([m[:, ::-1] for m in masks], prompts, frame="qata").rows
    one_sided = np.array([parse(p).laterality in ("left", "right") for p in prompts])
    assert mirrored["laterality_ok"][one_sided].mean() < 0.05 < straight["laterality_ok"][one_sided].mean()
    assert (mirrored["count_ok"] == straight["count_ok"]).mean() > 0.999


@pytest.mark.parametrize("name", ["kvasir", "clinicdb"])
def test_polyp_places_beat_chance(name):
    axes = evaluate(*load(name, ("val", "test")), "colonoscopy", name).summary()["axes"]
    assert axes["position"]["score"] - axes["position"]["chance"] > 0.3


@pytest.mark.parametrize("frame", ["qata", "qata-lungs"])
def test_auc_equals_the_one_on_the_page(frame):
    masks, prompts = load("qata")
    some = slice(None, None, 2)
    page = (Path(__file__).parents[3] / "docs" / "consistency.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith(f"| qata | {frame} | {len(masks)} |"))
    images = read_images("qata")[some] if frame == "qata-lungs" else None
    about = separation(masks[some], prompts[some], "chest", Frame.load(frame), images)
    assert about["auc"] == pytest.approx(float(re.findall(r"0\.\d+", row)[-1]), abs=0.01)
    assert about["auc"] > (0.93 if frame == "qata-lungs" else 0.92)


def read_images(name, split="test"):
    with open(REAL / name / "texts.csv", encoding="utf-8-sig", newline="") as f:
        rows = [r for r in csv.DictReader(f) if r["split"] == split]
    with zipfile.ZipFile(REAL / name / "images.zip") as z:
        files = {Path(n).stem: n for n in z.namelist()}
        return [np.array(Image.open(io.BytesIO(z.read(files[Path(r["image"]).stem]))).convert("L")) for r in rows]
