"""One suite, several text encoders: each cell gets its own embeddings, and a missing encoder is reported first."""

import shutil

import pandas as pd
import pytest
import torch
from rich.console import Console

from c2seg_bench.cli.main import main
from c2seg_bench.engine.cell.steps import open_inputs
from c2seg_bench.engine.grid.check import check_suite
from c2seg_bench.engine.grid.prepare import prepare_all
from c2seg_bench.engine.grid.run import run_suite
from c2seg_bench.engine.request.request import fingerprint
from c2seg_bench.engine.training.build import build
from c2seg_bench.errors import WRONG_INPUT, InputError
from c2seg_bench.rundir import RunDir
from c2seg_bench.suite import Train, cells, load_suite
from tests.c2seg_bench.text.small_encoders import save_bert

SUITE = """
name: small
size: tiny
device: cpu
datasets: {phantom: {source: phantom, size: 64, options: {train: 4, val: 2, test: 2}}}
methods:
  - c2seg
  - {name: c2seg, label: other, FIRST}
  - unet
stress: {families: [keyboard], severities: [2]}
"""


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def suite_with(folder, entry):
    (folder / "suite.yaml").write_text(SUITE.replace("FIRST", entry))
    return load_suite(folder / "suite.yaml")


def test_each_cell_reads_the_encoder_that_its_method_names(tmp_path):
    (tmp_path / "tower").mkdir()
    suite = suite_with(tmp_path, f'text: "pubmedbert={save_bert(tmp_path / "tower")}"')
    prepare_all(suite, RunDir(tmp_path / "out"), Console(quiet=True))
    grid = cells(suite, tmp_path / "out")
    tables = [open_inputs(cell) for cell in grid]
    assert [m.table.spec.dim for m in tables] == [384, 16, 384]
    assert [m.table.spec.vocab for m in tables] == [30522, 18, 30522]
    assert {p for p in tables[0].table.prompts} == {p for p in tables[1].table.prompts}
    assert build(grid[1], tables[1]).text_spec.dim == 16
    assert fingerprint(grid[0], tables[0]) != fingerprint(grid[0], tables[1])


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("text: clip", "text encoder clip: .*hf download openai/clip-vit-base-patch32"),
        ("text: bert", "unknown text encoder: 'bert'"),
        ("options: {weights: microsoft/resnet-50}", "unknown option of c2seg: 'weights'"),
        ("}\n  - {name: lvit, pretrain: {epochs: 2}", "lvit: pretrain: this method has no pretraining; leave the key"),
    ],
)
def test_a_missing_encoder_or_option_is_an_error_before_anything_is_prepared(entry, message, tmp_path):
    with pytest.raises(WRONG_INPUT, match=message):
        run_suite(suite_with(tmp_path, entry), tmp_path / "out", console=Console(quiet=True))
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, so nothing is missing")
@pytest.mark.parametrize(
    ("key", "message"), [("device: cuda", "no CUDA device is visible"), ("precision: 16-mixed", "needs a CUDA device")]
)
def test_a_missing_gpu_is_an_error_before_anything_is_prepared(key, message, tmp_path):
    (tmp_path / "suite.yaml").write_text(SUITE.replace("FIRST", "text: minilm").replace("device: cpu", "") + key)
    with pytest.raises(InputError, match=message):
        run_suite(load_suite(tmp_path / "suite.yaml"), tmp_path / "out", console=Console(quiet=True))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "option", ["weights: microsoft/swin-base-patch4-window7-224-in22k", "text_weights: google-bert/bert-base-uncased"]
)
def test_missing_weights_of_a_method_are_reported_before_anything_is_prepared(option, tmp_path):
    (tmp_path / "suite.yaml").write_text(
        SUITE.replace("{name: c2seg, label: other, FIRST}", f"{{name: lavt, options: {{{option}}}}}")
    )
    with pytest.raises(WRONG_INPUT, match="lavt: (text_)?weights '.*cannot be loaded here .*run `hf download"):
        run_suite(load_suite(tmp_path / "suite.yaml"), tmp_path / "out", console=Console(quiet=True))
    assert not (tmp_path / "out").exists()


def test_a_pretrained_tower_with_other_token_ids_is_reported_by_the_check(tmp_path):
    """lavt's BERT knows 18 words, MiniLM's ids run to 30522: this must not wait until lavt's turn comes."""
    (tmp_path / "tower").mkdir()
    tower = save_bert(tmp_path / "tower")
    entry = f"{{name: lavt, options: {{text_weights: {tower}}}}}"
    text = SUITE.replace("{name: c2seg, label: other, FIRST}", entry)
    (tmp_path / "suite.yaml").write_text(text)
    with pytest.raises(WRONG_INPUT, match="lavt: text_weights '.*': 18 token ids, the prompts' encoder has 30522"):
        check_suite(load_suite(tmp_path / "suite.yaml"))
    (tmp_path / "suite.yaml").write_text(text.replace("name: lavt,", f'name: lavt, text: "hf:{tower}",'))
    check_suite(load_suite(tmp_path / "suite.yaml"))


def test_no_two_encoders_share_a_folder(tmp_path):
    names = ["minilm", "clip", "hf:a/b", "hf:a-b", "hf-a-b", "clip=/a/b", "clip=/a-b"]
    assert len({RunDir(tmp_path).text(name) for name in names}) == len(names)
    assert RunDir(tmp_path).text("minilm") == tmp_path / "text" / "minilm"
    assert {RunDir(tmp_path).text(name).parent for name in names} == {tmp_path / "text"}


@pytest.mark.slow
def test_what_the_others_lack_does_not_stop_the_one_that_is_asked_for(tmp_path):
    suite = suite_with(tmp_path, "text: clip").model_copy(update={"train": Train(epochs=1, batch=4)})
    run_suite(suite, tmp_path / "out", only="unet", console=Console(quiet=True))
    assert pd.read_csv(tmp_path / "out" / "tables" / "methods.csv")["method"].tolist() == ["unet"]


@pytest.mark.slow
def test_a_report_needs_no_weights(tmp_path):
    (tmp_path / "tower").mkdir()
    tower = save_bert(tmp_path / "tower")
    entry = f'{{name: lavt, text: "hf:{tower}", options: {{text_weights: {tower}}}}}'
    (tmp_path / "suite.yaml").write_text(SUITE.replace("{name: c2seg, label: other, FIRST}", entry))
    suite = load_suite(tmp_path / "suite.yaml").model_copy(update={"train": Train(epochs=1, batch=4)})
    run_suite(suite, tmp_path / "out", only="lavt", console=Console(quiet=True))
    before = pd.read_csv(tmp_path / "out" / "tables" / "methods.csv")
    assert before["weights"].tolist() == [f"text_weights {tower}"] and before["params_m"].item() > 0
    shutil.rmtree(tower)
    (tmp_path / "out" / "report.md").unlink()
    with pytest.raises(SystemExit) as ended:
        main(["report", str(tmp_path / "out")])
    assert ended.value.code == 0
    assert (tmp_path / "out" / "report.md").exists()
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "out" / "tables" / "methods.csv"), before)
