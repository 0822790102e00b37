"""scores.parquet read in parts is what pandas reads of the whole file."""

import numpy as np
import pandas as pd
import pytest

from c2seg_bench.files import DamagedFile
from c2seg_bench.results.stored_scores import NAMES, stored_names, stored_rows


def scores(datasets=("b", "a", "c"), images=50):
    """Rows as a run leaves them: by dataset, method and condition; some numbers are missing."""
    rng, parts = np.random.default_rng(0), []
    for dataset in datasets:
        for method in ("unet", "lvit"):
            for condition in ("clean", "swap-1"):
                dice = np.where(rng.random(images) < 0.1, np.nan, rng.random(images))
                parts.append(pd.DataFrame({"dataset": dataset, "method": method, "seed": 0, "condition": condition,
                                           "image": [f"i{k}" for k in range(images)], "prompt": f"{condition} words",
                                           "dice": dice, "pred_empty": 0, "request": f"{dataset} {method}"}))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def plain(rows):
    return rows.astype({name: str for name in rows if isinstance(rows[name].dtype, pd.CategoricalDtype)})


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("row_group_size", [64, 1000])
@pytest.mark.parametrize("dataset", ["a", "b", "c", None, "of no row"])
def test_rows_of_a_dataset(tmp_path, shuffled, row_group_size, dataset):
    table = scores().sample(frac=1, random_state=0) if shuffled else scores()
    table.to_parquet(tmp_path / "scores.parquet", index=False, row_group_size=row_group_size)
    expected = pd.read_parquet(tmp_path / "scores.parquet")
    if dataset is not None:
        expected = expected[expected["dataset"] == dataset].reset_index(drop=True)
    read = stored_rows(tmp_path / "scores.parquet", dataset)
    pd.testing.assert_frame_equal(plain(read), plain(expected), check_dtype=False)
    assert isinstance(read["prompt"].dtype, pd.CategoricalDtype)


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("dataset", ["a", None])
@pytest.mark.parametrize("conditions", [["clean"], ["swap-1", "clean"], [], None])
@pytest.mark.parametrize("columns", [["condition", "dice", "of no column"], None])
def test_rows_and_columns_that_are_wanted(tmp_path, shuffled, dataset, conditions, columns):
    table = scores().sample(frac=1, random_state=0) if shuffled else scores()
    table.to_parquet(tmp_path / "scores.parquet", index=False, row_group_size=64)
    expected = table[(table["dataset"] == dataset) | (dataset is None)]
    if conditions is not None:
        expected = expected[expected["condition"].isin(conditions)]
    if columns is not None:
        expected = expected[["condition", "dice"]]
    # a dataset or condition may be chosen by a column that is not wanted itself
    read = stored_rows(tmp_path / "scores.parquet", dataset, columns, conditions)
    pd.testing.assert_frame_equal(plain(read), expected.reset_index(drop=True), check_dtype=False)


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("columns", [NAMES, NAMES[:-1]])
def test_names_are_the_distinct_ones_in_their_order(tmp_path, shuffled, columns):
    table = scores().drop(columns=[name for name in NAMES if name not in columns])
    table = table.sample(frac=1, random_state=0) if shuffled else table
    table.to_parquet(tmp_path / "scores.parquet", index=False, row_group_size=64)
    expected = table[list(columns)].drop_duplicates()
    assert list(stored_names(tmp_path / "scores.parquet").itertuples(index=False, name=None)) == list(
        expected.itertuples(index=False, name=None)
    )


@pytest.mark.parametrize("read", [stored_names, stored_rows])
@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"image,dice\n"])
def test_a_cut_file_is_damaged(tmp_path, read, damage):
    path = tmp_path / "scores.parquet"
    scores().to_parquet(path, index=False)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DamagedFile, match="scores.parquet: damaged .*; run the suite again"):
        read(path)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        read(path)
