"""The grammar of a kind of prompt, for writing it: a JSON file that belongs to an ontology, checked when it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from metrics.consistency.json_file import read_json
from metrics.consistency.reader.ontology import Ontology, load_ontology
from metrics.errors import InputError

FOLDER = Path(__file__).parent / "grammars"
SLOTS = {"text": ("count", "noun", "places", "size", "details"), "place": ("rows", "column"), "column": ("column",)}


@dataclass(frozen=True)
class Sentence:
    """One wording of a whole prompt.

    Args:
        text: with the slots {count}, {noun} and {places}, and, if the ontology has sizes, {size} and {details}.
        nouns: for one lesion and for several.
        joint: the words between two places.
        columns: number of grid columns that a prompt in this wording names, 1 or more; None: any number.
        place: template for some rows of one column, with the slots {rows} and {column}; "" if places are written cell
            by cell.
        column: template for all rows of one column, with the slot {column}.
    """

    text: str
    nouns: tuple[str, str]
    joint: str
    columns: int | None
    place: str
    column: str


@dataclass(frozen=True)
class Grammar:
    """The wordings of an ontology's prompts.

    Args:
        numbers: words for 1, 2, 3 and so on; larger numbers cannot be written.
        rows: words for each row, for wordings by column.
        cells: words for each cell, for wordings cell by cell; empty if all wordings are by column.
        details: pattern whose group `details` has the words of a prompt that describe the lesions besides number, size
            and place; None: prompts have no such words.
        sentences: at least one.
    """

    numbers: tuple[str, ...]
    rows: dict[str, str]
    cells: dict[str, str]
    details: re.Pattern[str] | None
    sentences: tuple[Sentence, ...]


def has_grammar(ontology: str) -> bool:
    """Whether prompts of this ontology can be written."""
    return _path(ontology).is_file()


@cache
def load_grammar(ontology: str) -> Grammar:
    """The grammar of an ontology that ships, or of FILE.json from FILE.grammar.json beside it.

    Raises:
        InputError: there is no grammar, or its file is wrong; one line that names the file and the key.
    """
    path, fix = _path(ontology), f"compare it with {FOLDER / 'chest.json'}"
    if not path.is_file():
        raise InputError(f"ontology {ontology}: has no grammar to write prompts with; add {path}")
    try:
        return _grammar(read_json(path, "grammar", fix), load_ontology(ontology))
    except InputError:
        raise
    except KeyError as e:
        raise InputError(f"grammar {path}: {e} is missing; {fix}") from None
    except (ValueError, re.error) as e:
        raise InputError(f"grammar {path}: {e}; {fix}") from None


def _path(ontology: str) -> Path:
    own_file = ontology.endswith(".json")
    return Path(ontology).with_suffix(".grammar.json") if own_file else FOLDER / f"{ontology}.json"


def _grammar(stored: Any, ontology: Ontology) -> Grammar:
    """The grammar in a file. ValueError or KeyError if it does not fit the ontology."""
    grammar = _object(stored, "a grammar")
    rows, cells = (_words(grammar.get(key, {}), key) for key in ("rows", "cells"))
    if missing := set(ontology.cells) - set(cells) if cells else set(ontology.rows) - set(rows):
        raise ValueError(f"{'cells' if cells else 'rows'}: no words for {min(missing)}")
    sentences = tuple(_sentence(sentence, by_cell=bool(cells)) for sentence in _list(grammar["sentences"], "sentences"))
    if not sentences:
        raise ValueError("sentences: give at least one")
    return Grammar(_texts(grammar["numbers"], "numbers"), rows, cells, _details(grammar.get("details")), sentences)


def _sentence(stored: Any, by_cell: bool) -> Sentence:
    sentence = _object(stored, "a sentence")
    nouns = _texts(sentence["nouns"], "nouns")
    if len(nouns) != 2:
        raise ValueError("nouns: give two, for one lesion and for several")
    columns = sentence.get("columns")
    if columns is not None and (not isinstance(columns, int) or columns < 1):
        raise ValueError(f"columns: {columns!r}; give a whole number of 1 or more, or leave it out")
    place, column = ("", "") if by_cell else (_template(sentence, "place"), _template(sentence, "column"))
    (joint,) = _texts([sentence["and"]], "and")
    return Sentence(_template(sentence, "text"), (nouns[0], nouns[1]), joint, columns, place, column)


def _template(stored: dict[str, Any], key: str) -> str:
    """A text with none but the slots of `SLOTS`: `str.format` would evaluate others, such as {count.__class__}."""
    (text,) = _texts([stored[key]], key)
    for _, slot, spec, conversion in Formatter().parse(text):
        if slot is not None and (slot not in SLOTS[key] or spec or conversion):
            raise ValueError(f"{key}: slot {slot!r}; there are {', '.join(f'{{{name}}}' for name in SLOTS[key])}")
    return text


def _details(pattern: Any) -> re.Pattern[str] | None:
    """The pattern, None if there is none; it must have the group `details`."""
    if pattern is None:
        return None
    (text,) = _texts([pattern], "details")
    compiled = re.compile(text)
    if "details" not in compiled.groupindex:
        raise ValueError("details: the pattern has no group (?P<details>...)")
    return compiled


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is an object, not {str(value)[:40]!r}")
    return value


def _list(value: Any, key: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{key}: give a list, not {str(value)[:40]!r}")
    return value


def _texts(value: Any, key: str) -> tuple[str, ...]:
    if wrong := [item for item in _list(value, key) if not isinstance(item, str)]:
        raise ValueError(f"{key}: give text, not {str(wrong[0])[:40]!r}")
    return tuple(value)


def _words(value: Any, key: str) -> dict[str, str]:
    words = _object(value, key)
    return dict(zip(words, _texts(list(words.values()), key), strict=True))
