"""The ontology of a kind of prompt, which gives words their roles: a JSON file, checked when it is read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from metrics.consistency.json_file import read_json
from metrics.errors import InputError

FOLDER = Path(__file__).parent / "ontologies"
SHARED = "english"
NEEDED = ("name", "title", "rows", "columns", "words")
OPTIONAL: dict[str, Any] = {"laterality": False, "typos": [], "run-together": [], "opposites": []}
KEYS = (*NEEDED, *OPTIONAL)
# roles without a value (PLAIN), with a number, with a row, with a column, and with one of the listed values
PLAIN = (
    *("ago", "and", "between", "both", "center", "comma", "contrast", "degree", "each", "except", "filler"),
    *("finding", "hedged", "instrument", "many", "more", "mostly", "not", "now", "of", "ongoing", "or"),
    *("ordinal", "organ", "other", "past", "relation", "rest", "since", "stop", "study", "than", "total", "trend"),
    *("unit", "was", "whole", "with"),
)
NUMBERS, ROWS, SIDES = ("number", "least", "most"), ("row", "place", "both-place", "letter"), ("side", "initial")
VALUES = {
    "hedge": ("request",),
    "clear": ("gone",),
    "both": ("each",),
    "laterality": ("bilateral", "unilateral"),
    "organ": ("pair",),
    "finding": ("adjective",),
    "other": ("lung",),
    "anatomy": ("inside",),
    "size": ("small", "medium", "large"),
}
NEEDS_VALUE = (*NUMBERS, *ROWS, *SIDES, "cell", "laterality", "size")


@dataclass(frozen=True)
class Ontology:
    """The grid of a kind of image and the words for it.

    Args:
        name: the argument of `load_ontology`.
        title: for readers.
        rows, columns: of the grid, from the top and from the image's left.
        laterality: whether sides are an axis ("bilateral"); False: columns are only part of a place.
        words: word or phrase, lower case -> role such as "row:upper", "finding" (to be segmented), "other" (another
            finding; "other:lung" if it may look like the segmented one), "anatomy" ("anatomy:inside" if findings are in
            it) or "instrument"; `english.json` has the shared ones.
        typos: words to which a misspelling may be corrected.
        joined: words that are recognised even without a space between them.
        opposites: groups of words that exclude each other; a misspelling equally close to two of them is not read.
        plain: common words that are never corrected.
        foreign: common words of other languages, which identify a text that is not English.
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
    foreign: frozenset[str]

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def cells(self) -> tuple[str, ...]:
        """The grid's cells, such as "upper-left", column by column from the image's left, each from the top."""
        return tuple(f"{row}-{column}" for column in self.columns for row in self.rows)


def ontologies() -> list[str]:
    """Names of the ontologies that ship."""
    return sorted(p.stem for p in FOLDER.glob("*.json") if p.stem != SHARED)


@cache
def load_ontology(name: str) -> Ontology:
    """The ontology with this name, or from the JSON file with this path.

    Raises:
        InputError: there is no such ontology, or the file is wrong; the message names the file and the key.
    """
    own_file = name.endswith(".json")
    if not own_file and name not in ontologies():
        raise InputError(f"ontology {name!r} is unknown; there are {', '.join(ontologies())}, or give a .json file")
    path = Path(name) if own_file else FOLDER / f"{name}.json"
    fix = "compare it with one that ships, such as chest"
    shared, own = (read_json(file, "ontology", fix) for file in (FOLDER / f"{SHARED}.json", path))
    _check_keys(own, str(path))
    own = OPTIONAL | own
    _check(own, str(path))
    words = {word: role for part in (shared, own) for role, group in part["words"].items() for word in group}
    return Ontology(
        name=name,
        title=own["title"],
        rows=tuple(own["rows"]),
        columns=tuple(own["columns"]),
        laterality=own["laterality"],
        words=words,
        typos=tuple(own["typos"]),
        joined=frozenset(own["run-together"]),
        opposites=tuple(frozenset(group) for group in own["opposites"]),
        plain=frozenset(shared["plain"]),
        foreign=frozenset(shared["foreign"]),
    )


def _check_keys(own: Any, where: str) -> None:
    """InputError if an ontology is no object, lacks a key or has an unknown one."""
    given = own if isinstance(own, dict) else {}
    if missing := [key for key in NEEDED if key not in given]:
        raise InputError(
            f"ontology {where}: lacks {', '.join(missing)}; an ontology is an object with {', '.join(NEEDED)}, and may "
            f"have {', '.join(OPTIONAL)}"
        )
    if unknown := [key for key in given if key not in KEYS]:
        raise InputError(f"ontology {where}: unknown key {str(unknown[0])[:60]!r}; there are {', '.join(KEYS)}")


def _check(own: dict[str, Any], where: str) -> None:
    """InputError for the first fault of an ontology with all keys, in one line."""
    for key in ("rows", "columns", "typos", "run-together"):
        if (
            not _is_texts(own[key])
            or len(set(own[key])) != len(own[key])
            or (key in ("rows", "columns") and not own[key])
        ):
            raise InputError(f"ontology {where}: {key} {str(own[key])[:60]}: give a list of different words")
    if not isinstance(own["laterality"], bool) or (own["laterality"] and own["columns"] != ["left", "right"]):
        raise InputError(f'ontology {where}: laterality is true only with columns ["left", "right"], else false')
    if not isinstance(own["opposites"], list) or not all(_is_texts(group) for group in own["opposites"]):
        raise InputError(f"ontology {where}: opposites: give a list of lists of words")
    if not isinstance(own["words"], dict):
        raise InputError(f"ontology {where}: words: give an object of role to list of words")
    for role, group in own["words"].items():
        problem = _wrong_role(role, own)
        if problem:
            raise InputError(f"ontology {where}: words: role {role!r}: {problem}")
        if not _is_texts(group) or any(word != word.lower() or not word.strip() for word in group):
            raise InputError(f"ontology {where}: words: {role}: give a list of words in lower case")
    bad = [w for w in (*own["typos"], *own["run-together"]) if not (w.isascii() and w.isalpha() and w.islower())]
    if bad:
        raise InputError(f"ontology {where}: typos and run-together take plain words, not {bad[0]!r}")


def _wrong_role(role: str, own: dict[str, Any]) -> str:
    """The fault of a role, "" if it has none."""
    kind, _, value = role.partition(":")
    allowed: tuple[str, ...] = VALUES.get(kind, ())
    if kind in NUMBERS:
        return "" if value.isdigit() else "give a whole number after the colon"
    if kind in ROWS:
        allowed = tuple(own["rows"])
    elif kind in SIDES:
        allowed = tuple(own["columns"])
    elif kind == "cell":
        allowed = tuple(f"{row}-{column}" for row in own["rows"] for column in own["columns"])
    elif kind not in PLAIN and kind not in VALUES:
        return f"is unknown; there are {', '.join(sorted({*PLAIN, *VALUES, *NEEDS_VALUE}))}"
    if value in allowed or (not value and kind not in NEEDS_VALUE):
        return ""
    return f"give one of {', '.join(allowed) or 'no value'} after the colon"


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
