"""spaCy without torch, for commands that read prompts and train nothing."""

from __future__ import annotations

import sys


def import_spacy_without_torch() -> None:
    """Import spaCy's base library thinc as if torch were not installed: torch would be half of the start of `parse`.

    The tokenizer and the matchers that read prompts use no network, so readings are the same. For commands alone: in
    somebody's own program this would take torch away from spaCy's networks.
    """
    if "torch" in sys.modules or "thinc" in sys.modules:
        return
    sys.modules["torch"] = None  # type: ignore[assignment]  # makes `import torch` an ImportError
    try:
        import thinc.compat  # noqa: F401
    finally:
        del sys.modules["torch"]
