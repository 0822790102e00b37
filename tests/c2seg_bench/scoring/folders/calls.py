"""`score` on a folder of predictions and a folder of targets: the call, its result, and masks to write."""

import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from typer.testing import CliRunner

import metrics
from c2seg_bench.cli.main import app
from c2seg_bench.errors import InputError

TEXT = "one infected area, upper left lung"


def run(folder, *options, pred="pred", gt="gt"):
    """Summary, rows and what was printed to stderr."""
    call = ["score", "--predictions", folder / pred, "--targets", folder / gt, "--out", folder / "out" / "o.csv"]
    result = CliRunner().invoke(app, [str(c) for c in [*call, *options, "--json"]])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    rows = pd.read_csv(folder / "out" / "o.csv").set_index("image")
    return json.loads(result.stdout), rows, result.stderr


def refused(folder, *options):
    with pytest.raises(InputError) as e:
        run(folder, *options)
    assert "\n" not in str(e.value)
    return str(e.value)


def save(path, array, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(array, np.uint8)).save(path, **options)


def dice(pred, target):
    return pytest.approx(metrics.dice(pred, target))


def rename(folder, template):
    for path in list(folder.iterdir()):
        path.rename(folder / template.format(path.stem))
