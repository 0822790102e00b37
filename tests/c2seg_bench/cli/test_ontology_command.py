"""ontology check: what a file of words reads in prompts and what not; ontologies by path in datasets check and suites."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from c2seg_bench.cli.main import main

BREAST = {
    "name": "breast",
    "title": "Breast",
    "rows": ["upper", "lower"],
    "columns": ["left", "right"],
    "laterality": False,
    "words": {"row:upper": ["upper"], "row:lower": ["lower"], "side:left": ["left"], "side:right": ["right"], "finding": ["mass", "masses"]},
    "typos": ["upper", "lower", "mass"],
    "run-together": ["upper", "lower"],
    "opposites": [["upper", "lower"]],
}  # fmt: skip
PROMPTS = [
    "one mass, upper left",
    "two masses, lowwer right",
    "spiculated mass, upper right",
    "spiculated shadow",
    "one mass, upper left",
]


def call(capsys, *args):
    with pytest.raises(SystemExit) as end:
        main([str(a) for a in args])
    out, err = capsys.readouterr()
    return end.value.code, out, err


@pytest.fixture
def words(tmp_path):
    (tmp_path / "breast.json").write_text(json.dumps(BREAST))
    lines = [f'{i}.png,"{prompt}"' for i, prompt in enumerate(PROMPTS)]
    (tmp_path / "p.csv").write_text("image,prompt\n" + "\n".join(lines) + "\n")
    return tmp_path


def test_shares_unknown_words_and_silent_prompts(words, capsys):
    code, out, _ = call(capsys, "ontology", "check", words / "breast.json", "--prompts", words / "p.csv", "--json")
    read = json.loads(out)
    assert code == 0 and (read["rows"], read["columns"]) == (["upper", "lower"], ["left", "right"])
    shares = read["shares"]
    assert (shares["n"], shares["count"], shares["position"], shares["abstained"]) == (5, 0.6, 0.8, 0.2)
    assert read["unknown_words"] == {"spiculated": 2, "shadow": 1}
    assert read["corrections"] == {"lowwer -> lower": 1}
    assert read["silent"] == ["spiculated shadow"]


def test_sides_are_listed_only_where_they_are_an_axis(words, capsys):
    (words / "sides.json").write_text(json.dumps(BREAST | {"laterality": True}))
    for file, has_sides in (("breast.json", False), ("sides.json", True)):
        out = call(capsys, "ontology", "check", words / file, "--prompts", words / "p.csv")[1]
        assert ("  laterality " in out) == has_sides and "  position " in out


def test_the_same_for_a_person_and_from_lines_of_text(words, capsys):
    (words / "p.txt").write_text("\n".join(PROMPTS))
    code, out, _ = call(capsys, "ontology", "check", words / "breast.json", "--prompts", words / "p.txt")
    lines = out.splitlines()
    assert code == 0 and lines[0].endswith("rows upper, lower; columns left, right; no axis of sides; nothing wrong")
    assert "  position    80.0% state it" in lines and "words without a meaning: spiculated (2), shadow (1)" in lines
    assert "state nothing: 'spiculated shadow'" in lines


def test_those_that_ship_are_listed_and_sound(capsys):
    code, out, _ = call(capsys, "ontology", "list")
    assert code == 0 and [line.split()[0] for line in out.splitlines()] == ["chest", "colonoscopy"]
    assert call(capsys, "ontology", "check", "chest")[1].endswith("with an axis of sides; nothing wrong\n")


WRONG = {
    "broken JSON": ("{", "is not JSON"),
    "unknown role": (json.dumps({**BREAST, "words": {"lesion": ["x"]}}), "words: role 'lesion': is unknown; there are ago,"),
    "row that is none": (json.dumps({**BREAST, "words": {"row:middle": ["x"]}}), "role 'row:middle': give one of upper, lower"),
    "no columns": (json.dumps({**BREAST, "columns": []}), "columns []: give a list of different words"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("command", ["ontology", "parse", "datasets", "run", "score", "calibrate"])
def test_a_wrong_file_is_the_same_line_in_every_command(case, command, words, capsys):
    text, message = WRONG[case]
    bad = words / "bad.json"
    bad.write_text(text)
    suite = words / "suite.yaml"
    suite.write_text(f"name: x\ndatasets: {{p: {{source: phantom, size: 32, ontology: {bad}}}}}\nmethods: [unet]\n")
    for folder in ("preds", "targets"):
        (words / folder).mkdir()
        for i in range(len(PROMPTS)):
            Image.fromarray(np.eye(20, dtype=np.uint8) * 255).save(words / folder / f"{i}.png")
    table, targets = words / "p.csv", words / "targets"
    calls = {
        "ontology": ("ontology", "check", bad),
        "parse": ("parse", "--ontology", bad, "one mass"),
        "datasets": ("datasets", "check", "phantom", "--ontology", bad),
        "run": ("run", suite, "--out", words / "out"),
        "score": ("score", "--predictions", words / "preds", "--targets", targets, "--prompts", table, "--ontology", bad, "--out", words / "s.csv"),
        "calibrate": ("calibrate", "--masks", targets, "--prompts", table, "--ontology", bad, "--out", words / "f.json"),
    }  # fmt: skip
    code, out, err = call(capsys, *calls[command])
    place = "datasets.p: " if command == "run" else ""
    assert code == 2 and out == "" and err.startswith(f"error: {place}ontology {bad}: ") and message in err
    assert len(err.splitlines()) == 1


@pytest.fixture
def own_dataset(words):
    for folder in ("images", "masks"):
        (words / folder).mkdir()
    for split in ("train", "val", "test"):
        (words / f"{split}.csv").write_text(f'image,text\n{split}.png,"one mass, upper left"\n')
        mask = np.zeros((40, 40), np.uint8)
        mask[5:12, 5:12] = 255
        Image.fromarray(mask).save(words / f"masks/{split}.png")
        Image.fromarray(mask // 2 + len(split) * 7).save(words / f"images/{split}.png")
    return words


def test_datasets_check_reads_csv_by_the_ontology_in_use(own_dataset, capsys):
    check = ("datasets", "check", "folder", "--root", own_dataset)
    _, out, _ = call(capsys, *check, "--ontology", "colonoscopy")
    assert "read by  ontology colonoscopy, frame thirds" in out
    code, out, _ = call(capsys, *check, "--ontology", own_dataset / "breast.json", "--json")
    report = json.loads(out)
    assert (code, report["ontology"], report["counts"]) == (
        0,
        str(own_dataset / "breast.json"),
        {"train": 1, "val": 1, "test": 1},
    )
    assert not [note for note in report["notes"] if "state nothing" in note]


def test_a_frame_of_another_grid_is_refused(own_dataset, capsys):
    ontology = own_dataset / "breast.json"
    code, _, err = call(
        capsys, "datasets", "check", "folder", "--root", own_dataset, "--ontology", ontology, "--frame", "qata"
    )
    assert code == 2 and "frame qata: 3 rows by 2 columns, but ontology" in err


@pytest.mark.parametrize("command", ["check", "show", "prepare"])
def test_an_unknown_option_is_one_line_with_the_near_ones(own_dataset, command, capsys):
    out = {"check": (), "show": ("--out", own_dataset / "s.png"), "prepare": ("--out", own_dataset / "prepared")}[
        command
    ]
    code, _, err = call(capsys, "datasets", command, "folder", "--root", own_dataset, "--option", "image=scans", *out)
    assert code == 2 and err.startswith(
        "error: folder: options: unknown option: 'image'; did you mean 'images'? there are: "
    )
    assert len(err.splitlines()) == 1 and not Path(own_dataset / "prepared").exists()
