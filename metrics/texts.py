"""A check of texts that come from outside."""

from __future__ import annotations

import re
from typing import Any

from metrics.arrays import shown
from metrics.errors import InputError

SURROGATE = re.compile("[\ud800-\udfff]")  # halves of characters, which JSON can state alone


def check_prompt(text: Any, description: str = "prompt") -> str:
    """The text as given.

    Args:
        text: a prompt from outside.
        description: of the prompt, for messages, such as "image a: prompt".

    Raises:
        InputError: not a string, or one with half a character (a lone surrogate), which UTF-8 does not have.
    """
    if not isinstance(text, str):
        raise InputError(f"{description} {shown(text)} is not a string; give an empty one if there is no prompt")
    if half := SURROGATE.search(text):
        raise InputError(f"{description} {shown(text)}: half a character at position {half.start()}; write it again")
    return text
