"""A whole suite on a few small images: what it leaves, that it resumes, and that workers do not change a number."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from c2seg_bench.engine.grid.run import run_suite
from c2seg_bench.errors import InputError
from c2seg_bench.files import write_json
from c2seg_bench.results.write import write_tables
from c2seg_bench.suite import load_suite
from metrics.consistency import evaluate

SUITE = """
name: small
size: tiny
device: cpu
workers: {workers}
datasets: {{phantom: {{source: phantom, size: 32, options: {{train: 12, val: 4, test: 6}}}}}}
methods:
  - unet
  - {{name: c2seg, pretrain: {{epochs: 1, batch: 8}}}}
train: {{epochs: 2, batch: 4, lr: 0.002, clip: 1.0}}
stress: {{families: [keyboard, empty], severities: [2], images: 4}}
score: {{bootstrap: 100}}
"""

pytestmark = pytest.mark.slow


def run(folder: Path, workers: int = 1) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "suite.yaml").write_text(SUITE.format(workers=workers))
    return run_suite(load_suite(folder / "suite.yaml"), folder / "out", console=Console(quiet=True))


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return run(tmp_path_factory.mktemp("run"))


def scores(out: Path) -> pd.DataFrame:
    table = pd.read_parquet(out / "scores.parquet")
    return table.sort_values(["method", "condition", "image"]).reset_index(drop=True)


def test_leaves_tables_figures_and_one_row_per_image_and_condition(out):
    for name in ("report.md", "report.html", "tables.tex", "figures/panel.png", "figures/severity.png", "suite.json",
                 "tables/robustness.csv"):  # fmt: skip
        assert (out / name).stat().st_size > 0, name
    table = scores(out)
    rows = table.groupby(["method", "condition"]).size().to_dict()
    expected = {"clean": 6, "keyboard-2": 4, "empty-1": 4}
    assert rows == {(m, c): n for m in ("unet", "c2seg") for c, n in expected.items()}
    assert {"dice", "iou", "hd95", "assd", "count_ok", "position_score", "score", "chance"} <= set(table.columns)


def test_a_method_without_text_is_not_moved_by_noise(out):
    table = scores(out)
    noisy = table[(table["method"] == "unet") & (table["condition"] != "clean")]
    assert (noisy["stability"] == 1).all()


def test_consistency_in_the_scores_is_that_of_the_packed_masks(out):
    from c2seg_bench.data.masks.packed import load_masks

    names, masks = load_masks(out / "cells/phantom/c2seg/seed0/predictions/clean.npz")
    table = scores(out)
    clean = table[(table["method"] == "c2seg") & (table["condition"] == "clean")].set_index("image").loc[names]
    verdicts = evaluate(masks, list(clean["prompt"]), "chest", "thirds").rows
    assert clean["score"].to_numpy() == pytest.approx(verdicts["score"].to_numpy(), nan_ok=True)


def test_the_report_says_where_and_when_the_cells_were_trained(out, tmp_path):
    """Not where and when it was made itself: it may be made again elsewhere."""
    shutil.copytree(out, moved := tmp_path / "out")
    for seed, (name, date) in enumerate([("unet", "2026-01-02"), ("c2seg", "2026-01-05")]):
        path = moved / f"cells/phantom/{name}/seed0/checkpoint.json"
        known = json.loads(path.read_text())
        assert known["machine"].endswith("cores, cpu")
        write_json(path, {**known, "machine": f"Cray {seed}", "date": date, "torch": "1.0"}, checksum=True)
    write_tables(moved)
    about = json.loads((moved / "tables/run.json").read_text())
    assert (about["machine"], about["date"]) == ("Cray 0; Cray 1", "2026-01-02 to 2026-01-05")
    assert about["versions"]["torch"] == "1.0"


def test_resumes_and_gives_the_same_bytes(out):
    before = scores(out)
    weights = out / "cells/phantom/unet/seed0/checkpoint.safetensors"
    stamp = weights.stat().st_mtime_ns
    (out / "cells/phantom/c2seg/seed0/scores.parquet").unlink()
    (out / "cells/phantom/c2seg/seed0/predictions/keyboard-2.npz").unlink()
    run(out.parent)
    pd.testing.assert_frame_equal(before, scores(out))
    assert weights.stat().st_mtime_ns == stamp


def test_two_workers_give_the_numbers_of_one(out, tmp_path):
    pd.testing.assert_frame_equal(scores(out), scores(run(tmp_path / "pool", workers=2)))


def test_tables_are_made_again_from_the_scores(out):
    before = (out / "tables" / "main.csv").read_bytes()
    (out / "tables" / "main.csv").unlink()
    write_tables(out)
    assert (out / "tables" / "main.csv").read_bytes() == before


def test_a_checkpoint_of_an_earlier_version_is_reported(out, tmp_path):
    old = tmp_path / "out"
    shutil.copytree(out, old)
    file = old / "cells/phantom/unet/seed0/checkpoint.json"
    about = json.loads(file.read_text())
    write_json(file, {k: v for k, v in about.items() if k != "params"}, checksum=True)
    with pytest.raises(
        InputError, match=r"unet/seed0/checkpoint.json: .*earlier version \(params: .*delete its folder"
    ):
        write_tables(old)


def test_main_table_is_the_mean_over_images(out):
    main = pd.read_csv(out / "tables" / "main.csv")
    clean = scores(out).query("condition == 'clean'").groupby("method")["dice"].mean()
    assert set(clean.index) <= set(main["method"])
    for row in main[(main["metric"] == "dice") & main["method"].isin(clean.index)].itertuples():
        assert row.value == pytest.approx(100 * clean[row.method], rel=1e-4)
        assert row.lo <= row.value <= row.hi
