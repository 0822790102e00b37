"""The card of a method: where it comes from, and how this implementation differs."""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")


def augmentation_note(verbs: str) -> str:
    """A card's sentence about an official training that moves pixels; `verbs` says how, such as "flips and rotates"."""
    return (
        f"The official training {verbs} the images. Here the suite sets the augmentation, the same for all methods; "
        "one that moves pixels must also rewrite sides and places in the prompt."
    )


@dataclass(frozen=True)
class Card:
    """Where a method comes from and how this implementation differs.

    Args:
        name: in suites and on the command line: short, lower case, without spaces.
        title: in tables.
        year, venue, link: of the paper.
        uses_text: whether the prompt changes the mask.
        published: name of the method's row in the published tables, or None.
        published_params: millions of parameters in that row, or None.
        deviations: differences from the paper or its code, with reasons, a sentence or a few each.
        pretrains: whether the method has a `pretrain_loss`.

    Raises:
        ValueError: the name cannot be a folder's.
    """

    name: str
    title: str
    year: int
    venue: str
    link: str
    uses_text: bool
    published: str | None
    published_params: float | None
    deviations: tuple[str, ...]
    pretrains: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(
                f"card: name {self.name!r}: becomes the name of a folder; use letters, digits and . _ + -, beginning "
                "with a letter or digit"
            )
