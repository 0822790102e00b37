"""The command `score` on folders of drawn masks, for the tests of this folder."""

import cv2
import numpy as np
import pandas as pd
from typer.testing import CliRunner

from c2seg_bench.cli.app import App
from c2seg_bench.cli.score import score
from c2seg_bench.errors import InputError

FIXED = [
    "image",
    "dice",
    "iou",
    "hd95",
    "assd",
    "pred_empty",
    "target_empty",
    "count_ok",
    "laterality_ok",
    "position_ok",
    "consistent",
    "count_score",
    "laterality_score",
    "position_score",
]
app = App()
app.command()(score)


def run(folder, *options, predictions="preds", targets="targets"):
    """The command on `folder`/preds and /targets, its result, and the CSV it wrote."""
    out = folder / "made" / "scores.csv"
    call = ["--predictions", folder / predictions, "--targets", folder / targets, "--out", out, *options]
    result = CliRunner().invoke(app, [str(c) for c in call])
    if result.exception and not isinstance(result.exception, InputError | SystemExit):
        raise result.exception
    return result, pd.read_csv(out) if out.exists() else None


def refused(folder, *options, **folders):
    """The one line that a wrong call ends with; nothing is left behind."""
    result, table = run(folder, *options, **folders)
    assert isinstance(result.exception, InputError) and table is None
    assert not list(folder.glob("made/*"))
    assert "\n" not in str(result.exception)
    return str(result.exception)


def blob(seed, shape=(40, 50)):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]]
    r, c = rng.uniform(10, 30, 2)
    return ((y - r) ** 2 / rng.uniform(20, 80) + (x - c) ** 2 / rng.uniform(20, 80) < 1) ^ (rng.random(shape) < 0.01)


def save(path, mask, white=255):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), mask.astype(np.uint8) * white)


LEFT = "Unilateral pulmonary infection, one infected area, lower left lung."
BOTH = "Bilateral pulmonary infection, two infected areas, lower left lung and lower right lung."
