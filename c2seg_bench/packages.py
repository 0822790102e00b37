"""The three packages that are installed beside this one, and what is said where a user's file hides one of them."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

BESIDE = ("baselines", "metrics", "reports")
OWN = ("c2seg_bench", *BESIDE)


def check_packages() -> None:
    """ImportError, or one line and exit code 2 where this is the command, if another module has a package's name.

    A file `metrics.py` in the working directory or on PYTHONPATH is found before the package, and the imports from it
    would fail with messages that do not name the file.
    """
    for name in BESIDE:
        spec = find_spec(name)
        own = Path(__file__).parents[1] / name
        origin = Path(spec.origin) if spec and spec.origin else None
        if origin is not None and origin.parent.resolve() == own.resolve():
            continue
        where = origin or (f"a folder {name}" if spec else "nothing")
        message = (
            f"c2seg_bench needs its own package {name!r} ({own}), but Python finds {where} under that name; rename "
            "that file, or work in another folder"
        )
        if Path(sys.argv[0] if sys.argv else "").name in ("-m", "c2seg-bench"):
            print(f"error: {message}", file=sys.stderr)
            raise SystemExit(2)
        raise ImportError(message)
