"""Models that were trained elsewhere: a row like all others, however they are called and however often they are killed."""

from __future__ import annotations

import csv
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import cv2
import nibabel
import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import c2seg_bench
from c2seg_bench.cli.main import main
from c2seg_bench.engine import outside_cell
from c2seg_bench.engine.cell_steps import load_trained, open_inputs
from c2seg_bench.engine.device import launch
from c2seg_bench.engine.evaluate import evaluate
from c2seg_bench.engine.result import Result
from c2seg_bench.engine.run import RunFailed, run_suite
from c2seg_bench.errors import InputError
from c2seg_bench.outside.answers import Answers
from c2seg_bench.suite import Suite, cells

pytestmark = pytest.mark.slow

SUITE = {
    "name": "small",
    "device": "cpu",
    "datasets": {"phantom": {"source": "phantom", "size": 32, "options": {"train": 8, "val": 4, "test": 8}}},
    "methods": ["unet", "c2seg"],
    "train": {"epochs": 2, "batch": 4},
    "stress": {"families": ["keyboard", "swap_side"], "severities": [1, 3], "images": 6},
    "score": {"bootstrap": 100},
}
QUIET = Console(quiet=True)
CLASSICAL = '''
import numpy as np


def predict(image, prompt):
    """Bright pixels on the side that the prompt names; torch is not needed."""
    grey = image.mean(axis=2)
    mask = grey > np.quantile(grey, 0.8)
    half = image.shape[1] // 2
    if "left" in prompt and "right" not in prompt:
        mask[:, half:] = False
    if "right" in prompt and "left" not in prompt:
        mask[:, :half] = False
    return mask
'''


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("model") / "mymodel.py"
    file.write_text(CLASSICAL)
    return f"{file}:predict"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, model: str) -> Path:
    """A run of two methods that are trained and one that is called, by one command."""
    entry = {"predictor": model, "title": "Bright side", "params": 0.5, "link": "https://example.org"}
    suite = Suite(**{**SUITE, "methods": ["unet", "c2seg", entry]})
    return run_suite(suite, tmp_path_factory.mktemp("trained") / "run", console=QUIET)


@pytest.fixture
def run(trained: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(trained, tmp_path / "run"))


def scores_of(run: Path, method: str) -> pd.DataFrame:
    scores = pd.read_parquet(run / "scores.parquet")
    return scores[scores["method"] == method].drop(columns=["method", "seed", "request"]).reset_index(drop=True)


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
    from c2seg_bench.data.cache import Cache
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


def answer(pack: Path, folder: Path, suffix: str = ".png") -> list[dict[str, str]]:
    """What somebody's own script does: read requests.csv, write a mask per id."""
    folder.mkdir()
    namespace: dict[str, Callable] = {}
    exec(CLASSICAL, namespace)
    with open(pack / "requests.csv", encoding="utf-8", newline="") as file:
        requests = list(csv.DictReader(file))
    for request in requests:
        image = cv2.imread(str(pack / request["image"]))[..., ::-1]
        mask = namespace["predict"](image, request["prompt"])
        path = folder / f"{request['id']}{suffix}"
        if suffix == ".nii.gz":
            nibabel.save(nibabel.Nifti1Image(mask.astype(np.uint8), np.eye(4)), path)
        elif suffix == ".npy":
            np.save(path, mask)
        else:
            cv2.imwrite(str(path), mask.astype(np.uint8) * 255)
    return requests


@pytest.fixture(scope="module")
def suite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import yaml

    path = tmp_path_factory.mktemp("suite") / "small.yaml"
    path.write_text(yaml.safe_dump(SUITE))
    return path


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory, trained: Path, suite_file: Path) -> Path:
    out = tmp_path_factory.mktemp("pack") / "pack"
    with pytest.raises(SystemExit) as stop:
        main(["pack", str(suite_file), "--out", str(out), "--run", str(trained)])
    assert stop.value.code == 0
    return out


def test_a_pack_asks_every_picture_and_prompt_once_and_says_how_to_answer(pack: Path, trained: Path) -> None:
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
    picture = cv2.imread(str(pack / requests["image"][0]))
    assert picture.shape == (32, 32, 3)


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


def test_missing_answers_are_named_and_refused_unless_they_are_to_be_empty(
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
    assert f"1 of {len(requests)} answers for phantom are missing ({gone['id']}: picture " in message
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
    with pytest.raises(
        InputError, match="has other pictures or prompts than the suite has now .*; pack the suite again"
    ):
        evaluate(suite=fewer, predictions=tmp_path / "answers", pack=pack, out=tmp_path / "new", console=QUIET)


def test_an_answer_of_another_size_is_refused_with_the_size_of_its_picture(pack, run, tmp_path) -> None:
    requests = answer(pack, tmp_path / "answers")
    path = tmp_path / "answers" / f"{requests[0]['id']}.png"
    cv2.imwrite(str(path), np.zeros((16, 32), np.uint8))
    with pytest.raises(InputError, match=rf"{path}: 16x32 pixels \(height x width\), its picture .* has 32x32"):
        evaluate(suite=Suite(**SUITE), predictions=tmp_path / "answers", out=run, console=QUIET)


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


def killed(start: Callable[[], object]) -> bool:
    """Run in a process that may kill itself; whether it did."""
    process = multiprocessing.get_context("fork").Process(target=start)
    process.start()
    process.join(120)
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_killed_at_ten_moments_it_ends_with_the_same_numbers(
    run: Path, trained: Path, tmp_path: Path, monkeypatch
) -> None:
    calls = tmp_path / "calls.txt"
    calls.touch()
    namespace: dict[str, Callable] = {}
    exec(CLASSICAL, namespace)

    def start(fatal_call: int) -> Callable[[], object]:
        def predict(image: np.ndarray, prompt: str) -> np.ndarray:
            with open(calls, "a") as file:
                file.write(f"{image.tobytes().hex()[:64]} {prompt}\n")
            if len(calls.read_text().splitlines()) == fatal_call:
                die()
            return namespace["predict"](image, prompt)

        return lambda: evaluate(predict, Suite(**SUITE), "Killed", out=run, console=QUIET)

    for fatal_call in (1, 2, 5, 9, 14, 15, 20):
        assert killed(start(fatal_call))
    with monkeypatch.context() as patch:  # between a mask and its checksum
        patch.setattr(Answers, "put", lambda self, k, mask: (self._bits.__setitem__(k, 255), die()))
        assert killed(start(0))
    for step in ("save_masks", "score_cell"):  # all is answered then
        with monkeypatch.context() as patch:
            patch.setattr(outside_cell, step, die)
            assert killed(start(0))
    assert not killed(start(0))
    pd.testing.assert_frame_equal(scores_of(run, "Killed"), scores_of(trained, "Bright-side"))
    number = len({*map(tuple, scores_of(run, "Killed")[["image", "prompt"]].to_numpy())})
    assert len(calls.read_text().splitlines()) == number + 8  # a call that was killed is repeated, and no other


def test_what_the_model_returns_or_raises_is_reported_with_picture_and_prompt(run: Path, capsys) -> None:
    suite = Suite(**SUITE)
    with pytest.raises(
        InputError, match=r"Logits: phantom: picture chest_test_00000, prompt '.*infect.*': returned values from"
    ):
        evaluate(lambda image, prompt: image[..., 0] - 300.0, suite, "Logits", out=run, console=QUIET)
    console = Console(stderr=True, width=500)
    with pytest.raises(RunFailed):
        evaluate(lambda image, prompt: {}[prompt], suite, "Fails", out=run, console=console)
    assert "FAILED: phantom: picture chest_test_00000, prompt " in (printed := capsys.readouterr().err)
    assert "KeyError" in printed
    with pytest.raises(InputError, match="and 3 more: returned 1 masks for 4 pictures"):
        evaluate(lambda images, prompts: [1], suite, "Few", batch=4, out=run, console=QUIET)


def test_lists_of_pictures_have_the_same_numbers(run: Path, trained: Path, model: str) -> None:
    from c2seg_bench.outside.predictor import load_function

    one, sizes = load_function(model), []

    def predict(images: list[np.ndarray], prompts: list[str]) -> list[np.ndarray]:
        sizes.append(len(images))
        return [one(image, prompt) for image, prompt in zip(images, prompts, strict=True)]

    evaluate(predict, Suite(**SUITE), "In lists", batch=5, out=run, console=QUIET)
    pd.testing.assert_frame_equal(scores_of(run, "In-lists"), scores_of(trained, "Bright-side"))
    assert set(sizes[:-1]) == {5} and 1 <= sizes[-1] <= 5


def test_a_row_stays_when_the_suite_runs_again_and_is_asked_again_only_for_another_model(run: Path) -> None:
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
        patch.setattr("c2seg_bench.engine.request.SCORING_VERSION", 99)
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


def test_native_pictures_are_those_of_the_folder_and_masks_shrink_like_the_experts(tmp_path: Path) -> None:
    rng, data = np.random.default_rng(5), tmp_path / "data"
    for folder in ("images", "masks"):
        (data / folder).mkdir(parents=True)
    experts: dict[bytes, np.ndarray] = {}
    for split, count in (("train", 4), ("val", 2), ("test", 4)):
        rows = []
        for k in range(count):
            picture = rng.integers(0, 255, (50, 70, 3)).astype(np.uint8)
            mask = cv2.circle(np.zeros((50, 70), np.uint8), tuple(map(int, rng.integers(12, 38, 2))), 9, 255, -1)
            cv2.imwrite(str(data / f"images/{split}{k}.png"), picture[..., ::-1])
            cv2.imwrite(str(data / f"masks/{split}{k}.png"), mask)
            experts[picture.tobytes()] = mask
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
