"""Commands that read prompts and train nothing start without torch, and read the same."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROMPTS = Path(__file__).parents[2] / "data/prompts.tsv"
LOADED = "import sys\nfrom c2seg_bench.cli.main import main\ntry:\n main(sys.argv[1:])\nexcept SystemExit as e:\n  assert e.code == 0\nprint('torch' in sys.modules, 'spacy' in sys.modules, file=sys.stderr)"


def run(script, *args):
    return subprocess.run([sys.executable, "-c", script, *args], capture_output=True, text=True, check=True)


@pytest.mark.parametrize(
    "args", [("parse", "two opacities, lower left lung"), ("perturb", "--family", "reorder", "one lesion, two nodules")]
)
def test_torch_is_not_imported(args):
    assert run(LOADED, *args).stderr == "False True\n"


@pytest.mark.slow
def test_readings_are_those_of_spacy_with_torch(tmp_path):
    texts = [line.split("\t")[-1] for line in PROMPTS.read_text(encoding="utf-8").splitlines()[1:] if line.strip()]
    (tmp_path / "prompts.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
    without = run(LOADED, "parse", "--json", "--file", str(tmp_path / "prompts.txt"))
    with_torch = run(f"import torch\n{LOADED}", "parse", "--json", "--file", str(tmp_path / "prompts.txt"))
    assert (without.stderr, with_torch.stderr) == ("False True\n", "True True\n")
    assert without.stdout == with_torch.stdout
    assert [json.loads(line)["text"] for line in without.stdout.splitlines()] == texts
