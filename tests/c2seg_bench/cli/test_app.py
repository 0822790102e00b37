"""Every option of every command: given once, and listed in the help as plain text."""

import re
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from c2seg_bench.cli.app import Command, Group
from c2seg_bench.cli.main import app, main


def all_commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    group = group or typer.main.get_command(app)
    yield path, group
    for name, command in getattr(group, "commands", {}).items():
        yield from all_commands(command, (*path, name))


COMMANDS = {" ".join(path): command for path, command in all_commands() if path}
OPTIONS = [
    (path, param)
    for path, command in COMMANDS.items()
    for param in command.params
    if param.param_type_name == "option" and not param.is_flag
]


def call(capsys, *args):
    with pytest.raises(SystemExit) as exit_info:
        main([*args])
    out, err = capsys.readouterr()
    return exit_info.value.code, out, err


def test_every_command_is_of_the_kind_that_checks_its_options():
    assert len(COMMANDS) > 20
    assert [path for path, command in COMMANDS.items() if not isinstance(command, Command | Group)] == []


@pytest.mark.parametrize(
    ("path", "param"), [(p, o) for p, o in OPTIONS if not o.multiple], ids=lambda x: getattr(x, "name", x)
)
def test_an_option_of_one_value_is_refused_twice(path, param, capsys):
    name = max(param.opts, key=len)
    code, out, err = call(capsys, *path.split(), name, "1", f"{name}=2")
    assert (code, out) == (2, "")
    command = " ".join(["c2seg-bench", *path.split()])
    assert err == f"error: {name} is given 2 times; give it once. See {command} --help\n"


def test_a_wrong_call_names_the_help_of_its_command(capsys):
    assert call(capsys, "nosuch")[2].endswith("See c2seg-bench --help\n")
    assert call(capsys, "ontology", "check")[2].endswith("See c2seg-bench ontology check --help\n")


def test_short_and_long_name_are_one_option(capsys):
    code, _, err = call(capsys, "datasets", "show", "phantom", "--out", "a.png", "-n", "3", "--count", "2", "-n", "1")
    assert code == 2 and err.startswith("error: --count is given 3 times; give it once.")


def test_options_that_are_meant_to_repeat_may(capsys):
    repeated = {f"{path} {max(param.opts, key=len)}" for path, param in OPTIONS if param.multiple}
    assert {"datasets check --option", "doctor --text", "validate-metric --real"} <= repeated
    code, _, err = call(capsys, "datasets", "check", "nowhere", "--option", "a=1", "--option", "b=2")
    assert code == 2 and "unknown dataset source: 'nowhere'" in err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["datasets", "check", "phantom", "--option", "train=1", "--option", "train=2"], "--option train=2: train"),
        (["validate-metric", "--images", "qata=a", "--images", "qata=b", "--out", "p.md"], "--images qata=b: qata"),
    ],
)
def test_one_key_of_a_repeated_option_is_refused_twice(args, message, capsys):
    code, _, err = call(capsys, *args)
    assert code == 2 and err == f"error: {message} is given twice; keep one\n"


def test_a_value_after_two_dashes_is_no_option(capsys):
    code, out, _ = call(capsys, "parse", "--ontology", "chest", "--json", "--", "--ontology")
    assert code == 0 and '"text": "--ontology"' in out


@pytest.mark.parametrize("path", [p for p, c in COMMANDS.items() if isinstance(c, Command)])
def test_help_lists_every_option_once(path, capsys):
    code, out, _ = call(capsys, *path.split(), "-h")
    panels = re.split(r"^\S.*:$", out, maxsplit=1, flags=re.MULTILINE)[1]
    listed = re.findall(r"^  (?:-\w, )?(--[\w-]+)(?= |$)", panels, re.MULTILINE)
    options = [max(p.opts, key=len) for p in COMMANDS[path].params if p.param_type_name == "option"]
    assert code == 0 and sorted(listed) == sorted({*options, "--help"})


def test_help_shows_panels_and_no_markup(capsys):
    _, out, _ = call(capsys, "score", "-h")
    headings = [line for line in out.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == ["Required:", "Names:", "Masks:", "Prompts:", "Scores:", "Output:", "Other options:"]
    assert "'(patient[0-9]+)_'" in out and "\x1b" not in out  # brackets would be lost as markup


def test_a_warning_of_any_command_is_one_line_without_a_place_in_the_code(monkeypatch, capsys):
    def warn() -> None:
        for _ in range(2):
            warnings.warn("half of the prompts\nstate nothing", stacklevel=1)

    monkeypatch.setattr(COMMANDS["doctor"], "callback", lambda **_: warn())
    COMMANDS["doctor"].invoke(COMMANDS["doctor"].make_context("doctor", []))
    printed = capsys.readouterr().err
    assert printed.startswith("warning: half of the prompts") and printed.count("\n") == 1 and ".py" not in printed
