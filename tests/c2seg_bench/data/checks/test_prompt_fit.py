"""Prompts that the ontology cannot read are said before anything is trained."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from rich.console import Console

from c2seg_bench.data.checks.check_dataset import check
from c2seg_bench.data.checks.prompt_fit import misfit
from c2seg_bench.engine.grid.check import check_suite
from c2seg_bench.engine.grid.prepare import prepare_dataset
from c2seg_bench.engine.grid.run import run_suite
from c2seg_bench.errors import InputError
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import Suite
from tests.c2seg_bench.data.folders.test_layouts import comma, pair

CHEST = ["Unilateral pulmonary infection, one infected area, upper left lung", "Two infected areas, lower right lung"]
POLYPS = ["one small pink round polyp, located in top left of the image", "two polyps in the center"]
SILENT = ["please segment this", "an image of a patient"]


@pytest.mark.parametrize(
    ("prompts", "ontology", "expected"),
    [
        (CHEST, "chest", None),
        (POLYPS, "colonoscopy", None),
        (POLYPS, "chest", "100% of the prompts state nothing in ontology chest, such as 'one small pink round polyp"),
        (CHEST, "colonoscopy", "100% state something in chest: choose that ontology"),
        (SILENT, "chest", "whether masks follow such prompts cannot be judged"),
        ([*CHEST, SILENT[0]], "chest", None),
        ([], "chest", None),
    ],
)
def test_prompts_and_ontologies(prompts, ontology, expected):
    found = misfit(prompts, ontology)
    assert found is None if expected is None else expected in found and "\n" not in found


def folder(root, prompts):
    for split, n in (("train", 3), ("val", 1), ("test", 2)):
        for i in range(n):
            for where, image in zip(("images", "masks"), pair(f"{split}{i}", "chest", 32), strict=True):
                (root / where).mkdir(parents=True, exist_ok=True)
                Image.fromarray(np.asarray(image)).save(root / where / f"{split}{i}.png")
        comma(root / f"{split}.csv", [("image", "text"), *((f"{split}{i}.png", prompts[i % 2]) for i in range(n))])
    return root


def suite(root, **dataset):
    return Suite(
        name="fit", datasets={"mine": {"source": "folder", "root": str(root), "size": 32, **dataset}}, methods=["unet"]
    )


@pytest.mark.parametrize(("prompts", "warned"), [(CHEST, False), (POLYPS, True), (SILENT, True)])
def test_check_and_run_say_it(tmp_path, prompts, warned):
    root = folder(tmp_path / "in", prompts)
    assert any("state nothing in ontology chest" in note for note in check("folder", root).notes) == warned
    lines = io.StringIO()
    prepare_dataset(suite(root), RunDir(tmp_path / "out"), "mine", Console(file=lines, width=500))
    assert ("warning: datasets.mine: 100% of the prompts state nothing" in lines.getvalue()) == warned
    other = io.StringIO()
    prepare_dataset(
        suite(root, ontology="colonoscopy"), RunDir(tmp_path / "out"), "mine", Console(file=other, width=500)
    )
    assert ("warning" in other.getvalue()) == (prompts is not POLYPS)


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ({"ontology": "chess"}, "datasets.mine: .*chess"),
        ({"frame": "forths"}, "datasets.mine: .*forths"),
        ({"frame": "qata"}, None),
        ({"frame": "qata", "ontology": "colonoscopy"}, "datasets.mine: frame qata: 3 rows by 2 columns, but ontology"),
    ],
)
def test_a_wrong_ontology_or_frame_is_named_before_anything_is_prepared(tmp_path, dataset, message):
    small = suite(folder(tmp_path / "in", CHEST), **dataset)
    if message is None:
        check_suite(small)
        return
    with pytest.raises(InputError, match=message):
        run_suite(small, tmp_path / "out", console=Console(quiet=True))
    assert not (tmp_path / "out").exists()


def test_a_run_without_validation_says_how_to_take_it_from_train(tmp_path):
    root = folder(tmp_path / "in", CHEST)
    (root / "val.csv").unlink()
    (root / "masks" / "val0.png").unlink()
    with pytest.raises(InputError, match=r"no pairs in the split val; .*options: {validation: 0.1} to take a share"):
        prepare_dataset(suite(root), RunDir(tmp_path / "out"), "mine", Console(file=io.StringIO()))
    cache = prepare_dataset(
        suite(root, options={"validation": 0.3}), RunDir(tmp_path / "out"), "mine", Console(file=io.StringIO())
    )
    assert cache.manifest["counts"] == {"train": 2, "val": 1, "test": 2}


@pytest.mark.slow
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_run_whose_prompts_state_nothing_writes_its_report(tmp_path):
    root = folder(tmp_path / "in", SILENT)
    small = Suite(
        name="silent",
        device="cpu",
        datasets={"mine": {"source": "folder", "root": str(root), "size": 32}},
        methods=["unet"],
        train={"epochs": 1, "batch": 2},
        stress={"families": ["keyboard"], "severities": [5]},
        score={"bootstrap": 100},
    )
    lines = io.StringIO()
    out = run_suite(small, tmp_path / "out", console=Console(file=lines, width=500))
    assert "warning: datasets.mine: 100% of the prompts state nothing" in lines.getvalue()
    main = pd.read_csv(out / "tables" / "main.csv").set_index(["method", "metric"])
    assert np.isfinite(main.loc[("unet", "dice"), "value"])
    assert np.isnan(main.loc[("unet", "consistency"), "value"]) and np.isnan(main.loc[("unet", "corrected"), "value"])
    assert "U-Net" in (out / "report.md").read_text()
