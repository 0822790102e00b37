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
REST = ("new", "other", "additional", "further", "second", "another", "large")  # "no new opacity" denies the rest
GONE = "gone"  # the value of words such as "resolved", which deny one earlier finding and not all
REQUEST = "request"  # the value of words that request an examination, such as "evaluate for"
UTTERLY = ("completely", "entirely", "perfectly", "healthy")
STEM = 5  # letters by which nouns are compared, such as "infection" and "infected"


def denies_all(tokens: list[Token], triggers: list[int], first: int, last: int, places: list[Phrase]) -> bool:
    """Whether the denial tokens[first:last] denies all findings of the image.

    Its subject is a finding, a lung, the study, or missing, and it names no single place. A denial of the rest
    ("otherwise clear", "no new opacity") does not deny all.
    """
    run = tokens[first:last]
    trigger_tokens = {tokens[k] for k in triggers[first:last] if k >= 0}
    if any(t.role == "rest" or t.norm in REST for t in run) or any(t.value == GONE for t in trigger_tokens):
        return False
    subjects = SUBJECTS if any(t.role == "clear" for t in run) else ("finding",)  # "no effusion on this view"
    has_subject = any(t.role in subjects and not is_elsewhere(tokens, first + k) for k, t in enumerate(run))
    has_denial = any(t.role in ("not", "clear", "number") for t in run)
    is_bare = has_denial and all(t.role in (*SILENT, "clear") or t.norm in NOTHING for t in run)
    is_everywhere = all(len(set(p.sides)) == 2 and not p.rows for p in places)
    has_place = any(t.role in PLACE and t.role not in ("both", "whole") for t in run)
    return (has_subject or is_bare) and (is_everywhere or not has_place)


def is_elsewhere(tokens: list[Token], i: int) -> bool:
    """Whether the subject at token i belongs to other anatomy: "cardiac abnormality", "abnormality of the heart",
    "the chest wall is normal". An "and" or a comma begins another subject."""
    k = i + 1
    while k < len(tokens) and tokens[k].role in ("of", "") and tokens[k].norm not in ("in", "on", "at"):
        k += 1
    is_followed = k < len(tokens) and (k > i + 1 or tokens[i].role != "finding") and tokens[k].role in ELSEWHERE
    if not is_followed and tokens[i].role != "finding":  # "views of the chest demonstrate a normal silhouette"
        end = k
        stops = (*CLAUSE, "and", "or", "clear", "not")
        while end < len(tokens) and (tokens[end].role not in stops or tokens[end].norm == ":"):
            end += 1
        is_followed = any(t.role in ELSEWHERE for t in tokens[k:end])
    return is_followed or (i > 0 and tokens[i - 1].role in ELSEWHERE)


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
        has_known = any(tokens[k].role in (*ELSEWHERE, "ordinal", "study", "organ") for k in clause)
        has_unknown = any(states[k] == STATED and tokens[k].role == "" and tokens[k].norm.isalpha() for k in clause)
        has_lung = any(tokens[k].role == "other" and tokens[k].value == "lung" and states[k] == STATED for k in clause)
        if has_lung or (not has_known and has_unknown):
            return True
        clause = []
    return False


def contradicts(tokens: list[Token], first: int, last: int, nouns: list[Token], denies_all: bool) -> str:
    """The words of the denial tokens[first:last] if it contradicts the stated findings, else "".

    Args:
        nouns: of the stated findings.
        denies_all: whether the denial denies all findings.
    """
    run = tokens[first:last]
    start, end = first, last
    while start > 0 and tokens[start - 1].role != "stop":
        start -= 1
    while end < len(tokens) and tokens[end].role != "stop":
        end += 1
    has_exception = any(t.role == "except" for t in tokens[start:end])
    if not denies_all or has_exception or any(t.role == "rest" or t.norm in REST for t in run):
        return ""
    is_utter = any(t.role == "clear" and any(word in t.norm for word in UTTERLY) for t in run)
    clears_lungs = any(t.role == "clear" for t in run) and any(t.role == "organ" and t.value == "pair" for t in run)
    denied = {t.norm[:STEM] for t in run if t.role == "finding"}
    if is_utter or clears_lungs or any(noun.norm[:STEM] in denied for noun in nouns):
        return " ".join(t.norm for t in run)
    return ""
