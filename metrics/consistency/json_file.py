"""JSON files that people give: frames and ontologies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from metrics.errors import InputError

LARGEST = 8 << 20  # bytes; the largest frame that ships has 90 kB


def read_json(path: Path, what: str, fix: str) -> Any:
    """The value in a JSON file.

    Args:
        path: of the file.
        what: it is, such as "frame", and how to `fix` it, for messages.

    Raises:
        InputError: the file cannot be read, is no JSON, is nested without end, or is larger than any such file.
    """
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise InputError(f"{what} {path}: more than {LARGEST:,} bytes; {fix}")
        return json.loads(content.decode("utf-8"))
    except OSError as e:
        raise InputError(f"{what} {path}: cannot be read ({e.strerror}); {fix}") from None
    except RecursionError:
        raise InputError(f"{what} {path}: lists within lists without end; {fix}") from None
    except InputError:
        raise
    except ValueError as e:
        raise InputError(f"{what} {path}: is no JSON ({' '.join(str(e).split())[:100]}); {fix}") from None
