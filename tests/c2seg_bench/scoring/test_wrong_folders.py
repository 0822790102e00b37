"""Folders and options that `score` refuses in one line."""

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import metrics
from c2seg_bench.errors import InputError
from tests.c2seg_bench.scoring.score_command import app, blob, refused, run, save


def test_missing_and_empty_folders(folder):
    assert "nowhere: no such folder" in refused(folder, predictions="nowhere")
    (folder / "void").mkdir()
    assert "--targets" in refused(folder, targets="void") and "no image in it" in refused(folder, targets="void")
    assert "is a file" in refused(folder, predictions="preds/notes.txt")


def test_names_that_do_not_pair(folder):
    for k in range(4):
        save(folder / "preds" / f"other_{k}.png", blob(k))
    (folder / "preds" / "mask_covid_2.png").unlink()
    line = refused(folder)
    assert "4 of 8 without a target (other_0.png, other_1.png, other_2.png, ...)" in line
    assert "1 of 5 without a prediction (covid_2.png)" in line


@pytest.mark.parametrize(
    ("pred", "target"),
    [
        ("Mask_x.png", "x.png"),
        ("x.webp", "X.PNG"),
        ("mask_gro\u0308sse.png", "gr\u00f6sse.tif"),
        ("two  spaces.png", "two spaces.png"),
        ("s.0.1.png", "mask_s.0.1.npy"),
    ],
)
def test_names_pair_as_they_do_in_datasets(tmp_path, pred, target):
    mask = blob(3)
    for folder, name in (("preds", pred), ("targets", target)):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / name
        if name.endswith("npy"):
            np.save(path, mask)
        else:
            Image.fromarray(mask.astype(np.uint8) * 255).save(path, **({"lossless": True} if "webp" in name else {}))
    assert run(tmp_path)[1]["dice"].tolist() == [1]


def test_names_that_are_only_alike_pair_once(tmp_path):
    for folder, names in (("preds", ["a b", "a  b"]), ("targets", ["A B"])):
        for name in names:
            save(tmp_path / folder / f"{name}.png", blob(0))
    assert "2 of 2 without a target" in refused(tmp_path)


def test_two_files_of_one_name(folder):
    save(folder / "preds" / "covid_3.png", blob(3))
    assert "mask_covid_3.png: covid_3.png has the same name but for ending and mask_; move one" in refused(folder)


def test_unequal_sizes(folder):
    save(folder / "preds" / "mask_covid_1.png", blob(1, (20, 25)))
    line = refused(folder)
    assert "mask_covid_1.png: 20x25" in line and "covid_1.png: 40x50" in line and "resize" in line


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"PNG?" * 20])
def test_broken_png(folder, damage):
    path = folder / "targets" / "covid_4.png"
    path.write_bytes(damage(path.read_bytes()))
    assert str(path) in refused(folder)


def test_label_maps_are_not_taken_for_empty_masks(folder):
    for k in range(5):
        save(folder / "preds" / f"mask_covid_{k}.png", blob(k), white=2)
    assert "mask_covid_0.png: mask values 0, 2, none of them white" in refused(folder)


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (np.full((40, 50), -3.0), "not logits"),
        (np.full((40, 50), np.nan), "not logits"),
        (np.zeros((2, 40, 50)), r"shape (2, 40, 50)"),
        (np.full((40, 50), "x"), "not one array of numbers"),
    ],
)
def test_arrays_that_are_no_masks(folder, values, line):
    (folder / "preds" / "mask_covid_0.png").unlink()
    np.save(folder / "preds" / "covid_0.npy", values)
    assert line in refused(folder) and "covid_0.npy" in refused(folder)


def test_options_that_need_prompts_and_unknown_policies(folder):
    assert refused(folder, "--frame", "thirds").startswith("--frame thirds: ")
    assert refused(folder, "--ontology", "chest").startswith("--ontology chest: ")
    assert refused(folder, "--images", folder).startswith("--images ")
    assert "diagonal, skip, nan" in refused(folder, "--empty", "zero")


def test_out_that_cannot_be_written(folder):
    call = ["--predictions", folder / "preds", "--targets", folder / "targets", "--out"]
    for out, line in (
        (folder / "preds", "is a folder"),
        (folder / "preds" / "notes.txt" / "x.csv", "cannot be written"),
    ):
        result = CliRunner().invoke(app, [str(c) for c in [*call, out]])
        assert isinstance(result.exception, InputError) and line in str(result.exception)


@pytest.mark.parametrize("option", ["--prompts", "--predictions", "--targets"])
def test_out_that_is_an_input_is_left_as_it_is(folder, option):
    (folder / "p.csv").write_text("image,prompt\n")
    out = (
        folder / "p.csv" if option == "--prompts" else folder / {"-t": "targets", "-p": "preds"}[option[1:3]] / "x.csv"
    )
    call = ["--predictions", folder / "preds", "--targets", folder / "targets", "--prompts", folder / "p.csv"]
    result = CliRunner().invoke(app, [str(c) for c in [*call, "--out", out]])
    assert isinstance(result.exception, InputError) and str(result.exception).startswith(f"--out {out}: ")
    assert (folder / "p.csv").read_text() == "image,prompt\n" and not (folder / "targets" / "x.csv").exists()


def test_a_frame_of_another_grid_is_refused_before_a_mask_is_read(folder):
    rows = [f"covid_{k},one polyp" for k in range(5)]
    (folder / "p.csv").write_text("\n".join(["image,prompt", *rows]))
    (folder / "targets" / "covid_4.png").write_bytes(b"")  # would be an error of its own
    with pytest.raises(
        metrics.InputError, match="^frame qata: 3 rows by 2 columns, but ontology colonoscopy has 3 by 3"
    ):
        run(folder, "--prompts", folder / "p.csv", "--frame", "qata", "--ontology", "colonoscopy")
