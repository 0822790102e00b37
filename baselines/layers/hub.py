"""Loads from the hub or a folder through transformers, without its logging and with errors of one line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from baselines.contract import Vocabulary


def load_with_transformers(load: Callable[[Any], Any], error: Callable[[str], Exception]) -> Any:
    """The result of `load(transformers)`.

    Args:
        load: reads a configuration, a tokenizer or a model from a folder or the hub.
        error: makes the exception that is raised instead of the library's own, from a reason of at most 160 characters.
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
        raise error(" ".join(str(e).split()).split(". ")[0][:160]) from None


def vocabulary(tokenizer: Any) -> Vocabulary:
    """The meaning of a tokenizer's ids, from its output, because every vocabulary numbers the comma differently."""
    digest = hashlib.sha256(json.dumps(sorted(tokenizer.get_vocab().items())).encode()).hexdigest()
    empty, plain, with_comma = (tokenizer(text)["input_ids"] for text in ("", "lung lung", "lung, lung"))
    new = [token for token in with_comma if token not in (*plain, tokenizer.unk_token_id)]
    return Vocabulary(
        digest,
        comma=new[0] if len(new) == 1 and len(with_comma) == len(plain) + 1 else None,
        marks=(empty[0], empty[1]) if len(empty) == 2 else None,
    )
