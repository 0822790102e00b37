"""init writes a suite that runs unchanged, and overwrites nothing."""

import pytest

from c2seg_bench.cli.main import main
from c2seg_bench.suite import load_suite
from tests.c2seg_bench.own_method import copied_to


def call(capsys, *args):
    with pytest.raises(SystemExit) as end:
        main([str(a) for a in args])
    out, err = capsys.readouterr()
    return end.value.code, out, err


@pytest.fixture
def own(tmp_path):
    """A file with a method."""
    with copied_to(tmp_path / "methods") as folder:
        yield folder / "own_unet.py"


def test_without_options_two_methods_on_drawn_pictures(tmp_path, capsys):
    code, out, _ = call(capsys, "init", "--out", tmp_path / "first.yaml")
    assert code == 0 and out.splitlines() == [
        f"{tmp_path}/first.yaml",
        f"run it: c2seg-bench run {tmp_path}/first.yaml",
    ]
    suite = load_suite(tmp_path / "first.yaml")
    assert (suite.name, [m.label for m in suite.methods], list(suite.datasets)) == (
        "first",
        ["unet", "c2seg"],
        ["phantom"],
    )
    assert (tmp_path / "first.yaml").read_text().count("#") > 12  # the comments


def test_an_own_method_is_named_relative_to_the_suite(tmp_path, own, capsys):
    (tmp_path / "suites").mkdir()
    out = tmp_path / "suites/mine.yaml"
    assert call(capsys, "init", "--out", out, "--method", own, "--method", "lvit")[0] == 0
    assert '- {module: "../methods/own_unet.py", name: own-unet}' in out.read_text()
    suite = load_suite(out)
    assert [m.label for m in suite.methods] == ["own-unet", "lvit"] and suite.trained[0].module == str(own)


def test_a_dataset_is_named_with_its_folder_and_how_it_is_read(tmp_path, capsys):
    folder = tmp_path / 'my "data": #1'
    folder.mkdir()
    assert (
        call(capsys, "init", "--out", tmp_path / "s.yaml", "--dataset", f"kvasir={folder}", "--method", "unet")[0] == 0
    )
    dataset = load_suite(tmp_path / "s.yaml").datasets["kvasir"]
    assert (dataset.root, dataset.size, dataset.ontology, dataset.frame) == (str(folder), 224, "colonoscopy", "kvasir")


@pytest.mark.parametrize(("folder", "name"), [("skin-2024", "skin-2024"), ("my data", "folder")])
def test_an_own_dataset_is_called_as_its_folder_is_if_that_can_be_a_name(tmp_path, capsys, folder, name):
    (tmp_path / folder).mkdir()
    assert call(capsys, "init", "--out", tmp_path / "s.yaml", "--dataset", f"folder={tmp_path / folder}")[0] == 0
    dataset = load_suite(tmp_path / "s.yaml").datasets[name]
    assert (dataset.source, dataset.root) == ("folder", str(tmp_path / folder))


def test_a_new_suite_has_noisy_and_edited_prompts(tmp_path, capsys):
    call(capsys, "init", "--out", tmp_path / "s.yaml")
    suite = load_suite(tmp_path / "s.yaml")
    assert "keyboard" in suite.stress.families and set(suite.referring.kinds) >= {"part", "nowhere", "mirrored"}


def test_a_file_that_exists_is_left_as_it_is(tmp_path, capsys):
    (tmp_path / "s.yaml").write_text("mine")
    code, _, err = call(capsys, "init", "--out", tmp_path / "s.yaml")
    assert code == 2 and "exists, and is never overwritten" in err and (tmp_path / "s.yaml").read_text() == "mine"


WRONG = {
    "method": (["--method", "unett"], "unknown method: 'unett'; did you mean 'unet'?"),
    "method's file": (["--method", "no.py"], "no.py: no such Python file"),
    "method twice": (["--method", "unet", "--method", "unet"], "--method unet: given twice; keep one"),
    "dataset": (["--dataset", "kvasirr"], "unknown dataset source: 'kvasirr'; did you mean 'kvasir'?"),
    "no folder": (["--dataset", "qata"], "--dataset qata: give its folder, qata=FOLDER"),
    "folder alone": (["--dataset", "."], "--dataset .: a folder; give its source as well, for your own data: folder=."),
    "missing folder": (["--dataset", "qata=nowhere"], "--dataset qata=nowhere: no such folder"),
    "needless folder": (["--dataset", "phantom=."], "--dataset phantom=.: phantom is generated and reads no folder"),
    "kind of file": (["--out", "s.json"], "--out s.json: a YAML file is written"),
    "name": (["--out", "my suite.yaml"], "--out my suite.yaml: 'my suite' names the suite; take letters"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_call_is_one_line_and_writes_nothing(case, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    args, message = WRONG[case]
    code, out, err = call(capsys, "init", *args)
    assert code == 2 and out == "" and err.startswith("error: ") and message in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_it_writes_runs_quietly(tmp_path, own, capsys):
    out = tmp_path / "small.yaml"
    call(capsys, "init", "--out", out, "--method", own)
    text = out.read_text().replace("{train: 200, val: 40, test: 60}", "{train: 8, val: 2, test: 4}")
    out.write_text(text.replace("epochs: 8", "epochs: 1").replace("size: 64", "size: 32"))
    assert call(capsys, "run", out, "--out", tmp_path / "run", "--quiet") == (0, "", "")
    assert "Own U-Net" in (tmp_path / "run/report.md").read_text()
