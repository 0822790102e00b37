"""transformers' from_pretrained, asked quietly, with one line where something cannot be had."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from baselines.contract import Vocabulary


def ask_hub(load: Callable[[Any], Any], wrong: Callable[[str], Exception]) -> Any:
    """What `load(transformers)` gives.

    Args:
        load: reads a configuration, a tokenizer or a model from a folder or the hub.
        wrong: from the reason, in at most 160 characters, to what is raised instead of the library's own errors.
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
    """What the ids of a tokenizer mean: found by asking it, since no two vocabularies number the comma alike."""
    digest = hashlib.sha256(json.dumps(sorted(tokenizer.get_vocab().items())).encode()).hexdigest()
    none, plain, divided = (tokenizer(text)["input_ids"] for text in ("", "lung lung", "lung, lung"))
    new = [token for token in divided if token not in (*plain, tokenizer.unk_token_id)]
    return Vocabulary(
        digest,
        comma=new[0] if len(new) == 1 and len(divided) == len(plain) + 1 else None,
        marks=(none[0], none[1]) if len(none) == 2 else None,
    )
