"""Prompts from an argument or a file with one per line, and warnings as single lines."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from c2seg_bench.errors import InputError
from c2seg_bench.files.bounds import PROMPT_FILE_BYTES, PROMPT_LENGTH, too_large
from c2seg_bench.terminal.visible import one_line

TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".json", ".jsonl")


def prompts_from(text: str | None, file: Path | None, command: str) -> list[str]:
    """The prompts, without line ends. InputError if neither or both are given, or the file cannot be read."""
    if (text is None) == (file is None):
        raise InputError(f"{command}: give one prompt as TEXT, or --file with a prompt per line, not both")
    if file is None:
        return [_one(str(text), command)]
    if file.suffix.lower() in TABLES:
        raise InputError(f"--file {file}: a table; give a text file with one prompt per line")
    try:
        with nullcontext(sys.stdin.buffer) if str(file) == "-" else open(file, "rb") as source:
            content = source.read(PROMPT_FILE_BYTES + 1)
        read = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise InputError(f"--file {file}: cannot be read ({e}); give a UTF-8 text file") from None
    if len(content) > PROMPT_FILE_BYTES:
        raise InputError(f"--file {file}: more than {PROMPT_FILE_BYTES:,} bytes; split it into several files")
    # not splitlines, which also splits at U+2028 and the like: one line in is one line out
    lines = read.replace("\r\n", "\n").removesuffix("\n")
    prompts = lines.split("\n") if read else []
    for number, prompt in enumerate(prompts, start=1):
        _check_length(prompt, f"--file {file}: line {number}")
    return prompts


def _check_length(prompt: str, where: str) -> None:
    if len(prompt) > PROMPT_LENGTH:
        raise too_large(where, len(prompt), PROMPT_LENGTH, "characters in a prompt", "shorten it")


def _one(text: str, command: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:  # bytes from the shell that are not UTF-8
        raise InputError(f"{command}: TEXT is not UTF-8; give it in a UTF-8 file (--file)") from None
    if text == "-":
        raise InputError(f"{command}: TEXT is -; to read prompts from stdin, one per line, give --file -")
    if "\n" in text:
        raise InputError(f"{command}: TEXT has more than one line; give one prompt, or a file of them (--file)")
    _check_length(text, f"{command}: TEXT")
    return text


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Show warnings as one line on stderr, once for each place in the code that warns."""
    seen = set()

    def show(message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None) -> None:
        if (filename, lineno) not in seen:
            seen.add((filename, lineno))
            print("warning: " + one_line(str(message)), file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield
