"""Whose picture it is: `score --groups` by a column of the prompts or a pattern, and what it does to intervals."""

import json

import cv2
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from c2seg_bench.cli.main import app
from c2seg_bench.data.pairing.companions import subjects_of
from c2seg_bench.errors import InputError

NAMES = [f"patient{k // 5}_{k}" for k in range(60)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sixty pictures of twelve patients; how well a mask fits is a matter of the patient."""
    folder = tmp_path_factory.mktemp("groups")
    rng = np.random.default_rng(0)
    shifts = rng.integers(0, 7, 12)
    for part in ("preds", "targets"):
        (folder / part).mkdir()
    for k, name in enumerate(NAMES):
        mask = np.zeros((32, 32), np.uint8)
        mask[8:20, 8:20] = 255
        cv2.imwrite(str(folder / "targets" / f"{name}.png"), mask)
        cv2.imwrite(str(folder / "preds" / f"{name}.png"), np.roll(mask, shifts[k // 5] + k % 2, axis=1))
    table = pd.DataFrame({"image": NAMES, "prompt": "one infected area, upper left lung"})
    table.assign(person=[n.split("_")[0] for n in NAMES]).to_csv(folder / "prompts.csv", index=False)
    return folder


def score(folder, *options):
    call = ["score", "--predictions", folder / "preds", "--targets", folder / "targets", "--out", folder / "s.csv"]
    return CliRunner().invoke(app, [*map(str, call), *map(str, options)])


def test_a_pattern_and_a_column_draw_the_same_subjects(folder):
    alone = json.loads(score(folder, "--json").stdout)
    pattern = json.loads(score(folder, "--groups", "(patient[0-9]+)_", "--json").stdout)
    rows = pd.read_csv(folder / "s.csv")
    column = json.loads(score(folder, "--prompts", folder / "prompts.csv", "--groups", "person", "--json").stdout)
    assert (alone["subjects"], pattern["subjects"], column["subjects"]) == (None, 12, 12)
    assert column["interval"] == pattern["interval"]
    assert rows["subject"].tolist() == [name.split("_")[0] for name in rows["image"]]
    assert alone["dice"] == pattern["dice"]
    width = {k: np.subtract(*s["interval"]["dice"][::-1]) for k, s in (("alone", alone), ("by subject", pattern))}
    assert width["by subject"] > 1.5 * width["alone"]


def test_the_terminal_says_what_is_drawn(folder):
    shown = " ".join(score(folder, "--groups", "(patient[0-9]+)_").stdout.split())
    assert "drawn by subject (12)" in shown
    assert "drawn by image" in " ".join(score(folder).stdout.split())


@pytest.mark.parametrize(
    ("groups", "prompts", "line"),
    [
        ("person", None, "give --prompts with such a column"),
        ("doctor", "prompts.csv", "has no such column"),
        ("(patient", None, "not a pattern"),
        ("(p)(a)", None, "2 groups; write one"),
        ("(x[0-9]+)", None, "no image has a subject by it"),
    ],
)
def test_wrong_groups_are_refused_in_one_line(folder, groups, prompts, line):
    with pytest.raises(InputError, match=line) as error:
        subjects_of(NAMES, groups, None if prompts is None else folder / prompts)
    assert "\n" not in str(error.value) and f"--groups {groups}" in str(error.value)
