"""A pack of requests that a model answers on another machine: its content, and answers that are refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from c2seg_bench.cli.main import main
from c2seg_bench.engine.evaluate.evaluate import evaluate
from c2seg_bench.errors import InputError
from c2seg_bench.suite import Suite
from tests.c2seg_bench.engine.evaluate.models import QUIET, SUITE, answer, scores_of

pytestmark = pytest.mark.slow


def test_a_pack_has_every_image_and_prompt_once_and_explains_the_answers(pack: Path, trained: Path) -> None:
    requests = pd.read_csv(pack / "requests.csv")
    assert list(requests.columns) == ["id", "image", "prompt", "condition"]
    assert requests["id"].is_unique and not requests.duplicated(["image", "prompt"]).any()
    requested = {(row.image, row.prompt) for row in scores_of(trained, "Bright-side").itertuples()}
    assert len(requests) == len(requested)
    conditions = requests["condition"].str.split().explode()
    assert (
        conditions.value_counts().to_dict() == scores_of(trained, "Bright-side")["condition"].value_counts().to_dict()
    )
    readme = (pack / "README.md").read_text()
    assert len(readme.splitlines()) <= 25 and f"{requests['id'][0]}.png" in readme
    image = cv2.imread(str(pack / requests["image"][0]))
    assert image.shape == (32, 32, 3)


@pytest.mark.parametrize("suffix", [".png", ".npy", ".tif", ".nii.gz"])
def test_answers_to_a_pack_have_the_numbers_of_the_model_called(
    pack: Path, run: Path, trained: Path, suite_file, tmp_path, suffix
) -> None:
    answer(pack, tmp_path / "answers", suffix)
    arguments = ["--pack", str(pack), "--predictions", str(tmp_path / "answers"), "--name", "From files"]
    with pytest.raises(SystemExit) as stop:
        main(["evaluate", str(suite_file), *arguments, "--out", str(run)])
    assert stop.value.code == 0
    pd.testing.assert_frame_equal(scores_of(run, "From-files"), scores_of(trained, "Bright-side"))


def test_missing_answers_are_named_and_refused_unless_partial_answers_are_allowed(
    pack, run, trained, suite_file, tmp_path, capsys
) -> None:
    requests = answer(pack, tmp_path / "answers")
    gone = requests[3]
    (tmp_path / "answers" / f"{gone['id']}.png").unlink()
    command = [
        "evaluate",
        str(suite_file),
        "--predictions",
        str(tmp_path / "answers"),
        "--name",
        "F",
        "--out",
        str(run),
    ]
    with pytest.raises(SystemExit) as stop:
        main(command)
    message = capsys.readouterr().err
    assert stop.value.code == 2
    assert f"1 of {len(requests)} answers for phantom are missing ({gone['id']}: image " in message
    assert gone["prompt"] in message and "--partial" in message
    with pytest.raises(SystemExit) as stop:
        main([*command, "--partial"])
    assert stop.value.code == 0
    note = pd.read_csv(run / "tables/methods.csv").set_index("method").loc["F", "deviations"]
    assert f"1 of {len(requests)} answers are missing and scored as empty masks." in note
    mine, whole = scores_of(run, "F"), scores_of(trained, "Bright-side")
    differs = (mine["pred_area"] != whole["pred_area"]).to_numpy()
    assert mine.loc[differs, "prompt"].unique().tolist() == [gone["prompt"]]
    assert (mine.loc[differs, "pred_empty"] == 1).all()


def test_files_that_answer_nothing_and_packs_of_another_suite_are_refused(pack, run, tmp_path) -> None:
    answer(pack, tmp_path / "answers")
    (tmp_path / "answers/0123456789abcdef.png").write_bytes((next((tmp_path / "answers").iterdir())).read_bytes())
    suite = Suite(**SUITE)
    with pytest.raises(InputError, match=r"1 of \d+ files are no answer to a request \(0123456789abcdef.png\)"):
        evaluate(suite=suite, predictions=tmp_path / "answers", out=run, console=QUIET)
    fewer = Suite(**{**SUITE, "stress": {"families": ["keyboard"], "severities": [1]}})
    with pytest.raises(InputError, match="has other images or prompts than the suite has now .*; pack the suite again"):
        evaluate(suite=fewer, predictions=tmp_path / "answers", pack=pack, out=tmp_path / "new", console=QUIET)


def test_an_answer_of_another_size_is_refused_with_the_size_of_its_image(pack, run, tmp_path) -> None:
    requests = answer(pack, tmp_path / "answers")
    path = tmp_path / "answers" / f"{requests[0]['id']}.png"
    cv2.imwrite(str(path), np.zeros((16, 32), np.uint8))
    with pytest.raises(InputError, match=rf"{path}: 16x32 pixels \(height x width\), its image .* has 32x32"):
        evaluate(suite=Suite(**SUITE), predictions=tmp_path / "answers", out=run, console=QUIET)
