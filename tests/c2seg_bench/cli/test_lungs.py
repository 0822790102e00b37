"""score, calibrate and validate-metric with frames relative to the lungs."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from c2seg_bench.cli.main import main
from tests.metrics.consistency.test_lungs import scenes

SCORE = ["score", "--predictions", "lesions", "--targets", "lesions", "--prompts", "prompts.csv", "--out", "out.csv"]
CALIBRATE = ["calibrate", "--masks", "lesions", "--prompts", "prompts.csv", "--out", "mine.json"]


def call(capsys, *args):
    code = 0
    try:
        main([str(a) for a in args])
    except SystemExit as e:
        code = e.code or 0
    out, err = capsys.readouterr()
    return code, out, err.strip().splitlines()[-1] if err.strip() else ""


def save(folder, images, lungs, lesions, prompts):
    for name, pictures in (("images", images), ("lungs", lungs), ("lesions", lesions)):
        (folder / name).mkdir()
        for i, picture in enumerate(pictures):
            grey = picture if name == "images" else picture.astype(np.uint8) * (2 if name == "lungs" else 255)
            Image.fromarray(grey).save(folder / name / f"{'mask_' if name == 'lesions' else ''}p{i}.png")
    rows = [f'p{i},"{prompt}"' for i, prompt in enumerate(prompts)]
    (folder / "prompts.csv").write_text("image,prompt\n" + "\n".join(rows) + "\n")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Thirty pictures whose lungs lie anywhere; lungs are 2, else 0."""
    save(tmp_path, *scenes(30))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_masks_of_the_lungs_put_the_words_in_their_place(folder, capsys):
    assert call(capsys, *SCORE)[0] == 0
    fixed = pd.read_csv("out.csv")
    assert call(capsys, *SCORE, "--frame", "lung-thirds", "--lungs", "lungs")[0] == 0
    right = pd.read_csv("out.csv")
    assert (right["position_ok"] == 1).all() and fixed["position_ok"].mean() < 0.6


def test_lungs_in_jpeg_and_arrays_are_the_same(folder, capsys):
    call(capsys, *SCORE, "--frame", "lung-thirds", "--lungs", "lungs")
    wanted = (folder / "out.csv").read_text()
    for i in range(30):
        path = folder / "lungs" / f"p{i}.png"
        mask = np.asarray(Image.open(path)) > 0
        path.unlink()
        if i % 2:
            Image.fromarray(mask.astype(np.uint8) * 255).save(path.with_suffix(".jpg"), quality=95)
        else:
            np.save(path.with_suffix(".npy"), mask)
    assert call(capsys, *SCORE, "--frame", "lung-thirds", "--lungs", "lungs")[0] == 0
    scores, wanted = pd.read_csv("out.csv"), pd.read_csv(pd.io.common.StringIO(wanted))
    assert np.allclose(scores["position_score"], wanted["position_score"])


@pytest.mark.parametrize(
    "options, line",
    [
        (["--frame", "qata-lungs"], "frame qata-lungs: it locates the lungs in each image; give images (--images)"),
        (["--frame", "lung-thirds"], "frame lung-thirds: its rows are relative to the lungs; give lung masks (--lungs)"),
        (["--frame", "lung-thirds", "--images", "images"], "--images images: frame lung-thirds does not look at images; give lung masks (--lungs)"),
        (["--frame", "qata", "--images", "images"], "--images images: frame qata does not look at images; leave it out, or take qata-lungs"),
        (["--frame", "qata", "--lungs", "lungs"], "frame qata: its rows are relative to the image, so lung masks (--lungs) are not used"),
        (["--frame", "qata-lungs", "--images", "images", "--lungs", "lungs"], "give one of the two"),
        (["--frame", "lung-thirds", "--lungs", "nowhere"], "--lungs nowhere: no such folder"),
    ],
)  # fmt: skip
def test_options_that_exclude_each_other_are_refused(folder, capsys, options, line):
    code, out, error = call(capsys, *SCORE, *options)
    assert code == 2 and out == "" and line in error and not (folder / "out.csv").exists()


def test_a_lung_mask_that_is_missing_or_empty_is_named(folder, capsys):
    options = ["--frame", "lung-thirds", "--lungs", "lungs"]
    Image.new("L", (96, 96)).save(folder / "lungs" / "p7.png")
    code, _, error = call(capsys, *SCORE, *options)
    assert code == 2 and error.startswith("error: lungs/p7.png: no lung in it; give a mask that is not 0")
    (folder / "lungs" / "p7.png").unlink()
    code, _, error = call(capsys, *SCORE, *options)
    assert code == 2 and error == "error: --lungs lungs: no lung mask for 1 of 30 masks (p7)"
    assert call(capsys, *SCORE[:1], *SCORE[1:5], "--out", "out.csv", "--lungs", "lungs")[0] == 2


def test_calibrated_on_pictures_the_frame_scores_pictures(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    save(tmp_path, *scenes(120))
    code, out, _ = call(capsys, *CALIBRATE, "--images", "images", "--lungs", "lungs")
    assert code == 0 and "of the lungs' height: mine.json" in out
    frame = json.loads((tmp_path / "mine.json").read_text())
    assert frame["relative"] == "lungs" and frame["about"]["lungs"]["pictures"] == [120, 120]
    assert call(capsys, *SCORE, "--frame", "mine.json", "--images", "images")[0] == 0
    assert pd.read_csv("out.csv")["position_ok"].mean() > 0.8
    assert call(capsys, *SCORE, "--frame", "mine.json", "--lungs", "lungs")[0] == 0
    assert pd.read_csv("out.csv")["position_ok"].mean() > 0.9


def test_the_page_measures_a_frame_that_looks(folder, capsys):
    (folder / "labels.tsv").write_text(
        "group\tontology\ttext\tcount\tlaterality\tregions\tabsent\tconflicts\n"
        "g\tchest\tone infected area, upper left lung\t1\tleft\tul\t0\t0\n"
    )
    page = ["validate-metric", "--out", "page.md", "--labels", "labels.tsv", "--scored", "labels.tsv", "--trials", "20"]
    page += ["--real", "qata@qata-lungs=lesions:prompts.csv"]
    code, _, error = call(capsys, *page)
    assert code == 2 and error.endswith("frame qata-lungs needs images; give --images qata=FOLDER")
    code, _, error = call(capsys, *page, "--images", "images")
    assert code == 2 and "--images images: give NAME=FOLDER" in error
    assert call(capsys, *page, "--images", "qata=images")[0] == 0
    text = (folder / "page.md").read_text()
    assert json.loads((folder / "labels.json").read_text())["whole"] == 1
    assert "it was not changed after it was scored" in text
    assert "--images qata=IMAGES" in text
    for how in ("by cuts", "experts: geometric mean over cells (the score)", "experts: product over cells"):
        assert text.count(f"| qata | qata-lungs | {how} |") == 1
