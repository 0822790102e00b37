"""The command that prints noisy prompts: one line for each line, a view of all families, and errors in one line."""

import io
import re

import pytest
import typer
from typer.testing import CliRunner

from c2seg_bench.cli.main import main
from c2seg_bench.cli.perturb import edits, perturb
from c2seg_bench.stress import FAMILIES

PROMPTS = [f"Unilateral pulmonary infection, one infected area, {row} left lung" for row in ("upper", "lower")]

app = typer.Typer()
app.command()(perturb)


def test_one_line_out_for_each_line_in_whatever_the_order(tmp_path):
    (tmp_path / "forward.txt").write_text("\n".join(PROMPTS) + "\n")
    (tmp_path / "backward.txt").write_text("\n".join(PROMPTS[::-1]) + "\n")
    call = ["--family", "delete", "--severity", "3", "--seed", "4"]
    forward, backward = (
        CliRunner().invoke(app, [*call, "--file", str(tmp_path / file)]).stdout.splitlines()
        for file in ("forward.txt", "backward.txt")
    )
    assert len(forward) == 2 and forward == backward[::-1]
    assert CliRunner().invoke(app, [*call, PROMPTS[0]]).stdout.splitlines() == forward[:1]


def test_list_names_every_family_first_on_its_line():
    lines = CliRunner().invoke(app, ["--list"]).stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted(FAMILIES)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (["--json", "text"], "--family: none given"),
        (["--family", "swap"], "give one prompt as TEXT, or --file"),
        (["--family", "swop", "text"], "did you mean 'swap'"),
        (["--family", "swop", "--file", "-"], "did you mean 'swap'"),
        (["--family", "swap", "--severity", "9", "--file", "-"], "--severity 9: give 1 to 5"),
        (["--family", "swap", "--file", "nowhere.txt"], "nowhere.txt: cannot be read"),
        (["--family", "swap", "--file", "prompts.csv"], "prompts.csv: a table; give a text file"),
        (["--family", "swap", "two\nlines"], "TEXT has more than one line"),
        (["--family", "swap", "-"], "TEXT is -; to read prompts from stdin, one per line, give --file -"),
        (["--family", "swap", "left \udcff lung"], "TEXT is not UTF-8"),
        (["--page", "p.md", "--file", "-"], "--file -: has no prompt"),
    ],
)
def test_a_wrong_call_ends_in_one_line(call, message, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(SystemExit) as exit_info:
        main(["perturb", *call])
    assert exit_info.value.code == 2
    stderr = capsys.readouterr().err
    assert message in stderr and stderr.count("\n") == 1


def pipe(data: bytes, *call: str) -> list[str]:
    return CliRunner().invoke(app, [*call, "--file", "-"], input=data).stdout.removesuffix("\n").split("\n")


def test_a_pipe_gives_one_line_for_each_line_whatever_is_in_it():
    call = ("--family", "case", "--severity", "1")
    lines = ["upper left\u2028lung area", "", "lower\x0bright lung", "mid\u0085dle left"]
    out = pipe("\n".join(lines).encode(), *call)
    assert len(out) == 4 and out[1] == "" and "\u2028" in out[0]
    assert pipe("\ufeffupper left lung\r\n".encode(), *call) == pipe(b"upper left lung", *call)
    assert CliRunner().invoke(app, [*call, "--file", "-"], input=b"").stdout == ""
    bad = CliRunner().invoke(app, [*call, "--file", "-"], input=b"left \xff lung")
    assert "--file -: cannot be read" in str(bad.exception)


def test_one_text_is_shown_with_what_each_family_removes_and_adds():
    text = "Bilateral pulmonary infection, two infected areas, upper left lung"
    lines = CliRunner().invoke(app, [text, "--severity", "1"]).stdout.splitlines()
    assert lines[0].strip() == text and len(lines) == 1 + len(FAMILIES)
    shown = {line.split()[1]: line[25:] for line in lines[1:]}
    assert shown["other_prompt"] == f"{text} (unchanged)"
    assert shown["empty"] == f"[-{text}-]"
    for name, line in shown.items():
        noisy = re.sub(r"\[-(.*?)-\]", "", line).replace("{+", "").replace("+}", "").removesuffix(" (unchanged)")
        printed = CliRunner().invoke(app, [text, "--family", name]).stdout
        assert noisy == printed.removesuffix("\n"), name
        clean = re.sub(r"\{\+(.*?)\+\}", "", line).replace("[-", "").replace("-]", "").removesuffix(" (unchanged)")
        assert clean == text, name


def test_long_texts_are_compared_word_by_word():
    words = [f"word{i}" for i in range(3000)]
    parts = edits(" ".join(words), " ".join([*words[:1500], "more", *words[1501:]]))
    assert [part for part in parts if part[0] != "kept"] == [("removed", "word1500"), ("added", "more")]
