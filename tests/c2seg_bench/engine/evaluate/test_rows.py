"""A model that was trained elsewhere has a row like all others, however it is called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from c2seg_bench.engine.cell.steps import load_trained, open_inputs
from c2seg_bench.engine.device.device import launch
from c2seg_bench.engine.evaluate.evaluate import evaluate
from c2seg_bench.engine.grid.run import run_suite
from c2seg_bench.suite import Suite, cells
from tests.c2seg_bench.engine.evaluate.models import QUIET, SUITE, scores_of

pytestmark = pytest.mark.slow


def test_a_model_of_a_few_lines_has_a_row_in_every_table_beside_the_trained_ones(trained: Path) -> None:
    for name in ("methods", "main", "axes", "stress", "robustness", "adherence"):
        table = pd.read_csv(trained / f"tables/{name}.csv")
        keys = [key for key in ("dataset", "metric", "axis", "kind", "family", "severity", "summary") if key in table]
        rows = {method: table.loc[table["method"] == method, keys] for method in ("c2seg", "Bright-side")}
        if keys:
            found, wanted = (set(map(tuple, rows[m].fillna("").to_numpy())) for m in ("Bright-side", "c2seg"))
            assert found == wanted, name
    main_table = pd.read_csv(trained / "tables/main.csv").query("method == 'Bright-side'")
    assert set(main_table["seeds"]) == {0}
    assert main_table["value"].notna().all() and (main_table["rank_hi"].dropna() >= 1).all()
    card = pd.read_csv(trained / "tables/methods.csv").set_index("method").loc["Bright-side"]
    assert (card["title"], card["params_m"]) == ("Bright side", 0.5)
    assert np.isnan(card["minutes"]) and card["deviations"].endswith("https://example.org")
    for page in ("report.md", "report.html"):
        assert (trained / page).read_text().count("Bright side") >= 5


def test_its_scores_are_those_of_the_masks_that_it_returns(trained: Path, model: str) -> None:
    from c2seg_bench.data.cache.cache import Cache
    from c2seg_bench.outside.predictor import load_function
    from metrics import dice

    cache, predict = Cache.open(trained / "data/phantom"), load_function(model)
    row_by_name = {name: row for row, name in enumerate(cache.index["name"])}
    scores = scores_of(trained, "Bright-side")
    assert set(scores["condition"]) == {"clean", "keyboard-1", "keyboard-3", "swap_side-1"}
    assert scores["condition"].value_counts()["clean"] == 8 and scores["condition"].value_counts()["keyboard-1"] == 6
    for row in scores.itertuples():
        at = row_by_name[row.image]
        assert row.dice == dice(predict(np.array(cache.images[at]), row.prompt), cache.masks[at])


def test_c2seg_called_back_has_exactly_its_own_row(run: Path) -> None:
    cell = next(c for c in cells(Suite(**SUITE), run) if c.method.label == "c2seg")
    inputs, fabric = open_inputs(cell), launch(cell.suite)
    network = load_trained(cell, inputs, fabric).eval()

    def predict(image: np.ndarray, prompt: str) -> np.ndarray:
        import torch

        with torch.inference_mode():
            pixels = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255
            text = inputs.table.batch(inputs.table.rows([prompt]), fabric.device)
            return network.decode(network.encode_image(pixels), text)[0, 0].sigmoid().numpy()

    result = evaluate(predict, Suite(**SUITE), "Called back", out=run, console=QUIET)
    pd.testing.assert_frame_equal(scores_of(run, "Called-back"), scores_of(run, "c2seg"))
    mine, own = (pd.read_csv(run / "tables/main.csv").query(f"method == '{m}'") for m in ("Called-back", "c2seg"))
    columns = ["metric", "value", "lo", "hi", "n", "group"]
    pd.testing.assert_frame_equal(mine[columns].reset_index(drop=True), own[columns].reset_index(drop=True))
    assert result.method == "Called-back" and len(result.scores) == len(scores_of(run, "c2seg"))


def test_lists_of_images_have_the_same_numbers(run: Path, trained: Path, model: str) -> None:
    from c2seg_bench.outside.predictor import load_function

    one, sizes = load_function(model), []

    def predict(images: list[np.ndarray], prompts: list[str]) -> list[np.ndarray]:
        sizes.append(len(images))
        return [one(image, prompt) for image, prompt in zip(images, prompts, strict=True)]

    evaluate(predict, Suite(**SUITE), "In lists", batch=5, out=run, console=QUIET)
    pd.testing.assert_frame_equal(scores_of(run, "In-lists"), scores_of(trained, "Bright-side"))
    assert set(sizes[:-1]) == {5} and 1 <= sizes[-1] <= 5


def test_a_row_stays_when_the_suite_runs_again_and_only_another_model_is_called_again(run: Path) -> None:
    calls: list[str] = []

    def predict(image: np.ndarray, prompt: str) -> np.ndarray:
        calls.append(prompt)
        return image[..., 0] > 128

    suite = Suite(**SUITE)
    evaluate(predict, suite, "Mine", out=run, console=QUIET)
    number, scores = len(calls), scores_of(run, "Mine")
    evaluate(predict, suite, "Mine", out=run, console=QUIET)
    run_suite(suite, run, console=QUIET)
    with pytest.MonkeyPatch.context() as patch:  # other scores of the same masks
        patch.setattr("c2seg_bench.engine.request.request.SCORING_VERSION", 99)
        evaluate(predict, suite, "Mine", out=run, console=QUIET)
    assert len(calls) == number
    pd.testing.assert_frame_equal(scores_of(run, "Mine"), scores)
    assert "Mine" in (run / "report.md").read_text()
    evaluate(predict, suite, "Mine", version="2", out=run, console=QUIET)
    assert len(calls) == 2 * number

    def changed(image: np.ndarray, prompt: str) -> np.ndarray:
        calls.append(prompt)
        return image[..., 0] > 150

    evaluate(changed, suite, "Mine", version="2", out=run, console=QUIET)
    assert len(calls) == 3 * number
    assert not scores_of(run, "Mine").equals(scores)
