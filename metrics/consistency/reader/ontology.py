"""What the words of a kind of prompt mean: an ontology is a JSON file in `ontologies/`, read once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from metrics.errors import InputError

FOLDER = Path(__file__).parent / "ontologies"
SHARED = "english"


@dataclass(frozen=True)
class Ontology:
    """The grid of a kind of picture and the words for it.

    Args:
        name, title: what it is called.
        rows, columns: of the grid, in the order of the picture: from the top, from the picture's left.
        laterality: whether sides are a notion of their own ("bilateral"); False: columns are only part of a place.
        words: word or phrase, lower case -> role such as "row:upper" or "finding"; `english.json` has the shared ones.
        typos: the words that a misspelling may be corrected to.
        joined: words that are found when written without the space between them.
        opposites: groups of words that exclude each other; a misspelling as near to two of them is left unread.
        plain: common words that are never corrected.
    """

    name: str
    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    laterality: bool
    words: dict[str, str]
    typos: tuple[str, ...]
    joined: frozenset[str]
    opposites: tuple[frozenset[str], ...]
    plain: frozenset[str]

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def cells(self) -> tuple[str, ...]:
        """The grid's cells, such as "upper-left", column by column from the picture's left, each from the top."""
        return tuple(f"{row}-{column}" for column in self.columns for row in self.rows)


def ontologies() -> list[str]:
    """Names of the ontologies that ship."""
    return sorted(p.stem for p in FOLDER.glob("*.json") if p.stem != SHARED)


@cache
def load_ontology(name: str) -> Ontology:
    """The ontology of this name.

    Raises:
        InputError: there is none.
    """
    if name not in ontologies():
        raise InputError(f"ontology {name!r} is unknown; there are {', '.join(ontologies())}")
    shared = json.loads((FOLDER / f"{SHARED}.json").read_text(encoding="utf-8"))
    own = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    words = {word: role for part in (shared, own) for role, group in part["words"].items() for word in group}
    return Ontology(
        name=own["name"],
        title=own["title"],
        rows=tuple(own["rows"]),
        columns=tuple(own["columns"]),
        laterality=own["laterality"],
        words=words,
        typos=tuple(own["typos"]),
        joined=frozenset(own["run-together"]),
        opposites=tuple(frozenset(group) for group in own["opposites"]),
        plain=frozenset(shared["plain"]),
    )
