"""Text -> words with roles: spaCy's tokenizer, the spelling, and spaCy's phrase matcher over the ontology's lexicon."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from metrics.consistency.reader.ontology import Ontology, load_ontology
from metrics.consistency.reader.spelling import correct

LONGEST = 5000  # characters read; a prompt is a sentence, and a megabyte of text must not stall a table
SIGNS = re.compile("[<>≤≥=+–]|[^<>≤≥=+–]+")  # spaCy leaves "≥2", "1–2" and "LUL+RLL" whole
CROWD = re.compile(r"([^\w\s]{8})([^\w\s]+)")  # spaCy's time grows with the square of such a run
INITIALS = ("l", "r", "lt", "rt")
CLAUSE = ("stop", "comma", "contrast")
LUNG = ("finding", "organ")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase of the text: `text[start:end]`, as the ontology knows it, and its role and value."""

    norm: str
    start: int
    end: int
    role: str
    value: str = ""


@dataclass(frozen=True)
class Lexicon:
    """spaCy's objects of one ontology."""

    ontology: Ontology
    nlp: Any
    matcher: Any
    single: dict[str, tuple[str, str]]
    phrases: dict[str, tuple[str, str]]
    beginnings: frozenset[tuple[str, ...]]  # the first two words of every phrase


@cache
def lexicon(name: str) -> Lexicon:
    """The lexicon of an ontology; the first call imports spaCy."""
    import spacy
    from spacy.matcher import PhraseMatcher
    from spacy.tokens import Doc

    ontology = load_ontology(name)
    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab, attr="ORTH")
    single, phrases = {}, {}
    for phrase, role in ontology.words.items():
        kind, _, value = role.partition(":")
        parts = [norm for norm, _, _ in tokens(phrase, nlp)]
        if len(parts) == 1:
            single[phrase] = (kind, value)
        else:
            matcher.add(" ".join(parts), [Doc(nlp.vocab, words=parts)])
            phrases[" ".join(parts)] = (kind, value)
    beginnings = frozenset(tuple(phrase.split()[:2]) for phrase in phrases)
    return Lexicon(ontology, nlp, matcher, single, phrases, beginnings)


def tokens(text: str, nlp: Any) -> Iterator[tuple[str, int, int]]:
    """spaCy's tokens, lower case, with signs cut off the numbers they stand at: (norm, start, end)."""
    for token in nlp.make_doc(CROWD.sub(lambda m: m[1] + " " * len(m[2]), text)):
        for part in SIGNS.finditer(token.text):
            norm = part[0].lower().replace("–", "-")
            if not norm.isspace():
                yield norm, token.idx + part.start(), token.idx + part.end()


def read_words(text: str, ontology: str) -> tuple[list[Word], list[tuple[str, str]]]:
    """The words of a text in order, and the corrections made: (as written, as read)."""
    lex = lexicon(ontology)
    pieces: list[tuple[str, int, int]] = []
    corrections: list[tuple[str, str]] = []
    for norm, start, end in tokens(text[:LONGEST], lex.nlp):
        written = text[start:end]
        if norm in [f"{i}." for i in INITIALS]:
            norm = norm[:-1]
        if norm == "." and pieces and pieces[-1][0] in INITIALS and text[end : end + 2].strip()[:1].islower():
            continue  # "Rt. lower lobe"
        if pieces and rejoined(pieces[-1], norm, start, lex):
            before = pieces.pop()
            corrections.append((text[before[1] : start + len(written)], before[0] + norm))
            pieces.append((before[0] + norm, before[1], start + len(written)))
            continue
        if norm not in lex.single and (parts := correct(norm, lex.ontology)):
            corrections.append((written, " ".join(parts)))
            pieces += placed(norm, parts, start)
        else:
            pieces.append((norm, start, start + len(written)))
    return settle(merge(pieces, lex)), corrections


def rejoined(before: tuple[str, int, int], norm: str, start: int, lex: Lexicon) -> bool:
    """Whether two pieces are one word written as two ("lo wer"): neither a plain word, together one of the lexicon."""
    first, _, end = before
    whole = first + norm
    if start - end != 1 or not whole.isalpha() or len(whole) < 4 or whole not in lex.single:
        return False
    return any(part not in lex.single and part not in lex.ontology.plain for part in (first, norm))


def placed(word: str, parts: tuple[str, ...], start: int) -> list[tuple[str, int, int]]:
    """Each part of a corrected word with the characters it came from."""
    if "".join(parts) != word:  # misspelled: all of it stands for each
        return [(part, start, start + len(word)) for part in parts]
    out = []
    for part in parts:
        out.append((part, start, start + len(part)))
        start += len(part)
    return out


def merge(pieces: list[tuple[str, int, int]], lex: Lexicon) -> list[Word]:
    """Roles of single words, and phrases as one word, the longest first."""
    norms = [norm for norm, _, _ in pieces]
    # the matcher costs as much as all the rest, and most prompts hold no phrase
    found = any(pair in lex.beginnings for pair in zip(norms, norms[1:], strict=False))
    spans = matches(norms, lex) if found else {}
    words, i = [], 0
    while i < len(pieces):
        norm, start, end = pieces[i]
        if i in spans:
            span = spans[i]
            kind, value = lex.phrases[span.label_]
            words.append(Word(span.text, start, pieces[span.end - 1][2], kind, value))
            i = span.end
            continue
        inside = 0 < i < len(pieces) - 1 and pieces[i - 1][2] == start and pieces[i + 1][1] == end
        kind, value = ("hyphen", "") if norm == "-" and inside else lex.single.get(norm) or numeral(norm)
        words.append(Word(norm, start, end, kind, value))
        i += 1
    return words


def matches(norms: list[str], lex: Lexicon) -> dict[int, Any]:
    """First word -> spaCy's span of every phrase, the longest where two overlap."""
    from spacy.tokens import Doc
    from spacy.util import filter_spans

    doc = Doc(lex.nlp.vocab, words=norms)
    return {span.start: span for span in filter_spans(lex.matcher(doc, as_spans=True))}


def numeral(norm: str) -> tuple[str, str]:
    """Digits are numbers; any other word has no role."""
    return ("number", str(int(norm))) if norm.isascii() and norm.isdigit() and len(norm) < 6 else ("", "")


def settle(words: list[Word]) -> list[Word]:
    """Roles that hang on the neighbours: "L" in "L upper zone" is a side, "left" in "left PICC line" is none."""
    out = list(words)
    for i, word in enumerate(out):
        if word.role == "initial":
            sided = is_side(out, i)
            out[i] = replace(word, role="side" if sided else "", value=word.value if sided else "")
        elif word.role == "both" and not word.value and leads_to_side(out, i):
            out[i] = replace(word, role="filler")
    start = 0
    for end in range(len(out) + 1):
        if end == len(out) or out[end].role in CLAUSE:
            for i in elsewhere(out, start, end):
                out[i] = replace(out[i], role="elsewhere")
            start = end + 1
    return out


def is_side(words: list[Word], i: int) -> bool:
    """Whether an initial is a side: before a row, a lobe or a lung, or in a pair such as "L and R" or "L > R"."""
    ahead = [w.role for w in words[i + 1 : i + 3]]
    behind = [w.role for w in words[max(0, i - 2) : i]]
    paired = ("and", "least", "mostly")
    return (
        ahead[:1] in (["row"], ["place"], ["organ"], ["whole"])
        or (len(ahead) == 2 and ahead[0] in paired and ahead[1] in ("initial", "side"))
        or (len(behind) == 2 and behind[1] in paired and behind[0] == "side")
    )


def leads_to_side(words: list[Word], i: int) -> bool:
    """Whether "both" announces two places and is none itself: "both upper left and lower right"."""
    k = i + 1
    while k < len(words) and words[k].role in ("row", "hyphen"):
        k += 1
    return k < len(words) and words[k].role == "side"


def elsewhere(words: list[Word], start: int, end: int) -> list[int]:
    """The words of a clause that tell the place of a device or of other anatomy."""
    clause = range(start, end)
    found = []
    for i in clause:
        if words[i].role == "aside":
            k = i - 1
            while k >= start and (
                words[k].role in ("side", "row", "both", "laterality", "hyphen") or is_sided(words, k)
            ):
                found.append(k)
                k -= 1
    if not any(words[i].role in LUNG for i in clause):
        strange = any(words[i].role == "aside" for i in clause)
        found += [i for i in clause if words[i].role == "side" and (strange or leads_away(words, i, start, end))]
    return [i for i in found if words[i].role in ("side", "row", "both", "laterality")]


def is_sided(words: list[Word], i: int) -> bool:
    return words[i].norm == "sided"


def leads_away(words: list[Word], i: int, start: int, end: int) -> bool:
    """Whether a side is followed by a word that no lexicon knows: "right costophrenic angle"."""
    k = i + 1
    while k < end and (words[k].role == "hyphen" or is_sided(words, k)):
        k += 1
    before = words[i - 1].role if i > start else ""
    return k < end and words[k].role == "" and words[k].norm.isalpha() and before != "row"
