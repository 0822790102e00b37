"""The benchmark compares the same work: peers agree with what they are measured against, and the page says it all."""

import json
import math

import pytest
import torch

from baselines.layers.kan.basis import spline, spline_centres
from c2seg_bench.cli.main import main
from c2seg_bench.pages.performance import page
from c2seg_bench.speed import ratio
from c2seg_bench.speed.masks import ALL_CORES, CORES
from c2seg_bench.speed.prompts import fresh_prompts
from c2seg_bench.speed.ratio import Comparison, compare
from c2seg_bench.speed.training import recursion


def test_the_recursion_gives_the_splines():
    centre, step = spline_centres(5, -1.0, 1.0)
    x = (
        torch.linspace(-2.5, 2.5, 101, dtype=torch.float64)[:, None] + 1e-9
    )  # off the knots, where intervals are half open
    torch.testing.assert_close(recursion(x, centre, step), spline(x, centre, step), atol=1e-7, rtol=0)


def test_no_prompt_comes_twice():
    prompts = fresh_prompts()
    seen = next(prompts) + next(prompts)
    assert len(set(seen)) == len(seen) == 96


def test_both_sides_run_in_turns_after_a_warm_up(monkeypatch):
    calls = []
    monkeypatch.setattr(ratio, "LEAST", 0.0)
    row = compare("part", "work", "peer", lambda: calls.append("own"), lambda: calls.append("peer"), rounds=2)
    assert calls == ["own", "peer"] * 3
    assert (row.part, row.work, row.peer) == ("part", "work", "peer") and row.seconds >= 0


def test_time_for_work_done_several_times_over_is_divided(monkeypatch):
    clock = iter(range(0, 1000, 8))  # every work takes eight seconds
    monkeypatch.setattr(ratio.time, "process_time", lambda: next(clock))
    row = compare("part", "work", "peer", lambda: None, lambda: None, times=4)
    assert (row.seconds, row.peer_seconds, row.ratio) == (2, 8, 4)


def page_of(training=()):
    pairs = "blobs, 224x224"
    rows = [
        Comparison("metrics", pairs, "medpy", 0.0003, 0.009, items=3),
        Comparison(ALL_CORES, pairs, "medpy", 0.00018, 0.009, items=3),
        Comparison("metrics", pairs, "MONAI", 0.0006, 0.012, items=3),
        Comparison("metrics", "specks, 224x224", "medpy", 0.001, 0.02),
        Comparison("distances", pairs, "scipy", 0.00006, 0.0006, items=3),
        Comparison("noise", "keyboard", "nlpaug", 0.001, 0.005),
    ]
    grown = [{"pairs": 8000, "seconds": 4.0, "mib": 2.5}]
    return page("Linux", "2026-11-26", "torch 2.13", "On an idle machine.", rows, grown, 0.436, training)


def test_the_page_has_ratios_growth_and_sweep():
    text = page_of()
    assert f"| Pairs | Scores (ms) | medpy | medpy, {CORES} cores | MONAI | Distances (ms) | scipy |" in text
    assert "| blobs, 224x224 | 0.1 | 30.0 | 50.0 | 20.0 | 0.02 | 10.0 |" in text
    assert "| specks, 224x224 | 1 | 20.0 |  |  |  |  |" in text
    assert "| least |  | 20.0 | 50.0 | 20.0 |  | 10.0 |" in text
    assert "| median |  | 25.0 | 50.0 | 20.0 |  | 10.0 |" in text
    assert "On an idle machine." in text
    assert "| noise | keyboard | 1 | nlpaug | 5 | 5.0 |" in text and "| 8,000 | 4.00 | 0.500 | 2.5 |" in text
    assert "costs 0.44 of a plain prediction pass" in text and "No GPU was at hand" in text


def test_the_page_has_what_a_gpu_measured():
    gpu = {"machine": "H100", "method": "unet", "precision": "bf16-mixed", "batch": 32, "images_per_second": 900.4,
           "busy": 0.914, "peak_memory_gib": 8.126}  # fmt: skip
    text = page_of([gpu])
    assert "| H100 | unet | bf16-mixed | 32 | 900 | 91 | 8.13 |" in text and "No GPU" not in text
    assert "A run on a GPU" not in text
    run = {"machine": "H100", "label": "c2seg", "epoch": 11, "epochs": 12, "val_dice": 0.8041, "seconds": 288.0,
           "images_per_second": 367.2, "peak_memory_gib": 5.41, "note": "beside another cell"}  # fmt: skip
    text = page_of([gpu, run])
    assert "| H100 | c2seg | 12 | 80.4 | 4.8 | 367 | 5.4 | beside another cell |" in text


def test_one_part_as_json(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["bench", "--only", "prompts", "--json"])
    row = json.loads(capsys.readouterr().out.splitlines()[0])
    assert ended.value.code == 0 and row["part"] == "parsing"
    assert math.isclose(row["ratio"], row["peer_seconds"] / row["seconds"])


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--only", "speed"], "--only speed: unknown part; there are metrics, prompts, training"),
        (["--gpu", "--methods", "unt"], "unt"),
        pytest.param(
            ["--gpu"],
            "device: cuda, but no CUDA device is visible",
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU"),
        ),
    ],
)
def test_wrong_calls_are_refused_in_one_line(args, message, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["bench", *args])
    assert ended.value.code == 2 and message in capsys.readouterr().err.strip().splitlines()[-1]
