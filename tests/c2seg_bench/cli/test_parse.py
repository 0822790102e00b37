"""parse prints the constraints with their words, and the words that were left out."""

import json

import pytest

from c2seg_bench.cli.main import main


def run(*args):
    with pytest.raises(SystemExit) as end:
        main(["parse", *args])
    assert end.value.code == 0


def test_parse_shows_each_constraint_with_its_words_and_the_words_left_out(capsys):
    run("Two opacities, lower lft lung and upper right lung; previously bilateral. No effusion, 3 cm")
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "count      2    a number of lesions: 'Two'" in lines
    assert (
        "regions    lower-left, upper-right    rows and sides of one place: 'lower lft lung', 'upper right lung'"
        in lines
    )
    assert "read as    lft -> left" in lines
    assert "left out   'bilateral': past, by 'previously'" in lines
    assert "left out   '3 cm': measure, date or grade" in lines


def test_parse_says_that_nothing_is_stated(capsys):
    run("sin infección bilateral")
    out = capsys.readouterr().out
    assert "nothing is stated" in out and "not in English" in out


def test_json_is_one_object_per_prompt(tmp_path, capsys):
    (tmp_path / "prompts.txt").write_text("one polyp at the top\nno polyps\n")
    run("--file", str(tmp_path / "prompts.txt"), "--ontology", "colonoscopy", "--json")
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["count"], first["regions"], first["findings"][0]["name"]) == ([1, 1], ["upper-center"], "polyp")
    assert second["absent"] and second["count"] is None
