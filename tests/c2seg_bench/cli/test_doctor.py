"""doctor: which encoders are here, without loading one or asking a network."""

import json

import pytest

from c2seg_bench.cli.main import main
from c2seg_bench.text.encoder_catalogue import ENCODERS
from tests.c2seg_bench.text.small_encoders import save_bert


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")  # doctor --text sets it: put back afterwards
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def call(capsys, *args):
    with pytest.raises(SystemExit) as e:
        main(["doctor", *args])
    out, err = capsys.readouterr()
    return e.value.code, out, err


def test_lists_every_encoder_with_what_to_do(capsys, monkeypatch):
    monkeypatch.setattr("transformers.AutoModel.from_pretrained", None)  # looking takes no loading
    code, out, _ = call(capsys, "--json")
    encoders = json.loads(out)["encoders"]
    assert code == 0 and list(encoders) == list(ENCODERS)
    assert encoders.pop("minilm").startswith("ready: ")
    for name, words in encoders.items():
        assert words.startswith("not installed: ")
        assert f"hf download {ENCODERS[name].hub} --local-dir FOLDER" in words and f"text: {name}=FOLDER" in words


def test_a_folder_is_tried_out(capsys, tmp_path):
    name = f"biobert={save_bert(tmp_path)}"
    code, out, _ = call(capsys, "--json", "--text", name)
    assert code == 0
    assert json.loads(out)["encoders"][name].startswith("loads: tokens 16 wide, at most 24 of a prompt, 18 token ids")


def test_a_folder_that_does_not_load_is_one_line_and_exit_code_2(capsys, tmp_path):
    code, _, err = call(capsys, "--text", f"clip={tmp_path / 'nothing'}")
    assert (code, err.count("\n")) == (2, 1) and "no such folder" in err
