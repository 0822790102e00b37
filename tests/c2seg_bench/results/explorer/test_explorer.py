"""explorer.json against masks, prompts and scores that are known."""

from __future__ import annotations

import base64
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.data.masks.packed import PackedMasks, save_masks
from c2seg_bench.referring.frozen import freeze
from c2seg_bench.referring.score import score_examples
from c2seg_bench.results.explorer.content import Content, as_text
from c2seg_bench.results.explorer.encode import LARGEST_SIDE, jpeg, run_lengths
from c2seg_bench.results.explorer.pairs import FLIPPED, Pair, grids
from c2seg_bench.results.explorer.reading import reading
from c2seg_bench.results.explorer.write import explorer, write_explorer
from c2seg_bench.results.run import Run
from c2seg_bench.rundir import CLEAN, Condition, RunDir
from c2seg_bench.scoring.conditions import Predicted, score_conditions
from c2seg_bench.scoring.judge import Judge
from c2seg_bench.suite import Suite
from metrics.consistency import Frame, check, parse

CONDITIONS = (CLEAN, Condition("keyboard", 3), Condition("swap_side", 1))
SUITE = {
    "name": "known",
    "seeds": [1, 0],
    "datasets": {"phantom": {"source": "phantom", "size": 32, "options": {"train": 4, "val": 2, "test": 6}}},
    "methods": ["unet", "lvit"],
    "stress": {"families": ["keyboard", "swap_side"], "severities": [3]},
}


def decoded(encoded: str, shape: tuple[int, int]) -> np.ndarray:
    """The mask of run lengths, read independently of the code that writes them."""
    lengths, value, shift = [], 0, 0
    for byte in base64.b64decode(encoded):
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            lengths.append(value)
            value, shift = 0, 0
    flat = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    return np.pad(flat, (0, shape[0] * shape[1] - len(flat))).reshape(shape)


AXES = ("count", "laterality", "position", "size", "absent")


def verdicts_of(verdict) -> list:
    """Of each of AXES, None where the prompt states nothing on it."""
    return [getattr(verdict, axis) for axis in AXES]


def masks_of(method: str, condition: Condition, truth: np.ndarray) -> np.ndarray:
    """unet never changes its mask; lvit mirrors the experts' under an edited prompt and shrinks them under noise."""
    if method == "unet":
        return np.roll(truth, 3, axis=1)
    return {"clean": truth, "keyboard-3": truth & np.roll(truth, 1, 1), "swap_side-1": truth[:, :, ::-1]}[
        str(condition)
    ]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two methods and two seeds whose masks are made here; seed 0 draws nothing."""
    files = RunDir(tmp_path_factory.mktemp("run"))
    suite = Suite(**SUITE)
    cache = prepare("phantom", files.data("phantom"), 32, train=4, val=2, test=6)
    judge = Judge.of_dataset(suite.datasets["phantom"], cache)
    rows = cache.rows("test")
    names, clean_prompts = (list(cache.index[c].iloc[rows]) for c in ("name", "prompt"))
    truth = cache.masks[rows].astype(bool)
    tables = []
    for method in ("unet", "lvit"):
        for seed in (1, 0):
            predicted = []
            for condition in CONDITIONS:
                masks = masks_of(method, condition, truth) if seed else np.zeros_like(truth)
                swapped = [
                    p.replace("left", "RIGHT").replace("right", "left").replace("RIGHT", "right") for p in clean_prompts
                ]
                prompts = (
                    swapped
                    if condition.family == "swap_side"
                    else [p + " <x>" * bool(condition.severity) for p in clean_prompts]
                )
                save_masks(files.cell("phantom", method, seed).predictions(condition), names, PackedMasks.pack(masks))
                predicted.append(Predicted(condition, rows, masks, prompts))
            table = score_conditions(predicted, cache, judge)
            tables.append(table.assign(dataset="phantom", method=method, seed=seed))
    pd.concat(tables).to_parquet(files.scores)
    files.suite.write_text(suite.model_dump_json())
    return files.out


@pytest.fixture(scope="module")
def content(out: Path) -> dict:
    return explorer(run := Run.open(out), grids(run))


def case(content: dict, image: int, condition: str, method: str) -> tuple[dict, list]:
    """(pair, case) of a picture by its number."""
    dataset = content["datasets"][0]
    number = [c["name"] for c in dataset["conditions"]].index(condition)
    pair = next(p for p in content["pairs"] if (p["picture"], p["condition"]) == (image, number))
    return pair, pair["cases"][dataset["methods"].index(method)]


def test_all_of_a_small_run_is_in(content):
    assert content["total"] == {"pictures": 6, "pairs": 18}
    assert (len(content["pictures"]), len(content["pairs"])) == (6, 18)
    dataset = content["datasets"][0]
    assert (dataset["name"], dataset["methods"]) == ("phantom", ["unet", "unet", "lvit", "lvit"])
    assert dataset["seeds"] == [1, 0, 1, 0]  # in the order of the suite
    assert sorted(dataset["images"]) == list(range(6))
    assert [(c["name"], c["kind"], c["edited"]) for c in dataset["conditions"]] == [
        ("clean", "clean", ""), ("keyboard-3", "kept", ""), ("swap_side-1", "changed", "laterality"),
    ]  # fmt: skip


def test_masks_and_experts_come_back_pixel_by_pixel(out, content):
    run = Run.open(out)
    truth = run.truth["phantom"]
    for number, picture in enumerate(content["pictures"]):
        expert = truth.masks[truth.names.index(picture["name"])]
        assert (decoded(picture["truth"], (picture["height"], picture["width"])) == expert).all()
        for condition in CONDITIONS:
            for method in ("unet", "lvit"):
                _, (*_, mask, _, _) = case(content, number, str(condition), method)
                own, clean = (masks_of(method, c, expert[None])[0] for c in (condition, CLEAN))
                if condition != CLEAN and (own == clean).all():
                    assert mask == "="
                else:
                    assert (decoded(mask, own.shape) == own).all()


def test_scores_and_reasons_are_those_of_scoring_and_check(out, content):
    run = Run.open(out)
    scores = run.scores[run.scores["seed"] == 1].set_index(["method", "condition", "image"])
    frame, ontology = Frame.load("thirds"), "chest"
    names = {"laterality": "side", "absent": "nothing"}
    checked = 0
    for number, picture in enumerate(content["pictures"]):
        for condition in map(str, CONDITIONS):
            pair, (dice, score, consistent, stability, mask, answers, edited) = case(content, number, condition, "lvit")
            row = scores.loc["lvit", condition, picture["name"]]
            assert [dice, score, consistent, stability] == pytest.approx(
                [row["dice"], row["score"], row["consistent"], row["stability"]], abs=5e-4
            )
            text = "".join(part for part, _ in content["prompts"][pair["prompt"]]["parts"])
            assert text == row["prompt"]
            if mask == "=":
                continue
            own = decoded(mask, (32, 32))
            clean = scores.loc["lvit", "clean", picture["name"]]["prompt"]
            for prompt, given_answers in ((clean, answers), (text, edited)):
                if not given_answers:
                    continue
                verdict = check(own, parse(prompt, ontology), frame)
                by_axis = dict(zip(AXES, verdicts_of(verdict), strict=True))
                expected = [(names.get(a, a), int(v.ok), v.reason) for a, v in by_axis.items() if v is not None]
                assert [tuple(a) for a in given_answers] == expected
                checked += 1
            assert bool(edited) == (condition == "swap_side-1")
    assert checked > 20


def test_points_of_every_image(out, content):
    dataset = content["datasets"][0]
    grid = grids(Run.open(out))[0]
    assert dataset["dice"][2] == [1000] * 6  # lvit draws the experts' masks
    known = grid.values["score"][0, :, 0]
    assert dataset["score"][0] == [-1 if np.isnan(v) else round(1000 * v) for v in known]
    for image, number in enumerate(dataset["images"]):
        assert content["pictures"][number]["name"] == grid.images[image]


def test_room_goes_to_clean_pairs_first(out):
    run = Run.open(out)
    whole = len(json.dumps(explorer(run, grids(run))["pairs"]))
    small = explorer(run, grids(run), length=whole // 2)
    stored = as_text([small[name] for name in ("pictures", "prompts", "pairs")])
    assert 0.6 * (whole // 2) < len(stored.encode()) <= whole // 2 + 20
    numbers = [pair["condition"] for pair in small["pairs"]]
    assert 0 < len(numbers) < 18
    assert numbers == sorted(numbers, key=bool)
    assert {pair["picture"] for pair in small["pairs"]} == set(range(len(small["pictures"])))
    assert small["total"] == {"pictures": 6, "pairs": 18}
    assert explorer(run, grids(run), length=10)["pairs"] == []


def test_without_masks_the_scores_stay(out, tmp_path):
    import shutil

    copy = Path(shutil.copytree(out, tmp_path / "copy"))
    shutil.rmtree(RunDir(copy).cell("phantom", "unet", 1).folder)
    content = explorer(run := Run.open(copy), grids(run))
    _, (dice, *_, mask, answers, edited) = case(content, 0, "clean", "unet")
    assert dice < 1 and mask is None and answers == [] and edited == []
    assert case(content, 0, "clean", "lvit")[1][4] is not None


def test_written_once_for_the_same_scores(out, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(out, copy)
    path, made = RunDir(copy).explorer, grids(Run.open(copy))
    write_explorer(Run.overview(copy), made)
    first = path.read_bytes()
    stamp = path.stat().st_mtime_ns
    write_explorer(Run.overview(copy), made)
    assert path.stat().st_mtime_ns == stamp
    path.write_text('{"made_of": "other scores"}')
    write_explorer(Run.overview(copy), made)
    assert path.read_bytes() == first


def test_images_as_jpeg():
    rng = np.random.default_rng(0)
    smooth = np.kron(rng.integers(0, 256, (4, 6, 1)), np.ones((20, 20, 3))).astype(np.uint8)
    grey = Image.open(io.BytesIO(base64.b64decode(jpeg(smooth))))
    assert (grey.mode, grey.size) == ("L", (120, 80))
    assert np.abs(np.asarray(grey, float) - smooth[..., 0]).mean() < 4
    smooth[..., 0] = 0
    assert Image.open(io.BytesIO(base64.b64decode(jpeg(smooth)))).mode == "RGB"
    large = Image.open(io.BytesIO(base64.b64decode(jpeg(np.zeros((600, 300, 3), np.uint8)))))
    assert large.size == (LARGEST_SIDE // 2, LARGEST_SIDE)


@given(st.integers(1, 40), st.integers(1, 40), st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_any_mask_comes_back(height, width, share, seed):
    mask = np.random.default_rng(seed).random((height, width)) < share
    assert (decoded(run_lengths(mask), mask.shape) == mask).all()


def test_runs_of_an_empty_and_a_full_mask():
    assert run_lengths(np.zeros((9, 9), bool)) == ""
    assert base64.b64decode(run_lengths(np.ones((20, 20), bool))) == bytes([0, 400 & 127 | 128, 400 >> 7])


@pytest.mark.parametrize(
    "text", ["", "No lesion. 😀 Two areas, upper left lung with effusion, <b>rihgt</b> lung.", "é" * 5]
)
def test_parts_joined_are_the_prompt(text):
    made = reading(parse(text, "chest"))
    assert "".join(part for part, _ in made["parts"]) == text
    assert all(part for part, _ in made["parts"])


def test_what_is_read_and_what_is_left_out():
    made = reading(parse("Two infected areas, upper left lung; no infected area in lower rihgt lung", "chest"))
    kinds: dict[str, list[str]] = {}
    for part, kind in made["parts"]:
        kinds.setdefault(kind, []).append(part)
    assert kinds["count"] == ["Two"]
    assert "no" in kinds["denied"]
    assert "lower" in " ".join(kinds["left out"])
    assert ["count", "2", "a number of lesions"] in made["read"]
    assert ["lower", "denied by 'no'"] in made["left_out"]
    assert made["notes"] == ["rihgt read as right"]


def test_trainings_that_are_not_shown_have_no_case(out):
    run = Run.open(out)
    content = Content(run, grids(run))
    room = content.add([(0, Pair(0, 2))], 10**6)
    content.add([(0, Pair(1, 2))], room, [[0, 2]])
    clean, noisy = content.pairs.records
    assert None not in clean["cases"]
    assert [case is None for case in noisy["cases"]] == [False, True, False, True]


def test_a_prompt_with_a_correct_mask_of_its_own(out, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(out, copy)
    files = RunDir(copy)
    suite = Suite(**SUITE, referring={})
    cache = Cache.open(files.data("phantom"))
    judge, rows = Judge.of_dataset(suite.datasets["phantom"], cache), cache.rows("test")
    frozen = freeze(files.referring("phantom"), cache, judge, rows, suite.referring.kinds, None)
    truth = {int(row): cache.masks[row].astype(bool) for row in rows}
    tables = [pd.read_parquet(files.scores)]
    for condition, examples in frozen.by_condition.items():
        masks = np.stack([e.target(truth[e.row]) for e in examples])
        scores = score_examples(condition, examples, masks, truth, cache, judge)
        tables.append(scores.assign(dataset="phantom", method="lvit", seed=0))
        names = list(cache.index["name"].iloc[[e.row for e in examples]])
        save_masks(files.cell("phantom", "lvit", 0).predictions(condition), names, PackedMasks.pack(masks))
    pd.concat(tables).to_parquet(files.scores)
    files.suite.write_text(suite.model_dump_json())

    content = explorer(run := Run.open(copy), grids(run))
    dataset, shown = content["datasets"][0], {}
    names = [c["name"] for c in dataset["conditions"]]
    assert {c["kind"] for c in dataset["conditions"][3:]} == {"referring"}
    flipped = {c["family"] for c in dataset["conditions"] if c["flipped"]}
    assert flipped == set(FLIPPED) & {condition.family for condition in frozen.by_condition} != set()
    for pair in content["pairs"]:
        if "target" in pair:
            shown[names[pair["condition"]], content["pictures"][pair["picture"]]["name"]] = pair
    kinds = set()
    for condition, examples in frozen.by_condition.items():
        for example in examples:
            pair = shown.pop((str(condition), cache.index["name"].iloc[example.row]))
            assert (condition.family in flipped) == example.flipped
            kinds.add(condition.family)
            right = example.target(truth[example.row])
            np.testing.assert_array_equal(decoded(pair["target"], right.shape), right)
            of_training = dict(zip(zip(dataset["methods"], dataset["seeds"], strict=True), pair["cases"], strict=True))
            dice, score, *_, mask, answers, edited = of_training["lvit", 0]
            assert (dice, score, answers) == (1.0, None, [])
            unchanged = not right.any() and not example.flipped  # seed 0 draws nothing for clean prompts
            assert mask == ("=" if unchanged else pair["target"])
            assert of_training["unet", 1] is None
            text = "".join(part for part, _ in content["prompts"][pair["prompt"]]["parts"])
            assert text == example.prompt
            verdict = check(right, parse(example.prompt, "chest"), Frame.load("thirds"))
            assert [bool(ok) for _, ok, _ in edited] == [v.ok for v in verdicts_of(verdict) if v is not None]
    assert not shown and len(kinds) >= 3
