"""The grammar of a kind of prompt, for writing it: a JSON file that belongs to an ontology, checked when it is read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from metrics.consistency.reader.ontology import Ontology, load_ontology
from metrics.errors import InputError

FOLDER = Path(__file__).parent / "grammars"


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
    path = _path(ontology)
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return _grammar(stored, load_ontology(ontology))
    except OSError:
        raise InputError(f"ontology {ontology}: has no grammar to write prompts with; add {path}") from None
    except (ValueError, KeyError, TypeError, AttributeError, re.error) as e:
        reason = f"{e} is missing" if isinstance(e, KeyError) else str(e)
        raise InputError(f"grammar {path}: {reason}; compare it with {FOLDER / 'chest.json'}") from None


def _path(ontology: str) -> Path:
    own_file = ontology.endswith(".json")
    return Path(ontology).with_suffix(".grammar.json") if own_file else FOLDER / f"{ontology}.json"


def _grammar(stored: dict[str, Any], ontology: Ontology) -> Grammar:
    """The grammar in a file. ValueError, KeyError or TypeError if it does not fit the ontology."""
    rows, cells = dict(stored.get("rows", {})), dict(stored.get("cells", {}))
    if missing := set(ontology.cells) - set(cells) if cells else set(ontology.rows) - set(rows):
        raise ValueError(f"{'cells' if cells else 'rows'}: no words for {min(missing)}")
    sentences = tuple(_sentence(sentence, by_cell=bool(cells)) for sentence in stored["sentences"])
    if not sentences:
        raise ValueError("sentences: give at least one")
    details = stored.get("details")
    return Grammar(tuple(stored["numbers"]), rows, cells, re.compile(details) if details else None, sentences)


def _sentence(stored: dict[str, Any], by_cell: bool) -> Sentence:
    one, many = stored["nouns"]
    place, column = ("", "") if by_cell else (stored["place"], stored["column"])
    return Sentence(stored["text"], (one, many), stored["and"], stored.get("columns"), place, column)
