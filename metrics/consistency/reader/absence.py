"""Whether a text says that there is nothing to segment, and whether that contradicts the rest of it."""

from __future__ import annotations

from metrics.consistency.reader.phrases import Phrase
from metrics.consistency.reader.roles import CLAUSE, PLACE
from metrics.consistency.reader.scope import POSSIBLE, STATED
from metrics.consistency.reader.tokens import Token

SUBJECTS = ("finding", "organ", "study")
ELSEWHERE = ("other", "anatomy", "instrument")
SILENT = ("with", "of", "and", "comma", "filler", "degree", "now", "laterality", "both", "stop", "ongoing", "was")
NOTHING = ("none", "nothing", "nil")
MORE = ("new", "other", "additional", "further", "second", "another", "large")
GONE = "gone"  # the value of words such as "resolved", which deny one earlier finding and not all
REQUEST = "request"  # the value of words that request an examination, such as "evaluate for"
UTTERLY = ("completely", "entirely", "perfectly", "healthy")
STEM = 5  # letters; "infection" and "infected" agree in the first 5


def denies_all(tokens: list[Token], triggers: list[int], first: int, last: int, places: list[Phrase]) -> bool:
    """Whether the denial tokens[first:last] is about the whole image.

    Its subject is a finding, a lung, the study, or missing, and it names no single place. A denial of the rest
    ("otherwise clear", "no new opacity") is not about the whole image.
    """
    run = tokens[first:last]
    causes = {tokens[k] for k in triggers[first:last] if k >= 0}
    if any(t.role == "rest" or t.norm in MORE for t in run) or any(t.value == GONE for t in causes):
        return False
    subjects = SUBJECTS if any(t.role == "clear" for t in run) else ("finding",)  # "no effusion on this view"
    speaks = any(t.role in subjects and not is_elsewhere(tokens, first + k) for k, t in enumerate(run))
    says = any(t.role in ("not", "clear", "number") for t in run)
    bare = says and all(t.role in (*SILENT, "clear") or t.norm in NOTHING for t in run)
    everywhere = all(len(set(p.sides)) == 2 and not p.rows for p in places)
    placed = any(t.role in PLACE and t.role not in ("both", "whole") for t in run)
    return (speaks or bare) and (everywhere or not placed)


def is_elsewhere(tokens: list[Token], i: int) -> bool:
    """Whether the subject at token i belongs to other anatomy: "cardiac abnormality", "abnormality of the heart",
    "the chest wall is normal". An "and" or a comma begins another subject."""
    k = i + 1
    while k < len(tokens) and tokens[k].role in ("of", "") and tokens[k].norm not in ("in", "on", "at"):
        k += 1
    after = k < len(tokens) and (k > i + 1 or tokens[i].role != "finding") and tokens[k].role in ELSEWHERE
    if not after and tokens[i].role != "finding":  # "views of the chest demonstrate a normal silhouette"
        end = k
        stops = (*CLAUSE, "and", "or", "clear", "not")
        while end < len(tokens) and (tokens[end].role not in stops or tokens[end].norm == ":"):
            end += 1
        after = any(t.role in ELSEWHERE for t in tokens[k:end])
    return after or (i > 0 and tokens[i - 1].role in ELSEWHERE)


def is_doubtful(tokens: list[Token], states: list[str], triggers: list[int]) -> bool:
    """Whether a finding or a place is only possible, so that its absence is not certain. A request ("evaluate for
    pneumonia") does not count."""
    return any(
        state == POSSIBLE and (token.role == "finding" or token.role in PLACE) and tokens[trigger].value != REQUEST
        for token, state, trigger in zip(tokens, states, triggers, strict=True)
    )


def unknown_stated(tokens: list[Token], states: list[str]) -> bool:
    """Whether the text states something that may be a lesion: words without a role ("Consolidative change. No
    pneumonia."), or another finding of the lung itself."""
    clause: list[int] = []
    for i in range(len(tokens) + 1):
        if i < len(tokens) and tokens[i].role not in CLAUSE:
            clause.append(i)
            continue
        known = any(tokens[k].role in (*ELSEWHERE, "ordinal", "study", "organ") for k in clause)
        strange = any(states[k] == STATED and tokens[k].role == "" and tokens[k].norm.isalpha() for k in clause)
        lung = any(tokens[k].role == "other" and tokens[k].value == "lung" and states[k] == STATED for k in clause)
        if lung or (not known and strange):
            return True
        clause = []
    return False


def contradicts(tokens: list[Token], first: int, last: int, stated: list[Token], whole: bool) -> str:
    """The words of the denial tokens[first:last] if it contradicts the stated findings, else ""."""
    run = tokens[first:last]
    start, end = first, last
    while start > 0 and tokens[start - 1].role != "stop":
        start -= 1
    while end < len(tokens) and tokens[end].role != "stop":
        end += 1
    excepted = any(t.role == "except" for t in tokens[start:end])
    if excepted or any(t.role == "rest" or t.norm in MORE for t in run):
        return ""
    utterly = any(t.role == "clear" and any(word in t.norm for word in UTTERLY) for t in run)
    lungs = any(t.role == "clear" for t in run) and any(t.role == "organ" and t.value == "pair" for t in run)
    if whole and (utterly or lungs):
        return " ".join(t.norm for t in run)
    denied = {t.norm[:STEM] for t in run if t.role == "finding"}
    if whole and any(token.norm[:STEM] in denied for token in stated):
        return " ".join(t.norm for t in run)
    return ""
