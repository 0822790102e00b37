"""Masks against the words of their prompts: answers, ceiling, tables of prompts."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from c2seg_bench.errors import InputError
from tests.c2seg_bench.scoring.score_command import BOTH, FIXED, LEFT, app, blob, refused, run, save


def test_answers_of_each_axis(worded):
    result, table = run(worded, "--prompts", worded / "p.csv", "--json")
    text = (worded / "made" / "scores.csv").read_text().splitlines()
    assert text[0].split(",")[:14] == FIXED
    assert table[["count_ok", "laterality_ok", "position_ok", "consistent"]].iloc[0].tolist() == [1, 1, 1, 1]
    assert table[["count_ok", "laterality_ok", "position_ok", "consistent"]].iloc[1].tolist() == [0, 0, 0, 0]
    assert table.loc[2, "count_ok"] == 0 and np.isnan(table.loc[2, "laterality_ok"])
    assert text[3].split(",")[7:11] == ["0", "", "", "0"]  # whole answers, nothing where nothing is stated
    assert table["prompt"].tolist()[0] == LEFT
    axes = json.loads(result.stdout)["consistency"]["axes"]
    assert axes["laterality"]["coverage"] == pytest.approx(2 / 3) and axes["count"]["coverage"] == 1
    assert axes["count"]["strict"] == pytest.approx(1 / 3) and axes["laterality"]["strict"] == 0.5
    assert axes["count"]["ceiling"] == axes["laterality"]["ceiling"] == 1
    assert axes["all"]["chance"] < axes["all"]["ceiling"]


def test_the_experts_masks_are_as_consistent_as_the_experts(worded):
    result, table = run(worded, "--prompts", worded / "p.csv", "--json", predictions="targets")
    assert (table["consistent"] == 1).all()
    assert json.loads(result.stdout)["consistency"]["axes"]["all"]["corrected"] == pytest.approx(1)


def test_the_ontology_is_the_frames_where_none_is_given(worded):
    def read_as(*options):
        return json.loads(run(worded, "--prompts", worded / "p.csv", "--json", *options)[0].stdout)["consistency"]

    assert read_as("--frame", "kvasir")["ontology"] == "colonoscopy" and read_as()["ontology"] == "chest"
    assert read_as("--ontology", "colonoscopy")["ontology"] == "colonoscopy"


@pytest.mark.parametrize("headers", [("Image", "Description"), ("filename", "text"), ("IMAGE", "Prompt")])
def test_workbooks_and_headers(worded, headers):
    rows = [("mask_a.png", LEFT), ("mask_b.png", BOTH), ("mask_c.png", "One infected area.")]
    pd.DataFrame(rows, columns=headers).to_excel(worded / "p.xlsx", index=False)
    assert run(worded, "--prompts", worded / "p.xlsx")[1].equals(run(worded, "--prompts", worded / "p.csv")[1])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("picture,words\na,one area\n", "it has picture, words"),
        ("image,prompt\na,one area\n", "no prompt for 2 of 3 images (b, c)"),
        ("image,prompt\n", "no prompt for 3 of 3 images (a, b, c); the table has no rows; add a row for each"),
        ("image,prompt\na,one\nb,one\nc,one\na.png,two\n", "rows 2 and 5 give two prompts for a"),
        ("image,prompt\na,one\nb,\nc,one\n", "b has no prompt"),
    ],
)
def test_wrong_tables_of_prompts(worded, text, line):
    (worded / "bad.csv").write_text(text)
    message = refused(worded, "--prompts", worded / "bad.csv")
    assert line in message and "bad.csv" in message


def test_prompts_that_are_no_table(worded):
    assert "none.csv: no such file" in refused(worded, "--prompts", worded / "none.csv")
    (worded / "bad.xlsx").write_bytes(b"not a workbook")
    assert "bad.xlsx: not a readable table" in refused(worded, "--prompts", worded / "bad.xlsx")


def test_pictures_that_are_missing(worded):
    save(worded / "images" / "a.png", blob(0))
    line = refused(worded, "--prompts", worded / "p.csv", "--images", worded / "images", "--frame", "qata-lungs")
    assert "no image for 2 of 3 masks (b, c)" in line


@pytest.mark.parametrize(("option", "value"), [("--frame", "sixths"), ("--frame", "no.json"), ("--ontology", "knee")])
def test_unknown_frame_and_ontology(worded, option, value):
    from metrics import InputError as MetricError

    out = worded / "scores.csv"
    call = ["--predictions", worded / "preds", "--targets", worded / "targets", "--prompts", worded / "p.csv"]
    result = CliRunner().invoke(app, [str(c) for c in [*call, "--out", out, option, value]])
    assert isinstance(result.exception, InputError | MetricError)
    assert value in str(result.exception) and "\n" not in str(result.exception) and not out.exists()
