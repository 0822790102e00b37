"""Every command that the README and the pages of docs/ print is one that the command line takes."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from c2seg_bench.cli.main import app

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(?:sh|bash|console)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
STARTS = re.compile(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?(?:c2seg-bench|python -m c2seg_bench)(?= )")
PLACEHOLDER = re.compile(r"\.\.\.|…")


def commands_of(page):
    """(words, whole) of lines of shell in fences, with their continuations, and of commands between backticks.

    A command in a fence is whole. One in a sentence is named by what is said of it, and may lack what it requires.
    """
    text = page.read_text(encoding="utf-8")
    fenced = [line for block in FENCE.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    inline = INLINE.findall(re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))
    for whole, lines in ((True, fenced), (False, inline)):
        for line in lines:
            if match := STARTS.match(line.strip()):
                yield re.split(r" [>|] ", line.strip()[match.end() :])[0].strip(), whole


COMMANDS = sorted({(page.relative_to(ROOT).as_posix(), *command) for page in PAGES for command in commands_of(page)})


def parse(words):
    """Parse a call as the command line does, running nothing; a wrong one raises the error that a user sees."""
    command, context = typer.main.get_command(app), None
    while True:
        context = command.make_context("c2seg-bench", list(words), parent=context, resilient_parsing=False)
        rest = [*getattr(context, "_protected_args", []), *context.args]
        if not hasattr(command, "commands"):
            return context
        assert rest, f"{' '.join(words)}: which command?"
        name, command, words = command.resolve_command(context, rest)


def test_the_pages_print_commands():
    assert len(COMMANDS) > 40
    assert {page for page, *_ in COMMANDS} >= {
        "README.md",
        "docs/own-model.md",
        "docs/adding/method.md",
        "docs/data.md",
    }


@pytest.mark.parametrize(("page", "command", "whole"), COMMANDS, ids=lambda value: str(value)[:60])
def test_a_command_is_taken_as_it_is_printed(page, command, whole):
    words = [word for word in shlex.split(command, comments=True) if not PLACEHOLDER.search(word)]
    problem = problem_of(words)
    assert not problem or (not whole and re.search("^Missing|requires an argument", problem)), problem


def problem_of(words):
    """What is wrong with a call; "" where nothing is, or where it asks for help."""
    try:
        parse(words)
    except Exception as error:
        asks_for_help = type(error).__name__ in ("NoArgsIsHelpError", "Exit")
        return "" if asks_for_help else error.format_message() if hasattr(error, "format_message") else str(error)
    return ""
