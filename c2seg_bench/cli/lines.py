"""Prompts of a command: one as an argument, or a file with one per line."""

from __future__ import annotations

import sys
from pathlib import Path

from c2seg_bench.errors import InputError


def prompts_from(text: str | None, file: Path | None, command: str) -> list[str]:
    """The prompts, without their line ends; InputError where there are none, both, or the file cannot be read."""
    if (text is None) == (file is None):
        raise InputError(f"{command}: give one prompt as TEXT, or --file with a prompt per line, not both")
    if file is None:
        return [str(text)]
    try:
        read = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise InputError(f"--file {file}: cannot be read ({e}); give a UTF-8 text file") from None
    return read.splitlines()
