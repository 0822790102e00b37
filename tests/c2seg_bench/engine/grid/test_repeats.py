"""What repeats bit for bit from run to run, and what only within its interval, when the number of threads changes.

Same machine, same threads: everything, whatever the number of workers. Another number of threads: the images, the
prompts, the noise, the experts' scores and the reference rows. PyTorch adds up in another order with more threads, so
that weights, masks and their scores differ; their intervals overlap.
"""

import pandas as pd
import pytest
import yaml
from rich.console import Console

from c2seg_bench.engine.grid.run import run_suite
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import load_suite

pytestmark = pytest.mark.minutes
SUITE = {
    "name": "repeats",
    "device": "cpu",
    "seeds": [0, 1, 2],
    "datasets": {
        "phantom-chest": {"source": "phantom", "size": 32, "options": {"train": 48, "val": 12, "test": 24}},
    },
    "methods": ["unet", {"name": "c2seg", "pretrain": {"epochs": 1, "batch": 16}}],
    "train": {"epochs": 2, "batch": 16, "lr": 2e-3, "optimizer": "adamw", "clip": 1.0},
    "stress": {"families": ["keyboard"], "severities": [3], "images": 8},
    "score": {"bootstrap": 200},
}
REFERENCES = ["ground truth", "empty", "full", "mean mask", "prompt only"]


@pytest.fixture(scope="module")
def run_with(tmp_path_factory):
    """(threads, workers) -> the folder of the finished run; each is run once."""
    folder, done = tmp_path_factory.mktemp("repeats"), {}

    def run(threads, workers):
        if (threads, workers) not in done:
            file = folder / f"{threads}-{workers}.yaml"
            file.write_text(yaml.safe_dump({**SUITE, "threads": threads, "workers": workers}))
            out = folder / f"run-{threads}-{workers}"
            done[threads, workers] = run_suite(load_suite(file), out, console=Console(quiet=True))
        return done[threads, workers]

    return run


def table(out, name):
    return pd.read_csv(RunDir(out).table(name)).drop(columns="minutes", errors="ignore")


def checkpoints(out):
    return {path.relative_to(out): path.read_bytes() for path in sorted(out.glob("cells/*/*/*/*.safetensors"))}


def test_with_the_same_threads_everything_repeats_whatever_the_workers(run_with):
    first, second = run_with(1, 1), run_with(1, 2)
    assert checkpoints(first) == checkpoints(second) and len(checkpoints(first)) == 9
    for path in sorted(RunDir(first).tables.glob("*.csv")):
        pd.testing.assert_frame_equal(table(first, path.stem), table(second, path.stem), check_exact=True)


def test_with_other_threads_data_prompts_and_reference_rows_repeat(run_with):
    first, second = run_with(1, 1), run_with(2, 1)
    for folder in ("data", "prompts"):
        files = [path.relative_to(first) for path in sorted((first / folder).rglob("*")) if path.is_file()]
        assert files
        for name in files:
            assert (first / name).read_bytes() == (second / name).read_bytes(), name
    one, other = (rows[rows["method"].isin(REFERENCES)] for rows in (table(out, "axes") for out in (first, second)))
    assert set(one["method"]) == set(REFERENCES)
    pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_with_other_threads_intervals_overlap_for_every_method_and_column(run_with):
    one, other = (
        table(out, "main").set_index(["dataset", "method", "metric"]) for out in (run_with(1, 1), run_with(2, 1))
    )
    assert list(one.index) == list(other.index)
    both = one[["lo", "hi"]].join(other[["lo", "hi"]], rsuffix="_other").dropna()
    assert len(both) > 10
    apart = both[(both["lo"] > both["hi_other"]) | (both["lo_other"] > both["hi"])]
    assert apart.empty, apart
