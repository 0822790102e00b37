"""Loads from the hub or a folder through transformers: quietly, and with one line where something is missing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from baselines.contract import Vocabulary


def ask_hub(load: Callable[[Any], Any], wrong: Callable[[str], Exception]) -> Any:
    """Return `load(transformers)`.

    Args:
        load: reads a configuration, a tokenizer or a model from a folder or the hub.
        wrong: makes the error to raise from the reason (at most 160 characters), instead of the library's own errors.
    """
    import logging

    import transformers
    from safetensors import SafetensorError

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)  # its retries fill the screen; ours is one line
    try:
        return load(transformers)
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as e:
        raise wrong(" ".join(str(e).split()).split(". ")[0][:160]) from None


def vocabulary(tokenizer: Any) -> Vocabulary:
    """What the ids of a tokenizer mean, read off its output: every vocabulary numbers the comma differently."""
    digest = hashlib.sha256(json.dumps(sorted(tokenizer.get_vocab().items())).encode()).hexdigest()
    empty, plain, divided = (tokenizer(text)["input_ids"] for text in ("", "lung lung", "lung, lung"))
    new = [token for token in divided if token not in (*plain, tokenizer.unk_token_id)]
    return Vocabulary(
        digest,
        comma=new[0] if len(new) == 1 and len(divided) == len(plain) + 1 else None,
        marks=(empty[0], empty[1]) if len(empty) == 2 else None,
    )
