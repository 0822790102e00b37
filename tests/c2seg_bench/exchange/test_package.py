"""Exported results: the content of the zip, and faulty zips that are refused."""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from baselines import registry
from c2seg_bench.errors import InputError
from c2seg_bench.exchange import read_package as module
from c2seg_bench.exchange.compare import compare_all
from c2seg_bench.exchange.export import export
from c2seg_bench.exchange.package import Package, write_package
from c2seg_bench.exchange.read_package import read_package
from c2seg_bench.exchange.scored import read_scored
from c2seg_bench.results.run import Run
from metrics.consistency.axes import ALL

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def package(run: Path) -> Package:
    return export(run, "lvit")


@pytest.fixture
def exported(package: Package, tmp_path: Path) -> Path:
    write_package(package, tmp_path / "lvit.zip")
    return tmp_path / "lvit.zip"


def test_a_package_has_the_methods_scores_and_where_they_come_from(run: Path, exported: Path) -> None:
    read, opened = read_package(exported), Run.open(run)
    scores = pd.read_parquet(run / "scores.parquet").query("method == 'lvit'").reset_index(drop=True)
    pd.testing.assert_frame_equal(read.scores, scores[list(read.scores.columns)], check_dtype=False)
    assert set(scores.columns) - set(read.scores.columns) == {"prompt"}
    record = read.manifest.datasets["phantom"]
    assert (record.images, record.size, record.source, record.ontology) == (10, 32, "phantom", "chest")
    assert set(record.noise) == {"keyboard-2", "swap_side-1"}
    assert (read.manifest.method, read.manifest.title, read.manifest.uses_text) == ("lvit", "LViT", True)
    assert read.manifest.link == registry.get("lvit").card.link
    assert read.manifest.params_m == pytest.approx(pd.read_csv(run / "tables/methods.csv")["params_m"][1])
    assert read.manifest.provenance["seeds"] == [0, 1]
    truth = opened.truth["phantom"]
    assert list(read.ceiling["image"]) == truth.names
    assert read.ceiling[ALL.score].tolist() == pytest.approx(truth.rows[ALL.score].tolist(), nan_ok=True)


def test_cells_that_the_report_leaves_out_are_not_in_the_package(run: Path, tmp_path: Path) -> None:
    interrupted = shutil.copytree(run, tmp_path / "run")
    (interrupted / "cells/phantom/lvit/seed1/cell.json").unlink()  # as while it is trained again
    scores = export(interrupted, "lvit").scores
    assert set(scores["seed"]) == {0} and set(export(run, "lvit").scores["seed"]) == {0, 1}


def test_its_tables_have_the_methods_rows_alone_and_no_rank_among_others(run: Path, exported: Path) -> None:
    tables = read_package(exported).tables
    assert set(tables) == {"main", "axes", "stress", "robustness", "adherence"}
    main = pd.read_csv(run / "tables/main.csv").query("method == 'lvit'")
    assert tables["main"]["value"].tolist() == pytest.approx(main["value"].tolist(), nan_ok=True)
    assert not {"group", "rank_lo", "rank_hi"} & set(tables["main"])
    assert set(tables["axes"]["method"]) == {"lvit", "ground truth", "empty", "full", "mean mask", "prompt only"}


def test_it_contains_no_image_and_no_prompt(run: Path, exported: Path) -> None:
    prompts = set(pd.read_parquet(run / "scores.parquet")["prompt"])
    with zipfile.ZipFile(exported) as archive:
        assert {Path(name).suffix for name in archive.namelist()} == {".json", ".parquet"}
        for name in archive.namelist():
            data = archive.read(name)
            assert not any(prompt.encode() in data for prompt in prompts)


def test_the_same_results_are_the_same_bytes(run: Path, exported: Path, tmp_path: Path) -> None:
    write_package(export(run, "lvit"), tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == exported.read_bytes()


def test_compare_reads_a_zip_like_the_method_of_the_run(run: Path, exported: Path) -> None:
    of_zip = compare_all(read_scored(f"{run}:unet"), read_scored(str(exported)))[0]
    of_run = compare_all(read_scored(f"{run}:unet"), read_scored(f"{run}:lvit"))[0]
    assert [d.difference for d in of_zip.differences] == [d.difference for d in of_run.differences]


def test_a_method_that_the_run_lacks_is_refused_with_those_it_has(run: Path) -> None:
    with pytest.raises(InputError, match="--method c2seg: .* has no scores of it; there are unet, lvit"):
        export(run, "c2seg")


def rewritten(exported: Path, changes: dict[str, bytes | None]) -> Path:
    """The zip with entries replaced, added, or (None) left out."""
    with zipfile.ZipFile(exported) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries |= changes
    other = exported.with_name("other.zip")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            if data is not None:
                archive.writestr(name, data)
    return other


def parquet(table: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "name", ["../evil.json", "/etc/passwd", "tables/../../x.parquet", "tables/other.parquet", "a.png"]
)
def test_an_entry_that_no_export_has_is_refused_and_nothing_is_unpacked(
    exported: Path, tmp_path: Path, name: str
) -> None:
    before = sorted(tmp_path.rglob("*"))
    other = rewritten(exported, {name: b"{}"})
    with pytest.raises(InputError, match="other.zip: has the entry .* which no export has"):
        read_package(other)
    assert sorted(tmp_path.rglob("*")) == sorted([*before, other])


def test_an_entry_that_unpacks_to_more_than_the_bound_is_refused(exported: Path, monkeypatch) -> None:
    monkeypatch.setitem(module.LARGEST, ".json", 1 << 20)
    bomb = rewritten(exported, {"manifest.json": b" " * (1 << 24)})
    assert bomb.stat().st_size < 1 << 20
    with pytest.raises(InputError, match="manifest.json is larger than 1 MB"):
        read_package(bomb)


def test_a_table_of_too_many_rows_or_of_other_than_numbers_and_text_is_refused(exported: Path, monkeypatch) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"image": pa.array([[1, 2]])}), buffer)
    with pytest.raises(InputError, match="ceiling.parquet: column 'image' is list"):
        read_package(rewritten(exported, {"ceiling.parquet": buffer.getvalue()}))
    monkeypatch.setattr(module, "ROWS", 5)
    with pytest.raises(InputError, match="there are at most 5 rows"):
        read_package(exported)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"scores.parquet": None}, "has no scores.parquet"),
        ({"scores.parquet": b"PAR1 nothing"}, "scores.parquet: not a parquet table"),
        ({"manifest.json": b"[]"}, "manifest.json: "),
        ({"manifest.json": b'{"format": 2}'}, "manifest.json: format: "),
    ],
)
def test_a_damaged_file_is_refused_with_the_entry(exported: Path, changes: dict, expected: str) -> None:
    with pytest.raises(InputError, match=f"other.zip: .*{expected}"):
        read_package(rewritten(exported, changes))


def test_no_zip_at_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK nothing")
    with pytest.raises(InputError, match="x.zip: .*give a zip that c2seg-bench export wrote"):
        read_package(tmp_path / "x.zip")
    with pytest.raises(InputError, match="y.zip: no such file"):
        read_package(tmp_path / "y.zip")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda rows: rows.drop(columns="dice"), "no column dice"),
        (lambda rows: pd.concat([rows, rows.iloc[:1]]), "two rows for one image"),
        (lambda rows: rows.assign(dice=rows["dice"] + 1), "dice is not within 0 and 1"),
        (lambda rows: rows[rows["image"] != rows["image"].iloc[0]], "the images of phantom are not those"),
        (lambda rows: rows.assign(method="unet"), "other methods than 'lvit'"),
        (lambda rows: rows.assign(dataset="elsewhere"), "other datasets than manifest.json"),
        (lambda rows: rows.assign(hd95="far"), "its column hd95 is not of type number"),
        (lambda rows: rows.assign(condition=rows["condition"].replace("keyboard-2", "foo")), "'foo' is no condition"),
        (lambda rows: rows[rows["condition"] != "clean"], "lvit / seed 0 has no rows under clean prompts"),
        (lambda rows: rows.assign(seed=0.5), "its column seed is not of type integer"),
    ],
)
def test_scores_that_do_not_fit_the_manifest_are_refused(
    package: Package, tmp_path: Path, change, expected: str
) -> None:
    write_package(replace(package, scores=change(package.scores)), tmp_path / "x.zip")
    with pytest.raises(InputError, match=f"x.zip: scores.parquet.*{expected}"):
        read_package(tmp_path / "x.zip")
