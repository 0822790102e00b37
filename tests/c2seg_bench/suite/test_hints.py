"""An unknown key of a suite is one line that says where it belongs, or which key was meant."""

import pytest

from c2seg_bench.errors import InputError
from c2seg_bench.suite import load_suite

SUITE = "name: x\ndatasets: {phantom: {source: phantom, size: 32%s}}\nmethods: [unet%s]\n%s"


def problem(tmp_path, dataset="", method="", rest=""):
    (tmp_path / "suite.yaml").write_text(SUITE % (dataset, method, rest))
    with pytest.raises(InputError) as error:
        load_suite(tmp_path / "suite.yaml")
    return str(error.value).removeprefix(f"{tmp_path / 'suite.yaml'}: ")


CASES = {
    "option of a method": (
        {"method": ", {name: c2seg, widths: [8]}"},
        "methods.1.widths: unknown key; it is an option: write options: {widths: ...}",
    ),
    "option of a source": (
        {"dataset": ", train: 40"},
        "datasets.phantom.train: unknown key; it is an option: write options: {train: ...}",
    ),
    "training in a method": (
        {"method": ", {name: lvit, epochs: 3}"},
        "methods.1.epochs: unknown key; it belongs under train:",
    ),
    "training at the top": ({"rest": "epochs: 3\n"}, "epochs: unknown key; it belongs under train:"),
    "a misspelled ingredient": (
        {"rest": "train: {follow: {mirored: 0.1}}\n"},
        "train.follow.mirored: unknown key; did you mean 'mirrored'?",
    ),
    "an ingredient one level too high": (
        {"rest": "train: {nowhere: 0.1}\n"},
        "train.nowhere: unknown key; it belongs under train: follow:",
    ),
    "noise at the top": ({"rest": "families: all\n"}, "families: unknown key; it belongs under stress:"),
    "suite's key in training": ({"rest": "train: {seeds: [1]}\n"}, "train.seeds: unknown key; it belongs at the top of the file"),
    "dataset's key at the top": ({"rest": "root: data\n"}, "root: unknown key; it belongs under datasets: NAME:"),
    "misspelled, in its place": ({"rest": "train: {epoch: 3}\n"}, "train.epoch: unknown key; did you mean 'epochs'?"),
    "misspelled option": (
        {"method": ", {name: c2seg, width: [8]}"},
        "methods.1.width: unknown key; did you mean 'widths', under options:?",
    ),
    "key of a model made elsewhere": (
        {"method": ", {predictor: 'm.py:f', parms: 3}"},
        "methods.1.parms: unknown key; did you mean 'params'?",
    ),
    "known nowhere": ({"rest": "stress: {qqq: 1}\n"}, "stress.qqq: unknown key; known keys: families, severities, images"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_an_unknown_key_says_where_it_belongs(case, tmp_path):
    parts, message = CASES[case]
    assert problem(tmp_path, **parts) == message
