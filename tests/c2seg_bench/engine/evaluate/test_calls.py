"""`c2seg_bench.evaluate`: wrong calls, faults of the model, images at their own size."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import c2seg_bench
from c2seg_bench.cli.main import main
from c2seg_bench.engine.evaluate.evaluate import evaluate
from c2seg_bench.engine.evaluate.result import Result
from c2seg_bench.engine.grid.finish import RunFailed
from c2seg_bench.errors import InputError
from c2seg_bench.suite import Suite
from tests.c2seg_bench.engine.evaluate.models import QUIET, SUITE

pytestmark = pytest.mark.slow


def test_what_the_model_returns_or_raises_is_reported_with_image_and_prompt(run: Path, capsys) -> None:
    suite = Suite(**SUITE)
    with pytest.raises(
        InputError, match=r"Logits: phantom: image chest_test_00000, prompt '.*infect.*': returned values from"
    ):
        evaluate(lambda image, prompt: image[..., 0] - 300.0, suite, "Logits", out=run, console=QUIET)
    console = Console(stderr=True, width=500)
    with pytest.raises(RunFailed):
        evaluate(lambda image, prompt: {}[prompt], suite, "Fails", out=run, console=console)
    assert "FAILED: phantom: image chest_test_00000, prompt " in (printed := capsys.readouterr().err)
    assert "KeyError" in printed
    with pytest.raises(InputError, match="and 3 more: returned 1 masks for 4 images"):
        evaluate(lambda images, prompts: [1], suite, "Few", batch=4, out=run, console=QUIET)


@pytest.mark.parametrize("text", ["import no_such_package\n\ndef predict(image, prompt): ...\n", "def predict(: ...\n"])
def test_a_file_that_cannot_be_imported_is_a_wrong_call_and_leaves_nothing(tmp_path, suite_file, capsys, text) -> None:
    (tmp_path / "mine.py").write_text(text)
    call = ["evaluate", str(suite_file), "--predictor", f"{tmp_path}/mine.py:predict", "--name", "Mine"]
    with pytest.raises(SystemExit) as stop:
        main([*call, "--out", str(tmp_path / "run")])
    assert stop.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: predictor {tmp_path}/mine.py:predict: ") and "mine.py" in line
    assert not (tmp_path / "run").exists()


def test_native_images_are_those_of_the_folder_and_masks_shrink_like_the_experts(tmp_path: Path) -> None:
    rng, data = np.random.default_rng(5), tmp_path / "data"
    for folder in ("images", "masks"):
        (data / folder).mkdir(parents=True)
    experts: dict[bytes, np.ndarray] = {}
    for split, count in (("train", 4), ("val", 2), ("test", 4)):
        rows = []
        for k in range(count):
            image = rng.integers(0, 255, (50, 70, 3)).astype(np.uint8)
            mask = cv2.circle(np.zeros((50, 70), np.uint8), tuple(map(int, rng.integers(12, 38, 2))), 9, 255, -1)
            cv2.imwrite(str(data / f"images/{split}{k}.png"), image[..., ::-1])
            cv2.imwrite(str(data / f"masks/{split}{k}.png"), mask)
            experts[image.tobytes()] = mask
            rows.append({"image": f"{split}{k}.png", "text": "one infected area, left lung"})
        pd.DataFrame(rows).to_csv(data / f"{split}.csv", index=False)
    dataset = {"source": "folder", "root": str(data), "size": 32, "ontology": "chest", "frame": "thirds"}
    suite = Suite(name="own", datasets={"own": dataset}, methods=["unet"], score={"bootstrap": 100})

    def predict(image: np.ndarray, prompt: str) -> np.ndarray:
        assert image.shape == (50, 70, 3) and image.flags.writeable
        return experts[image.tobytes()]

    result = evaluate(predict, suite, "Expert", pictures="native", out=tmp_path / "run", console=QUIET)
    assert (result.scores["dice"] == 1).all() and len(result.scores) == 4
    assert "Expert in " in str(result) and "dice  100.00" in str(result)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"predict": len, "predictions": "x"}, "give one of predict, a function, and predictions"),
        ({}, "give one of predict"),
        ({"predict": len, "name": "unet"}, "the tables have a row unet already; give another name"),
        ({"predict": "nowhere.py:predict"}, "nowhere.py: no such file"),
        ({"predictions": "nowhere"}, "predictions nowhere: no such folder"),
        ({"predict": len, "params": -1}, "params: "),
    ],
)
def test_wrong_calls_are_refused_before_anything_is_prepared(tmp_path: Path, arguments: dict, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        evaluate(suite=Suite(**SUITE), out=tmp_path / "run", console=QUIET, **arguments)
    assert not (tmp_path / "run" / "data").exists()


def test_evaluate_is_what_the_package_offers() -> None:
    assert c2seg_bench.evaluate is evaluate and c2seg_bench.Result is Result
