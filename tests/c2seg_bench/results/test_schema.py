"""The written schema against the files that a run leaves and the page made of it."""

from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from c2seg_bench.engine.grid.run import run_suite
from c2seg_bench.pages.schema import page
from c2seg_bench.results import schema
from c2seg_bench.results.write import write_table
from c2seg_bench.suite import Suite
from metrics.catalogue import METRICS

SUITE = {
    "name": "small",
    "device": "cpu",
    "datasets": {"phantom": {"source": "phantom", "size": 32, "options": {"train": 8, "val": 4, "test": 6}}},
    "methods": ["unet", "lvit"],
    "train": {"epochs": 1, "batch": 4},
    "stress": {"families": ["keyboard", "swap_side"], "severities": [2]},
    "referring": {"per_image": 1},
    "score": {"bootstrap": 100},
}


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return run_suite(Suite(**SUITE), tmp_path_factory.mktemp("run"), console=Console(quiet=True))


@pytest.mark.slow
@pytest.mark.parametrize("table", schema.TABLES.values(), ids=lambda t: t.file)
def test_a_run_leaves_the_columns_of_the_schema_in_their_order(out, table):
    path = out / table.file
    written = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, keep_default_na=False)
    always = [c.name for c in table.columns if c.always]
    assert [c for c in table.names if c in written.columns] == list(written.columns)
    assert set(always) <= set(written.columns)
    for column in table.columns:
        if column.name in written and column.type in ("text", "yes/no"):
            assert (written[column.name].dtype.kind == "b") == (column.type == "yes/no"), column.name
        elif column.name in written:
            numbers = pd.to_numeric(written[column.name].replace("", None))
            whole = (numbers.dropna() % 1 == 0).all()
            assert whole or column.type == "number", f"{column.name} is no integer"
            if column.unit == "share of 1":
                assert numbers.dropna().between(-1e-6, 1 + 1e-6).all(), f"{column.name} is no share"


@pytest.mark.slow
def test_every_metric_of_the_main_table_is_in_metrics_csv(out):
    main, listed = (pd.read_csv(out / "tables" / f"{name}.csv") for name in ("main", "metrics"))
    assert list(main["metric"].unique()) == list(listed["metric"])
    for row in listed.itertuples():
        assert (row.title, row.better == "up") == (METRICS[row.metric].title, METRICS[row.metric].higher_is_better)


def test_the_page_is_that_of_the_schema():
    stored = Path(__file__).parents[3] / "docs" / "schema.md"
    assert stored.read_text(encoding="utf-8") == page(), "run: make schema"


def test_a_column_that_the_schema_lacks_is_not_written(tmp_path):
    with pytest.raises(ValueError, match="columns that its schema does not have: odd"):
        write_table(tmp_path, schema.MAIN, [{"dataset": "d", "odd": 1}])
    assert not list(tmp_path.rglob("*.csv"))


def test_a_table_without_rows_has_no_file(tmp_path):
    write_table(tmp_path, schema.STRESS, [{"dataset": "d"}])
    assert (tmp_path / "tables" / "stress.csv").read_text().startswith(",".join(schema.STRESS.names))
    write_table(tmp_path, schema.STRESS, [])
    assert not (tmp_path / "tables" / "stress.csv").exists()
