"""spaCy without torch, for commands that read prompts and train nothing."""

from __future__ import annotations

import sys


def import_spacy_without_torch() -> None:
    """Import spaCy's base library thinc as if torch were not installed: torch would take half of the start of `parse`.

    Reading prompts takes only spaCy's tokenizer and matcher, which do not use torch. Only commands may call this: in
    a user's program it would take torch away from spaCy's networks.
    """
    if "torch" in sys.modules or "thinc" in sys.modules:
        return
    sys.modules["torch"] = None  # type: ignore[assignment]  # makes `import torch` an ImportError
    try:
        import thinc.compat  # noqa: F401
    finally:
        del sys.modules["torch"]
