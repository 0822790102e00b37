"""JSON files that users give: frames and ontologies."""

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
        what: kind of file for messages, such as "frame".
        fix: advice for messages.

    Raises:
        InputError: the file cannot be read, is not JSON, is nested too deeply, or is larger than `LARGEST`.
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
        raise InputError(f"{what} {path}: nested too deeply; {fix}") from None
    except InputError:
        raise
    except ValueError as e:
        raise InputError(f"{what} {path}: is not JSON ({' '.join(str(e).split())[:100]}); {fix}") from None
