"""Text -> words with roles: spaCy's tokenizer, the spelling, and spaCy's phrase matcher over the ontology's lexicon."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from metrics.consistency.ontology import Ontology, load_ontology
from metrics.consistency.spelling import correct

LONGEST = 5000  # characters read; a prompt is a sentence, and a megabyte of text must not stall a table


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

    ontology = load_ontology(name)
    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab, attr="ORTH")
    single, phrases = {}, {}
    for phrase, role in ontology.words.items():
        kind, _, value = role.partition(":")
        doc = nlp.make_doc(phrase)
        if len(doc) == 1:
            single[phrase] = (kind, value)
        else:
            matcher.add(" ".join(t.text for t in doc), [doc])
            phrases[" ".join(t.text for t in doc)] = (kind, value)
    beginnings = frozenset(tuple(phrase.split()[:2]) for phrase in phrases)
    return Lexicon(ontology, nlp, matcher, single, phrases, beginnings)


def read_words(text: str, ontology: str) -> tuple[list[Word], list[tuple[str, str]]]:
    """The words of a text in order, and the corrections made: (as written, as read)."""
    lex = lexicon(ontology)
    pieces: list[tuple[str, int, int]] = []
    corrections: list[tuple[str, str]] = []
    for token in lex.nlp.make_doc(text[:LONGEST]):
        written, start = token.text, token.idx
        norm = written.lower()
        if norm.isspace():
            continue
        if pieces and rejoined(pieces[-1], norm, start, lex):
            before = pieces.pop()
            corrections.append((text[before[1] : start + len(written)], before[0] + norm))
            pieces.append((before[0] + norm, before[1], start + len(written)))
            continue
        if norm not in lex.single and not token.is_punct and (parts := correct(norm, lex.ontology)):
            corrections.append((written, " ".join(parts)))
            pieces += placed(norm, parts, start)
        else:
            pieces.append((norm, start, start + len(written)))
    return merge(pieces, lex), corrections


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
        kind, value = lex.single.get(norm) or numeral(norm)
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
