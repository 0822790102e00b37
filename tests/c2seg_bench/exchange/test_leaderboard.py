"""The leaderboard: places and intervals of comparable results, and the reasons why others are not ranked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from c2seg_bench.cli.main import main
from c2seg_bench.errors import InputError
from c2seg_bench.exchange.comparable import boards, differences, entries_of
from c2seg_bench.exchange.export import export
from c2seg_bench.exchange.leaderboard import leaderboard
from c2seg_bench.exchange.package import Package, write_package

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def packages(run: Path) -> tuple[Package, Package]:
    return export(run, "unet"), export(run, "lvit")


def changed(package: Package, title: str = "", scoring: int | None = None, **record: object) -> Package:
    """The package with another title, version of the scores, or entries of its dataset's record."""
    manifest = package.manifest
    datasets = {name: known.model_copy(update=record) for name, known in manifest.datasets.items()}
    update = {"datasets": datasets, "title": title or manifest.title}
    return replace(
        package, manifest=manifest.model_copy(update=update | ({} if scoring is None else {"scoring": scoring}))
    )


@pytest.fixture
def files(packages: tuple[Package, Package], tmp_path: Path) -> list[Path]:
    """Two results that can be compared, and a third on another version of the images."""
    third = changed(packages[1], title="Another | <b>version</b>", pictures="f" * 64)
    paths = [tmp_path / name for name in ("unet.zip", "lvit.zip", "other.zip")]
    for package, path in zip((*packages, third), paths, strict=True):
        write_package(package, path)
    return paths


def test_two_are_ranked_and_the_one_of_other_data_is_listed_with_the_reason(files, tmp_path, capsys) -> None:
    out = tmp_path / "board"
    with pytest.raises(SystemExit) as stop:
        main(["leaderboard", *map(str, files), "--out", str(out), "--json"])
    assert stop.value.code == 0
    board = json.loads(capsys.readouterr().out)["boards"][0]
    assert {row["file"] for row in board["ranked"]} == {"unet.zip", "lvit.zip"}
    assert [row["place"] for row in board["ranked"]] == [1, 2]
    assert board["ranked"][0]["value"] >= board["ranked"][1]["value"]
    assert [row["file"] for row in board["not_ranked"]] == ["other.zip"]
    assert "another version of the images or masks: ffffffff instead of " in board["not_ranked"][0]["reason"]
    listed = pd.read_csv(out / "not_ranked.csv")
    assert listed["file"].tolist() == ["other.zip"]
    for name in ("leaderboard.md", "leaderboard.html"):
        page = (out / name).read_text()
        assert "another version of the images or masks" in page and "LViT" in page
        assert "<b>version</b>" not in page


def test_numbers_of_a_board_are_those_of_the_run(run: Path, files: list[Path]) -> None:
    _, rows = leaderboard(files, draws=100)[0]
    main_table = pd.read_csv(run / "tables/main.csv").set_index(["method", "metric"])
    row_by = {(row["file"].removesuffix(".zip"), row["metric"]): row for row in rows}
    for method in ("unet", "lvit"):
        for metric in ("dice", "iou", "hd95", "assd", "consistent", "consistency", "corrected"):
            expected = main_table.loc[(method, metric)]
            assert row_by[method, metric]["value"] == pytest.approx(expected["value"], rel=1e-5, nan_ok=True)
            assert row_by[method, metric]["n"] == expected["n"]
    drop = pd.read_csv(run / "tables/robustness.csv").query("kind == 'kept' and metric == 'dice' and summary == 'drop'")
    for method, value in zip(drop["method"], drop["value"], strict=True):
        assert row_by[method, "noise"]["value"] == pytest.approx(value, abs=1e-4)


def test_a_distance_ranks_the_smallest_first(files: list[Path]) -> None:
    _, rows = leaderboard(files[:2], by="hd95", draws=100)[0]
    places = [row["value"] for row in rows if row["metric"] == "hd95"]
    assert places == sorted(places)


def test_entries_of_other_noise_are_ranked_without_a_number_for_it(packages, tmp_path: Path) -> None:
    other = changed(packages[1], noise={"keyboard-2": "0" * 64, "swap_side-1": "1" * 64})
    for package, name in ((packages[0], "a.zip"), (other, "b.zip")):
        write_package(package, tmp_path / name)
    board, rows = leaderboard([tmp_path / "a.zip", tmp_path / "b.zip"], draws=100)[0]
    assert len(board.ranked) == 2
    assert [row["file"] for row in rows if row["metric"] == "noise"] == ["a.zip"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"split": "a" * 64, "images": 8}, "another test split: 8 images, aaaaaaaa, instead of 10"),
        ({"pictures": "a" * 64}, "another version of the images or masks: aaaaaaaa instead of"),
        ({"prompts": "a" * 64}, "other prompts: aaaaaaaa instead of"),
        ({"size": 64}, "images of another size: 64 instead of 32"),
        ({"ontology": "colonoscopy"}, "another ontology: colonoscopy instead of chest"),
        ({"frame": "a" * 64}, "another frame: aaaaaaaa instead of"),
        ({"source": "qata"}, "another source of data: qata instead of phantom"),
        ({"scoring": 0}, "another version of the metrics: 0 instead of"),
    ],
)
def test_what_keeps_two_results_apart_is_said(packages, change: dict, expected: str) -> None:
    mine, other = packages[0], changed(packages[1], **change)
    pair = [(p.manifest, p.manifest.datasets["phantom"]) for p in (mine, other)]
    assert len(differences(*pair)) == 1
    assert expected in differences(*pair)[0]
    assert differences(pair[0], pair[0]) == []


def test_the_largest_group_is_ranked_unless_a_reference_is_given(packages) -> None:
    mine, other = packages
    entries = entries_of([("a", changed(mine, size=64)), ("b", mine), ("c", other)])
    board = boards(entries)[0]
    assert [e.name for e in board.ranked] == ["b", "c"] and board.refused[0][0].name == "a"
    board = boards(entries, entries[0])[0]
    assert [e.name for e in board.ranked] == ["a"] and [e.name for e, _ in board.refused] == ["b", "c"]


def test_equal_titles_get_the_names_of_their_files(packages) -> None:
    assert [e.label for e in entries_of([("a.zip", packages[0]), ("b.zip", packages[0])])] == [
        "U-Net (a.zip)",
        "U-Net (b.zip)",
    ]


def test_files_of_the_same_name_are_two_entries(packages, tmp_path: Path) -> None:
    paths = [tmp_path / group / "lvit.zip" for group in ("a", "b")]
    for package, path in zip(packages, paths, strict=True):
        path.parent.mkdir()
        write_package(changed(package, title="Ours"), path)
    [(board, rows)] = leaderboard(paths, reference=paths[1])
    assert [entry.label for entry in board.ranked] == [f"Ours ({path})" for path in paths]
    alone = [leaderboard([path])[0][1] for path in paths]
    for path, of_one in zip(paths, alone, strict=True):
        [own], [expected] = (
            [row["value"] for row in table if row["metric"] == "dice" and row["file"] in (str(path), path.name)]
            for table in (rows, of_one)
        )
        assert own == pytest.approx(expected)
    with pytest.raises(InputError, match="--reference .*: is not among the files"):
        leaderboard(paths, reference=tmp_path / "lvit.zip")


def test_wrong_calls_are_refused(files: list[Path]) -> None:
    with pytest.raises(InputError, match="unet.zip: given twice"):
        leaderboard([files[0], files[0]])
    with pytest.raises(InputError, match="--by corrected: no such metric; there are dice, iou"):
        leaderboard(files, by="corrected")
    with pytest.raises(InputError, match="--reference .*: is not among the files"):
        leaderboard(files, reference=Path("x.zip"))
