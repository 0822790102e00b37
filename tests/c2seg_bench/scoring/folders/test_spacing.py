"""`score --spacing` measures distances in millimetres."""

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import metrics
from c2seg_bench.cli.main import app
from tests.c2seg_bench.scoring.folders.calls import refused, run, save


def test_spacing_in_mm(folder):
    pixels = run(folder)
    summary, rows, _ = run(folder, "--spacing", "2,2")
    assert pixels[0]["unit"] == "px" and "unit" not in pixels[1]
    assert summary["unit"] == "mm" and set(rows["unit"]) == {"mm"} and set(rows["spacing"]) == {"2 x 2"}
    for name in ("hd95", "assd"):
        assert rows[name].to_numpy() == pytest.approx(2 * pixels[1][name].to_numpy())
        assert summary[name] == pytest.approx(2 * pixels[0][name])
    assert summary["dice"] == pixels[0]["dice"]
    rows = run(folder, "--spacing", "0.5,2")[1]
    pred, target = (np.asarray(Image.open(folder / side / "a.png")) > 0 for side in ("pred", "gt"))
    assert rows.loc["a", "hd95"] == pytest.approx(metrics.hd95(pred, target, spacing=(0.5, 2)))
    table = CliRunner().invoke(app, ["score", "--predictions", f"{folder}/pred", "--targets", f"{folder}/gt",
                                     "--out", f"{folder}/o.csv", "--spacing", "2"])  # fmt: skip
    assert "HD95, mm" in table.stdout and "pixels" not in table.stdout


@pytest.mark.parametrize("spacing", ["0,1", "1,2,3", "x", "-1"])
def test_a_wrong_spacing_is_named(folder, spacing):
    assert refused(folder, f"--spacing={spacing}").startswith(f"--spacing {spacing}: give ROW,COLUMN in mm")


def test_an_empty_mask_is_as_far_as_the_diagonal_in_mm(folder):
    save(folder / "pred" / "a.png", np.zeros((40, 50)))
    summary, rows, _ = run(folder, "--spacing", "2,3")
    others = rows.loc[["b", "c"], "hd95"].sum()
    assert summary["hd95"] == pytest.approx((others + np.hypot(40 * 2, 50 * 3)) / 3)
