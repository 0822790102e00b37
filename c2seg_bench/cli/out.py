"""Checks of a command's output path, before any work is done."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from c2seg_bench.errors import InputError

KINDS = {
    ".csv": "a CSV",
    ".json": "a JSON file",
    ".md": "a Markdown page",
    ".png": "a PNG",
    ".zip": "a zip",
    ".yaml": "a YAML file",
}


def check_out(option: str, path: Path, suffix: str, inputs: Iterable[Path | None] = ()) -> None:
    """InputError if `path` cannot be written, has another suffix, is an input, or is directly in an input folder.

    Args:
        inputs: files and folders that the command reads; None for options that are not given. Subfolders are not read,
            so that output may be written to them.
    """
    argument = f"{option} {path}"
    try:
        if path.is_dir():
            raise InputError(f"{argument}: is a folder; give the name of a {suffix} file")
        if path.exists() and not path.is_file():
            raise InputError(f"{argument}: is not a regular file; give the name of a {suffix} file")
        if path.suffix.lower() != suffix:
            raise InputError(f"{argument}: {KINDS[suffix]} is written; give a name that ends in {suffix}")
        for given in inputs:
            if given is None or not given.exists():
                continue
            if path.exists() and path.samefile(given):
                raise InputError(f"{argument}: is also read, and would be overwritten; give another name")
            if given.is_dir() and path.resolve().parent == given.resolve():
                raise InputError(f"{argument}: is in a folder whose files are read; give another folder")
        folder = next(p for p in path.absolute().parents if p.exists())
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            why = "is a file" if not folder.is_dir() else "is not writable"
            raise InputError(f"{argument}: cannot be written ({folder} {why}); give another place")
    except OSError as e:
        raise InputError(f"{argument}: cannot be written ({e.strerror}); give another place") from None
