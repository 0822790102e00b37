"""The commands of the README and of docs/ are run as they are printed, in a folder with files of the names they use.

`test_commands_in_docs` parses every one of them; those of docs/adding are run by `test_contributing`. The few that are
not run here are listed with the reason.
"""

import os
import re
import shlex
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.cache.prepare import prepare
from metrics import score_masks
from tests.test_commands_in_docs import COMMANDS, ROOT

pytestmark = pytest.mark.slow

MINUTES = "trains for minutes to hours"
REAL_DATA = "needs real data that may not be copied"
SMALLER = "takes minutes at the printed size; tests/test_examples.py runs the same with a smaller suite"
FRAGMENT = "names a command or its options in a sentence, with words in capitals for what to fill in"
NOT_RUN = {
    r"run suites/\S+.*": MINUTES,
    r"run quick": MINUTES,
    r"run (mine|mysuite)\.yaml": "trains; tests/c2seg_bench/cli/test_init.py runs a suite that init wrote",
    r"run (quick|ci) .*--engine ray.*": "needs a cluster of Ray; tests/c2seg_bench/engine/device/test_distributed.py has one",
    r"(evaluate|pack) quick .*|compare results/quick:.*|export results/quick .*|leaderboard .*": SMALLER,
    r"datasets (check|show) (?!folder)\S+ --root .*|datasets check folder --root data/mine .*": REAL_DATA,
    r"report results/gpu-30min --table paper": f"{REAL_DATA}; tests/reports has the table",
    r"referring write qata .*|referring score edited .*": f"{REAL_DATA}; tests/c2seg_bench/cli/test_referring.py has both",
    r"validate-metric\s.*": REAL_DATA,
    r"perturb --page .*": f"{REAL_DATA}; rewrites a page, which tests/c2seg_bench/pages/test_stress_page.py has",
    r"models --cards .*|models --step 2 --page .*": "rewrites a page, which tests/c2seg_bench/pages has",
    r"bench .*": "measures speed for minutes, in part on a GPU",
    r"calibrate( --images)?|datasets|run|report OUT|score|parse( TEXT)?": FRAGMENT,
    r"models NAME|ontology check NAME .*|calibrate .*--ontology NAME .*|init --method my_method\.py": FRAGMENT,
}
RUN = sorted(
    {
        command
        for page, command, _ in COMMANDS
        if not page.startswith("docs/adding/") and not any(re.fullmatch(known, command, re.DOTALL) for known in NOT_RUN)
        for command in [command.split("  ")[0].strip()]
        if not any(re.fullmatch(known, command, re.DOTALL) for known in NOT_RUN)
    }
)
PRINTS = {  # a part of what the command prints, by how it begins
    "parse": "lower-right",
    "perturb --list": "keyboard",
    "perturb --family": "infect",
    "perturb --severity": "keyboard",
    "datasets list": "qata",
    "doctor": "cpu",
    "models c2seg": "C2Seg",
    "score": "Dice",
    "compare": "B - A",
    "datasets check": "nothing wrong",
    "calibrate": "held-out masks",
    "init": "run it: c2seg-bench run",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Masks, tables of prompts and a method under the names that the pages use."""
    folder = tmp_path_factory.mktemp("place")
    cache: Cache = prepare("phantom", folder / "cache", 48, train=130, val=2, test=12)
    for split, masks, table in (("train", "Train/GTs", "train.xlsx"), ("test", "QaTa/Test/GTs", "test.xlsx")):
        rows = cache.rows(split)
        names = [f"{name}.png" for name in cache.index["name"].iloc[rows]]
        pd.DataFrame({"Image": names, "Description": list(cache.index["prompt"].iloc[rows])}).to_excel(
            folder / table, index=False
        )
        for to in (masks, *(["my_masks"] if split == "test" else [])):
            (folder / to).mkdir(parents=True)
            for name, row in zip(names, rows, strict=True):
                Image.fromarray((cache.masks[row] > 0).astype(np.uint8) * 255).save(folder / to / name)
    write_dataset(folder / "mydata", cache)
    test = cache.rows("test")
    scores = score_masks(cache.masks[test], cache.masks[test]).assign(image=list(cache.index["name"].iloc[test]))
    for name in ("scores.csv", "other.csv"):
        scores.to_csv(folder / name, index=False)
    (folder / "prompts.txt").write_text("Bilateral pulmonary infection, two infected areas\n")
    (folder / "mine.py").write_text((ROOT / "tests/data/own_method/own_unet.py").read_text())
    (folder / "own_blocks.py").write_text((ROOT / "tests/data/own_method/own_blocks.py").read_text())
    return folder


def write_dataset(folder, cache):
    """The images of a cache as one's own dataset: images/, masks/, and a table for each split."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    index = cache.index.assign(image=[f"{name}.png" for name in cache.index["name"]], text=cache.index["prompt"])
    for split, rows in index.groupby("split"):
        rows[["image", "text"]].to_csv(folder / f"{split}.csv", index=False)
    for row, file in enumerate(index["image"]):
        Image.fromarray(cache.images[row]).save(folder / "images" / file)
        Image.fromarray((cache.masks[row] > 0).astype(np.uint8) * 255).save(folder / "masks" / file)


def test_what_is_not_run_is_printed_somewhere():
    printed = [command for _, command, _ in COMMANDS]
    unused = [known for known in NOT_RUN if not any(re.fullmatch(known, c, re.DOTALL) for c in printed)]
    assert unused == []
    assert len(RUN) >= 10


@pytest.mark.parametrize("command", RUN, ids=lambda command: command[:60])
def test_a_command_does_what_its_page_says(command, place):
    words = shlex.split(command, comments=True)
    done = subprocess.run(
        [sys.executable, "-m", "c2seg_bench", *words], cwd=place, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-800:]
    if "--out" in words:
        assert (place / words[words.index("--out") + 1]).stat().st_size > 0
    for start, part in PRINTS.items():
        if command.startswith(start):
            assert part in done.stdout, done.stdout[-800:]
