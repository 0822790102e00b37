"""`c2seg-bench compare`: differences of known size, images by name, and what cannot be compared."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import metrics
from c2seg_bench.cli.main import main
from c2seg_bench.exchange.compare import compare, compare_all
from c2seg_bench.exchange.scored import read_scored
from c2seg_bench.rundir import RunDir
from metrics.consistency import evaluate

PROMPTS = ("one infected area, lower left lung", "two infected areas", "no infection", "infection")


def masks(seed: int, n: int = 40, shift: int = 0, size: int = 32) -> np.ndarray:
    """Squares in a fixed place per image, moved right by `shift` pixels; every tenth is empty."""
    rng = np.random.default_rng(seed)
    squares = np.zeros((n, size, size), bool)
    for k, (y, x) in enumerate(rng.integers(4, size - 12, (n, 2))):
        if k % 10 != 9:
            squares[k, y : y + 8, x + shift : x + shift + 8] = True
    return squares


def write_csv(path: Path, preds: np.ndarray, targets: np.ndarray, prompts: bool = True) -> Path:
    rows = metrics.score_masks(preds, targets)
    rows.insert(0, "image", [f"{k:03d}" for k in range(len(rows))])  # names that a reader could take for numbers
    if prompts:
        texts = [PROMPTS[k % len(PROMPTS)] for k in range(len(rows))]
        verdicts = evaluate(preds, texts).rows
        rows = rows.assign(**{c: verdicts[c] for c in verdicts.columns}, prompt=texts)
    rows.to_csv(path, index=False)
    return path


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """A is moved by three pixels, B by one; A is the better one of image 004 alone."""
    targets = masks(1)
    a, b = masks(1, shift=3), masks(1, shift=1)
    a[4], b[4] = targets[4], masks(1, shift=4)[4]
    return write_csv(tmp_path / "a.csv", a, targets), write_csv(tmp_path / "b.csv", b, targets)


def by_metric(a: str | Path, b: str | Path) -> dict:
    comparison = compare_all(read_scored(str(a)), read_scored(str(b)))[0]
    return {difference.metric: difference for difference in comparison.differences}


def test_the_difference_is_the_mean_of_the_images_differences_and_its_interval_that_of_a_paired_test(two) -> None:
    a, b = (pd.read_csv(path) for path in two)
    dice = by_metric(*two)["dice"]
    gains = 100 * (b["dice"] - a["dice"])
    assert dice.a == pytest.approx(100 * a["dice"].mean())
    assert dice.b == pytest.approx(100 * b["dice"].mean())
    assert dice.difference == pytest.approx(gains.mean())
    low, high = stats.t.interval(0.95, len(gains) - 1, gains.mean(), stats.sem(gains))
    # the one image that loses much lies below all others, so that the studentised interval reaches further down
    assert dice.lo < low < dice.difference < dice.hi < high
    assert (dice.improved, dice.worsened, dice.n, dice.dropped) == (35, 1, 40, 0)
    assert dice.better == "B"


def test_a_distance_is_better_where_it_is_smaller(two) -> None:
    differences = by_metric(*two)
    assert (
        differences["hd95"].difference < 0 and differences["hd95"].better == "B" and differences["hd95"].improved == 35
    )
    backwards = by_metric(*reversed(two))
    assert backwards["hd95"].difference == pytest.approx(-differences["hd95"].difference)
    assert backwards["hd95"].better == "A"


def test_equal_scores_do_not_differ_significantly(two) -> None:
    for difference in by_metric(two[0], two[0]).values():
        assert (difference.difference, difference.lo, difference.hi, difference.better) == (0, 0, 0, "")


def test_images_whose_prompt_states_nothing_on_an_axis_are_left_out_of_it(two) -> None:
    count = by_metric(*two)["count"]
    assert (count.n, count.dropped) == (20, 20)


def test_scores_without_prompts_are_compared_by_overlap_and_distance(tmp_path: Path) -> None:
    a = write_csv(tmp_path / "a.csv", masks(2), masks(1), prompts=False)
    b = write_csv(tmp_path / "b.csv", masks(3), masks(1), prompts=False)
    assert list(by_metric(a, b)) == ["dice", "iou", "hd95", "assd"]


def test_the_images_that_changed_most_come_first_and_are_written_out(two, tmp_path: Path, capsys) -> None:
    out = tmp_path / "differences.csv"
    main_json = ["compare", *map(str, two), "--json", "--top", "3", "--out", str(out)]
    with pytest.raises(SystemExit) as stop:
        main(main_json)
    assert stop.value.code == 0
    comparison = json.loads(capsys.readouterr().out)["comparisons"][0]
    first = comparison["changed_most"]["images"][0]
    assert (comparison["n"], first["image"], len(comparison["changed_most"]["images"])) == (40, "004", 3)
    assert first["a"] == 100 and first["difference"] == pytest.approx(first["b"] - 100)
    assert first["prompt"] == PROMPTS[0]
    table = pd.read_csv(out, dtype={"image": str})
    assert len(table) == 40 and list(table.columns[:5]) == ["dataset", "a", "b", "image", "prompt"]
    assert table.set_index("image").loc["004", "dice_difference"] == pytest.approx(first["difference"])


def test_the_printed_table_says_which_is_better(two, capsys) -> None:
    with pytest.raises(SystemExit):
        main(["compare", *map(str, two), "--by", "hd95"])
    printed = capsys.readouterr().out
    assert "95 % interval" in printed and "better/worse" in printed and "…" not in printed  # nothing is cut
    assert "B better" in printed and "Largest changes of hd95" in printed and "004" in printed


def test_a_metric_may_be_called_by_its_title(two, capsys) -> None:
    for title in ("HD95", "hd95"):
        with pytest.raises(SystemExit) as stop:
            main(["compare", *map(str, two), "--by", title])
        assert stop.value.code == 0 and "Largest changes of hd95" in capsys.readouterr().out


def test_long_names_of_images_are_printed_whole(two, tmp_path: Path, capsys) -> None:
    for name, source in zip("ab", two, strict=True):
        table = pd.read_csv(source, dtype={"image": str})
        table.assign(image="sub-S09687_ses-E17468_acq-1_run-1_bp-chest_vp-ap_" + table["image"]).to_csv(
            tmp_path / f"{name}.csv", index=False
        )
    with pytest.raises(SystemExit):
        main(["compare", f"{tmp_path}/a.csv", f"{tmp_path}/b.csv", "--top", "1"])
    printed = capsys.readouterr().out
    rows = [line.split("│")[1].strip() for line in printed.splitlines() if line.startswith("│")]
    assert "".join(rows) == "sub-S09687_ses-E17468_acq-1_run-1_bp-chest_vp-ap_004"


def fails(arguments: list[str], capsys) -> str:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    return capsys.readouterr().err


def test_other_images_are_refused_by_name_unless_common_ones_do(two, tmp_path: Path, capsys) -> None:
    fewer = tmp_path / "fewer.csv"
    pd.read_csv(two[1], dtype={"image": str}).iloc[2:].to_csv(fewer, index=False)
    message = fails(["compare", str(two[0]), str(fewer)], capsys)
    assert "a.csv has 2 that fewer.csv has not (000, 001); --common" in message
    first, second = read_scored(str(two[0]))[0], read_scored(str(fewer))[0]
    assert len(compare(first, second, common=True).images) == 38


def test_scores_against_other_masks_are_refused_with_the_image(two, tmp_path: Path, capsys) -> None:
    targets = masks(1)
    targets[7] = masks(5)[7] | targets[7]
    other = write_csv(tmp_path / "other.csv", masks(1, shift=1), targets)
    message = fails(["compare", str(two[0]), str(other)], capsys)
    assert "007: areas of the experts' mask 64 in a.csv" in message and "same masks" in message


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda table: table.drop(columns="dice"), "no column dice; give a CSV that score wrote"),
        (lambda table: pd.concat([table, table.iloc[:1]]), "image 000 is there twice"),
        (lambda table: table.drop(columns="height"), "no column height"),
        (lambda table: table.assign(dice=["none", *table["dice"][1:]]), "column dice, row 2: 'none' is no number"),
        (lambda table: table.assign(pred_empty="no"), "column pred_empty, row 2: 'no' is no number"),
    ],
)
def test_a_table_that_is_not_of_score_is_refused_by_name(two, tmp_path: Path, capsys, change, expected) -> None:
    broken = tmp_path / "broken.csv"
    change(pd.read_csv(two[0], dtype={"image": str})).to_csv(broken, index=False)
    message = fails(["compare", str(broken), str(two[1])], capsys)
    assert message.startswith(f"error: {broken}: ") and expected in message


def write_run(out: Path, shifts: dict[str, tuple[int, ...]], dataset: str = "d") -> Path:
    """A run folder with what compare reads of it: methods by their shifts, one per seed; noise shifts by one more."""
    targets, tables = masks(1), []
    for method, of_seeds in shifts.items():
        for number, shift in enumerate(of_seeds):
            for condition, more in (("clean", 0), ("keyboard-3", 1)):
                rows = metrics.score_masks(masks(1, shift=shift + more), targets)
                names = {"dataset": dataset, "method": method, "seed": number, "condition": condition}
                tables.append(rows.assign(image=[f"{k:03d}" for k in range(len(rows))], **names))
    files = RunDir(out)
    out.mkdir()
    files.suite.write_text(json.dumps({"name": "s"}))
    pd.concat(tables, ignore_index=True).to_parquet(files.scores)
    return out


def test_two_methods_of_a_run_are_compared_over_their_seeds(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", {"unet": (3, 5), "lvit": (1, 1)})
    dice = by_metric(f"{run}:unet", f"{run}:lvit")["dice"]
    expected = [100 * metrics.score_masks(masks(1, shift=s), masks(1))["dice"].mean() for s in (3, 5, 1)]
    assert dice.a == pytest.approx((expected[0] + expected[1]) / 2)
    assert dice.b == pytest.approx(expected[2])
    assert dice.better == "B"
    noisy = compare_all(
        read_scored(f"{run}:unet", condition="keyboard-3"), read_scored(f"{run}:lvit", condition="keyboard-3")
    )[0].differences[0]
    assert noisy.b == pytest.approx(100 * metrics.score_masks(masks(1, shift=2), masks(1))["dice"].mean())


def test_two_runs_are_compared_method_by_method(tmp_path: Path) -> None:
    before = write_run(tmp_path / "before", {"unet": (3,), "lvit": (2,), "old": (1,)})
    after = write_run(tmp_path / "after", {"lvit": (1,), "unet": (3,)})
    comparisons = compare_all(read_scored(str(before)), read_scored(str(after)))
    assert [(c.a, c.b) for c in comparisons] == [(f"{before}:{m}", f"{after}:{m}") for m in ("unet", "lvit")]
    assert [c.differences[0].better for c in comparisons] == ["", "B"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda table: table.drop(columns="seed"), "it has no column seed"),
        (lambda table: table.assign(dice="x"), "its column dice is not of type number"),
    ],
)
def test_scores_that_no_run_wrote_are_refused(tmp_path: Path, capsys, change, expected) -> None:
    run = write_run(tmp_path / "run", {"unet": (3,), "lvit": (1,)})
    path = RunDir(run).scores
    change(pd.read_parquet(path)).to_parquet(path)
    message = fails(["compare", f"{run}:unet", f"{run}:lvit"], capsys)
    assert message.startswith(f"error: {path}: damaged ({expected})")


def test_a_method_or_condition_that_a_run_lacks_is_refused_with_those_it_has(tmp_path: Path, capsys) -> None:
    run = write_run(tmp_path / "run", {"unet": (3,), "lvit": (1,)})
    assert f"{run}: no method 'c2seg'; there are unet, lvit" in fails(
        ["compare", f"{run}:c2seg", f"{run}:unet"], capsys
    )
    message = fails(["compare", f"{run}:unet", f"{run}:lvit", "--condition", "swap-1"], capsys)
    assert "no condition 'swap-1'; there are clean, keyboard-3" in message
    assert "no such scores" in fails(["compare", str(tmp_path / "nowhere"), str(run)], capsys)
    assert "--by dicee: no such metric in both; there are dice" in fails(
        ["compare", f"{run}:unet", f"{run}:lvit", "--by", "dicee"], capsys
    )
