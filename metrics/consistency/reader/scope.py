"""Which tokens are stated, and which are denied, past or only possible.

Triggers and how far they reach, after NegEx (Chapman et al. 2001) and ConText (Harkema et al. 2009), with two things
that these leave out: a denial reaches back to the place that it is said of ("the left lung has no consolidation"), and
what is excepted from a denial is stated.
"""

from __future__ import annotations

from collections.abc import Iterable

from metrics.consistency.reader.roles import ARTICLES, PLACE, SENTENCE
from metrics.consistency.reader.tokens import Token

STATED, DENIED, PAST, POSSIBLE = "stated", "denied", "past", "possible"
CONTENT = ("number", "many", "times", "finding", "row", "side", "cell", "place", "both-place", "laterality", "center")
NOUNS = ("organ", "study", "other", "anatomy", "instrument")
RANGE = ("to", "-", "or", "and")
ENDS = ("none", "nil", "absent", "negative", "nothing", "zero", "0")


class Scopes:
    """The state of every token, and the token that put it there (-1: none did)."""

    def __init__(self, tokens: list[Token]):
        self.tokens = tokens
        self.states = [STATED] * len(tokens)
        self.triggers = [-1] * len(tokens)
        for i, token in enumerate(tokens):
            rule = RULES.get(token.role)
            if rule is not None and (token.role != "number" or is_zero(tokens, i)):
                rule(self, i)
        for i, token in enumerate(tokens):
            if token.role == "except":
                self.flip(i)
            elif token.role == "or" and self.states[i] == STATED:
                self.mark(alternatives(tokens, i), POSSIBLE, i)

    def mark(self, where: Iterable[int], state: str, trigger: int) -> None:
        for k in where:
            if self.states[k] == STATED:
                self.states[k], self.triggers[k] = state, trigger

    def flip(self, i: int) -> None:
        """What is excepted from a denial is stated, and the other way round."""
        tokens = self.tokens
        denied = i > 0 and self.states[i - 1] == DENIED
        end = next_of(tokens, i + 1, SENTENCE)
        if not denied and (i == 0 or tokens[i - 1].role == "stop"):
            clear = next((k for k in range(i, end) if self.states[k] == DENIED), end)
            if clear < end:  # "apart from an opacity at the left base the lungs are clear"
                for k in range(i, own_end(tokens, i, end)):
                    self.states[k], self.triggers[k] = STATED, -1
                return
        for k in range(i, end):
            self.states[k], self.triggers[k] = (STATED, -1) if denied else (DENIED, i)

    def past(self, i: int) -> None:
        tokens = self.tokens
        end = next_of(tokens, i + 1, ("stop",))
        compared = any(t.role == "since" for t in tokens[max(0, i - 3) : i])
        lasting = any(t.role == "ongoing" for t in tokens[i + 1 : next_of(tokens, i + 1, SENTENCE)])
        if compared or (lasting and tokens[i].norm in ("previously", "previous", "prior", "earlier", "initially")):
            return
        if i + 1 < len(tokens) and tokens[i + 1].role == "study":
            return
        self.mark(range(i, min(end, past_end(tokens, i))), PAST, i)

    def ago(self, i: int) -> None:
        start, end = clause_start(self.tokens, i), next_of(self.tokens, i + 1, (*SENTENCE, "comma", "now"))
        if not any(t.role == "since" for t in self.tokens[max(start, i - 5) : i]):
            self.mark(range(start, end), PAST, i)

    def was(self, i: int) -> None:
        """ "which was on the right is now on the left"."""
        now = next_of(self.tokens, i + 1, ("now",))
        if now < next_of(self.tokens, i + 1, ("stop",)) and any(t.role in PLACE for t in self.tokens[i:now]):
            self.mark(range(i, now), PAST, i)

    def between(self, i: int) -> None:
        """ "between the center and the right edge" is neither."""
        k = i + 1
        while k < len(self.tokens) and self.tokens[k].norm in ARTICLES:
            k += 1
        if self.tokens[i].norm == "between" and k < len(self.tokens) and self.tokens[k].role in PLACE:
            self.mark(range(i, next_of(self.tokens, k, (*SENTENCE, "comma"))), POSSIBLE, i)

    def possible(self, i: int) -> None:
        self.mark(range(i, next_of(self.tokens, i + 1, SENTENCE)), POSSIBLE, i)

    def was_possible(self, i: int) -> None:
        self.mark(range(clause_start(self.tokens, i), next_of(self.tokens, i + 1, (*SENTENCE, "comma"))), POSSIBLE, i)

    def question(self, i: int) -> None:
        """ "left lower lobe pneumonia?" """
        if self.tokens[i].norm == "?":
            start = i
            while start > 0 and self.tokens[start - 1].role not in ("stop",):
                start -= 1
            self.mark(range(start, i), POSSIBLE, i)

    def either(self, i: int) -> None:
        """ "either atelectasis or pneumonia"; "in either lung" is both."""
        end = next_of(self.tokens, i + 1, SENTENCE)
        if self.tokens[i].norm == "either" and any(t.role == "or" for t in self.tokens[i:end]):
            self.mark(range(i, end), POSSIBLE, i)

    def denial(self, i: int) -> None:
        tokens = self.tokens
        if self.states[i] != STATED:
            return
        end = next_of(tokens, i + 1, SENTENCE)
        if tokens[i].norm == "neither" and any(t.role == "clear" for t in tokens[i:end]):
            self.mark(range(i, end), POSSIBLE, i)  # "neither lung is clear"
            return
        clear = next((k for k in range(i + 1, min(i + 3, len(tokens))) if tokens[k].role == "clear"), -1)
        if clear >= 0 and tokens[i].norm in ("not", "n't", "never"):
            self.mark(range(i, clear + 1), POSSIBLE, i)  # "lungs are not clear", "have not resolved"
            return
        doubled = next((k for k in range(i + 1, end) if tokens[k].role == "clear"), -1)
        plain = not any(t.role in ("and", "comma") for t in tokens[i:doubled])
        if doubled > 0 and plain and tokens[doubled - 1].role == "with":
            self.mark(range(i, doubled + 1), POSSIBLE, i)  # "no lung is spared"
            return
        unchanged = trend_end(tokens, i)
        if unchanged:
            self.mark(range(i, unchanged), PAST, i)
            return
        end = denial_end(tokens, i)
        self.mark(range(i, end), DENIED, i)
        start = subject_start(tokens, i, end)
        if start < i:
            about = any(t.role == "finding" for t in tokens[i:end]) or not any(t.role in NOUNS for t in tokens[i:end])
            self.mark(range(start, i), DENIED if about else POSSIBLE, i)

    def clear(self, i: int) -> None:
        tokens = self.tokens
        if self.states[i] == POSSIBLE:
            return
        start = clause_start(tokens, i)
        before = [t for t in tokens[start:i]]
        # "the left lung is clear", but "clear lungs"
        if any(t.role in CONTENT or t.role in NOUNS for t in before):
            self.mark(range(start, trailing_end(tokens, i)), DENIED, i)
        else:
            self.mark(range(i, denial_end(tokens, i)), DENIED, i)


RULES = {
    "past": Scopes.past,
    "ago": Scopes.ago,
    "was": Scopes.was,
    "between": Scopes.between,
    "hedge": Scopes.possible,
    "hedged": Scopes.was_possible,
    "stop": Scopes.question,
    "both": Scopes.either,
    "not": Scopes.denial,
    "number": Scopes.denial,
    "clear": Scopes.clear,
}


def next_of(tokens: list[Token], i: int, roles: tuple[str, ...]) -> int:
    """Index of the next token of these roles, or the end."""
    return next((k for k in range(i, len(tokens)) if tokens[k].role in roles), len(tokens))


def past_end(tokens: list[Token], i: int) -> int:
    """Up to "now" in the same sentence, or else to the comma after something has been said."""
    end = next_of(tokens, i + 1, SENTENCE)
    now = next_of(tokens, i + 1, ("now",))
    if now < end:
        return now
    said = False
    for k in range(i + 1, end):
        said |= tokens[k].role in CONTENT or tokens[k].role in NOUNS
        if said and tokens[k].role == "comma":
            return k
    return end


def is_zero(tokens: list[Token], i: int) -> bool:
    """Whether token i is a zero that counts lesions: no measure, no grade, and not the low end of "0-2"."""
    if tokens[i].role != "number" or tokens[i].value != "0":
        return False
    before, after = tokens[i - 1] if i else None, tokens[i + 1] if i + 1 < len(tokens) else None
    measures = before is not None and before.role in ("ordinal", "unit", "most", "least", "between")
    return not measures and not (after is not None and (after.role == "unit" or after.norm in RANGE))


def trend_end(tokens: list[Token], i: int) -> int:
    """One past the last token of "no significant change" or "no improvement", which deny nothing; 0 for any other."""
    k = i + 1
    while k < len(tokens) and tokens[k].role == "degree":
        k += 1
    if k < len(tokens) and (tokens[k].role == "trend" or tokens[k].norm in ("change", "changes", "changed")):
        return k + 1
    return 0


def trailing_end(tokens: list[Token], i: int) -> int:
    """One past "is clear" and a place said after it: "clear bilaterally", "clear on both sides"."""
    k = i + 1
    if k < len(tokens) and (tokens[k].role in ("laterality", "both") or tokens[k].norm in ("on", "in", "at")):
        while k < len(tokens) and tokens[k].role in ("of", "organ", "laterality", *PLACE):
            k += 1
        if k == len(tokens) or tokens[k].role not in ("finding", ""):
            return k
    return i + 1


def denial_end(tokens: list[Token], i: int) -> int:
    """Up to a full stop, "but", or a comma that no list with "or" goes on after; a number after "and" opens anew."""
    if tokens[i].norm == "not" and i + 1 < len(tokens) and tokens[i + 1].role in ("number", "many"):
        k = i + 1  # "not two areas": there are areas, as many as is not said
        while k < len(tokens) and (tokens[k].role in ("number", "many") or tokens[k].norm in RANGE):
            k += 1
        return k
    new = i + 1 < len(tokens) and tokens[i + 1].norm == "new"
    end = next_of(tokens, i + 1 + new, (*SENTENCE, "now", "except"))
    for k in range(i + 1, end):
        role = tokens[k].role
        if role == "comma" and not goes_on(tokens, k, end):
            return k
        fresh = role in ("number", "many") and tokens[k].value != "0" and k > i + 1
        if fresh and tokens[k - 1].role in ("and", "with", "comma", "of"):
            return k - 1
        if role == "with" and tokens[k].norm in ("with", "shows", "show", "has", "have") and k > i + 1:
            return k
    return end


def goes_on(tokens: list[Token], comma: int, end: int) -> bool:
    """Whether the list that a denial opens ("no a, b or c") goes on after this comma."""
    for k, token in enumerate(tokens[comma + 1 : end]):
        if token.role in ("number", "many", "clear") or token.norm in ("shows", "with", "has"):
            return False
        if token.role == "or" or token.norm == "nor":
            return k < 12
    return False


def subject_start(tokens: list[Token], i: int, end: int) -> int:
    """Where the place begins that a denial at i is said of: "left lung: no opacity", "on the right there is no ..."."""
    following = tokens[i + 1 : i + 3]
    contrasts = tokens[i].norm in ("not", "sparing") and any(t.role in PLACE for t in following[:1] + following[1:])
    start = clause_start(tokens, i)
    closes = tokens[i].norm in ENDS and (i + 1 == len(tokens) or tokens[i + 1].role in (*SENTENCE, "comma"))
    if closes:  # "pneumonia left (+), right (-)": no list of places goes on before it
        commas = [k for k in range(start, i) if tokens[k].role == "comma" and tokens[k].norm != ":"]
        start = commas[-1] + 1 if commas else start
    if start == i and i and tokens[i - 1].role == "comma" and tokens[i - 1].norm == ",":
        start = clause_start(tokens, i - 1)  # "in the left lung, no infiltrate is seen"
        if tokens[start].norm not in ("in", "on", "at", "within"):
            return i
    subject = tokens[start:i]
    placed = any(t.role in PLACE or t.role == "organ" for t in subject)
    if any(t.role in ("finding", "number", "many", "times", "laterality") for t in subject):
        return start if closes and tokens[i - 1].norm in (":", "-", "is", "are", "was", "were") else i
    return start if placed and not contrasts else i


def clause_start(tokens: list[Token], i: int) -> int:
    """Where the clause begins that ends before token i; a colon does not end one."""
    k = i
    while k > 0:
        before = tokens[k - 1]
        if before.role in (*SENTENCE, "now", "except"):
            break
        if before.role == "comma" and before.norm != ":" and not is_place_list(tokens, k - 1):
            break
        if before.role == "and" and any(t.role in ("number", "many", "finding") for t in clause_before(tokens, k - 1)):
            break
        k -= 1
    return k


def clause_before(tokens: list[Token], i: int) -> list[Token]:
    """The tokens before index i, back to the last boundary."""
    start = i
    while start > 0 and tokens[start - 1].role not in (*SENTENCE, "comma"):
        start -= 1
    return tokens[start:i]


def is_place_list(tokens: list[Token], comma: int) -> bool:
    """Whether a comma only separates rows or sides ("the upper, middle and lower zones are clear")."""
    rows = ("row", "side")
    return 0 < comma < len(tokens) - 1 and tokens[comma - 1].role in rows and tokens[comma + 1].role in rows


def own_end(tokens: list[Token], i: int, end: int) -> int:
    """Where the words of "apart from an opacity at the left base" end and "the lungs are clear" begins."""
    comma = next_of(tokens, i + 1, ("comma",))
    if comma < end:
        return comma
    placed = next((k for k in range(i, end) if tokens[k].role in PLACE), end)
    pair = (k for k in range(placed, end) if tokens[k].value == "pair" and tokens[k - 1].norm in (*ARTICLES, "both"))
    at = next(pair, end)
    return at - 1 if at < end else end


def alternatives(tokens: list[Token], i: int) -> range:
    """The place around an "or" that names two sides or rows of which one is meant; an empty range for any other."""
    before = next(
        (k for k in range(i - 1, max(-1, i - 5), -1) if tokens[k].role in ("side", "row", "cell", "place")), -1
    )
    after = next(
        (k for k in range(i + 1, min(len(tokens), i + 5)) if tokens[k].role in ("side", "row", "cell", "place")), -1
    )
    if before < 0 or after < 0 or tokens[before].value == tokens[after].value:
        return range(0)
    inside = ("or", "and", "of", "organ", "hyphen", "filler", *PLACE)
    first, last = before, after
    while first > 0 and tokens[first - 1].role in inside:
        first -= 1
    while last + 1 < len(tokens) and tokens[last + 1].role in inside:
        last += 1
    return range(first, last + 1)
