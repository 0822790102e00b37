"""Control characters of names, prompts and messages reach the terminal as symbols, and lines stay lines."""

import io

import pytest
from rich.table import Table

from c2seg_bench.cli.main import main
from c2seg_bench.errors import InputError
from c2seg_bench.files import user_path
from c2seg_bench.terminal.console import PlainConsole
from c2seg_bench.terminal.visible import MESSAGE_LENGTH, one_line, print_visible, visible


def test_a_control_character_is_a_symbol_and_the_length_stays():
    assert visible("a\x1b[31m\x07\n\x7f\x9b") == "a␛[31m␇␊␡\ufffd"
    assert visible("\u202eleft\ud800") == "\ufffdleft\ufffd"
    assert visible("größer 左 é") == "größer 左 é"


@pytest.mark.parametrize(
    ("encoding", "printed"),
    [("ascii", r"Gr\xf6\xdfe \u2020 \u241b"), ("latin-1", "Größe \\u2020 \\u241b"), ("utf-8", "Größe † ␛")],
)
def test_what_the_output_cannot_encode_is_escaped(monkeypatch, encoding, printed):
    output = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", output)
    print_visible("Größe † \x1b")
    output.flush()
    assert output.buffer.getvalue().decode(encoding) == f"{printed}\n"


def test_a_message_is_one_line_of_bounded_length():
    assert one_line("a\n  b\tc\x1b") == "a b c␛"
    assert len(one_line("x" * 10**6)) == MESSAGE_LENGTH and one_line("x" * 10**6).endswith(" ...")


def test_a_console_of_a_run_prints_names_without_effect():
    file = io.StringIO()
    PlainConsole(file=file, width=80).print("image \x1b[2J[red]\nnext", markup=False, highlight=False)
    assert file.getvalue() == "image ␛[2J[red]\nnext\n"


def test_names_in_a_table_and_in_printed_lines_have_no_effect(capsys):
    file, table = io.StringIO(), Table("method")
    table.add_row("mine\x1b[2J")
    PlainConsole(file=file, width=80).print(table)
    assert "mine␛[2J" in file.getvalue() and "\x1b" not in file.getvalue()
    print_visible("PROBLEM  a\x1b]0;title\x07.png")
    assert capsys.readouterr().out == "PROBLEM  a␛]0;title␇.png\n"


@pytest.mark.parametrize("args", [["score", "--predictions", "\x1b[31m", "--targets", "none", "--out", "o.csv"],
                                  ["parse", "--file", "a\nb\x1b]0;title\x07"]])  # fmt: skip
def test_an_error_names_what_was_given_without_its_control_characters(args, capsys):
    with pytest.raises(SystemExit) as ending:
        main(args)
    (line,) = capsys.readouterr().err.splitlines()
    assert ending.value.code == 2 and "␛" in line and "\x1b" not in line


def test_a_prompt_is_shown_with_symbols(capsys):
    with pytest.raises(SystemExit):
        main(["parse", "two areas\x1b[2J in the left lung"])
    with pytest.raises(SystemExit):
        main(["perturb", "two areas\x1b[2J in the left lung"])
    assert "two areas␛[2J in the left lung" in (shown := capsys.readouterr().out) and "\x1b" not in shown


@pytest.mark.parametrize(
    ("given", "message"),
    [("~nobody-of-this-name/x", "--root: ~nobody-of-this-name/x: no such user; write the path out"),
     ("x" * 5000, f"--root: {'x' * 60!r}: is no path; correct it"), ("a\0b", "is no path; correct it")],
)  # fmt: skip
def test_a_path_that_cannot_be_is_named(given, message):
    with pytest.raises(InputError) as error:
        user_path(given, "--root")
    assert message in str(error.value)


def test_prompts_beyond_the_bound_are_refused_before_they_take_minutes(tmp_path, capsys):
    (tmp_path / "p.txt").write_text("short\n" + "x" * 400_000)
    for args in (["parse", "x " * 200_000], ["perturb", "--family", "swap", "--file", str(tmp_path / "p.txt")]):
        with pytest.raises(SystemExit) as ending:
            main(args)
        (line,) = capsys.readouterr().err.splitlines()
        assert ending.value.code == 2
        assert "400,000 characters in a prompt, more than 10,000; shorten it" in line
