"""Reading a suite, from a file that a person wrote or that a run stored. An error is one line with the file and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from c2seg_bench.errors import InputError
from c2seg_bench.files import read_object
from c2seg_bench.files.bounds import SUITE_BYTES
from c2seg_bench.suite.hints import hint
from c2seg_bench.suite.schema import Suite
from c2seg_bench.suite.shipped import find_suite
from c2seg_bench.suite.strict_yaml import DuplicateKey, load_yaml


def load_suite(path: str | Path) -> Suite:
    """Read and check a suite.

    Args:
        path: of a suite file, or the name of a suite that ships.

    Raises:
        InputError: it does not exist, or is wrong; the message names the file and the line or key.
    """
    path = find_suite(path)
    try:
        with open(path, "rb") as file:
            content = file.read(SUITE_BYTES + 1)  # /dev/zero has no end
        if len(content) > SUITE_BYTES:
            raise InputError(f"{path}: more than {SUITE_BYTES:,} bytes; give a suite file in YAML")
        data = load_yaml(content.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as e:
        raise InputError(f"{path}: cannot be read ({e}); give a suite file in YAML") from None
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = " ".join(str(getattr(e, "problem", e)).split())
        fix = f"{problem}; keep one" if isinstance(e, DuplicateKey) else f"not YAML ({problem}); fix the line"
        raise InputError(f"{path}: {where}{fix}") from None
    if not isinstance(data, dict):
        raise InputError(f"{path}: a suite is a mapping with name, datasets and methods; see suites/quick.yaml")
    try:
        return Suite.model_validate(data, context={"folder": path.parent})
    except ValidationError as e:
        raise InputError(f"{path}: {_first_problem(e, data)}") from None
    except TypeError as e:
        raise InputError(f"{path}: keys must be text ({e})") from None


def stored_suite(path: Path) -> Suite | None:
    """The suite that a run stored as JSON; None if there is no such file.

    The files of own methods may have moved since, so they are imported only where the recipe is their official one.

    Raises:
        InputError: the file is damaged, or does not describe a suite of this version.
    """
    stored = read_object(path)
    if stored is None:
        return None
    try:
        return Suite.model_validate(stored, context={"stored": True})
    except ValidationError as e:
        raise InputError(f"{path}: {_first_problem(e, stored)}; run the suite again, which writes the file") from None


def _first_problem(error: ValidationError, suite: dict[str, Any]) -> str:
    """The first problem as one line: the key, what is wrong, and what to do."""
    first = error.errors()[0]
    location = [key for key in first["loc"] if key != "[key]"]
    if location[:1] == ["methods"] and len(location) > 2:
        del location[2]  # which of the two kinds of entries it is, which the file does not say
    where = ".".join(map(str, location)) or "the file"
    if first["type"] == "extra_forbidden":
        return f"{where}: unknown key; {hint(tuple(location), suite)}"
    if first["type"] == "string_pattern_mismatch":
        given = str(first["input"])[:40]
        return f"{where}: {given!r}: give up to 100 letters, digits and . _ + -, a letter or digit first"
    message = " ".join(first["msg"].removeprefix("Value error, ").split())
    return f"{where}: {message}"
