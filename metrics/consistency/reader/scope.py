"""Which tokens are stated, and which are denied, past or only possible.

Triggers and their reach follow NegEx (Chapman et al. 2001) and ConText (Harkema et al. 2009), with two additions: a
denial reaches back to its place ("the left lung has no consolidation"), and an exception from a denial is stated.
"""

from __future__ import annotations

from collections.abc import Iterable

from metrics.consistency.reader.reach import (
    CONTENT,
    NOUNS,
    alternatives,
    clause_start,
    denial_end,
    exception_end,
    is_zero,
    next_of,
    past_end,
    subject_start,
    trailing_end,
    trend_end,
)
from metrics.consistency.reader.roles import ARTICLES, PLACE, SENTENCE
from metrics.consistency.reader.tokens import Token

STATED, DENIED, PAST, POSSIBLE = "stated", "denied", "past", "possible"


class Scopes:
    """The state of every token, and the index of the token that caused it (-1 if none)."""

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

    def mark(self, indices: Iterable[int], state: str, trigger: int) -> None:
        """Set the state of those tokens that are still stated."""
        for k in indices:
            if self.states[k] == STATED:
                self.states[k], self.triggers[k] = state, trigger

    def flip(self, i: int) -> None:
        """An exception from a denial is stated, and an exception from a statement is denied."""
        tokens = self.tokens
        denied = i > 0 and self.states[i - 1] == DENIED
        end = next_of(tokens, i + 1, SENTENCE)
        if not denied and (i == 0 or tokens[i - 1].role == "stop"):
            clear = next((k for k in range(i, end) if self.states[k] == DENIED), end)
            if clear < end:  # "apart from an opacity at the left base the lungs are clear"
                for k in range(i, exception_end(tokens, i, end)):
                    self.states[k], self.triggers[k] = STATED, -1
                return
        for k in range(i, end):
            self.states[k], self.triggers[k] = (STATED, -1) if denied else (DENIED, i)

    def past(self, i: int) -> None:
        """After "previously" and the like, findings are past; not in a comparison with a previous study."""
        tokens = self.tokens
        end = next_of(tokens, i + 1, ("stop",))
        compared = any(t.role == "since" for t in tokens[max(0, i - 3) : i])
        lasting = any(t.role == "ongoing" for t in tokens[i + 1 : next_of(tokens, i + 1, SENTENCE)])
        names_study = any(t.role == "study" for t in tokens[i + 1 : i + 4])
        if names_study and not compared and any(t.norm in ("on", "in") for t in tokens[max(0, i - 2) : i]):
            self.mark(range(clause_start(tokens, i), end), PAST, i)  # "on a previous scan, ..."
            return
        if compared or (lasting and tokens[i].norm in ("previously", "previous", "prior", "earlier", "initially")):
            return
        if (
            i + 1 < len(tokens)
            and tokens[i + 1].role == "study"
            and "with" not in [t.role for t in tokens[i + 2 : i + 4]]
        ):
            return  # but "the previous study showed a left pneumonia"
        self.mark(range(i, min(end, past_end(tokens, i))), PAST, i)

    def ago(self, i: int) -> None:
        """The clause of "ago" is past."""
        start, end = clause_start(self.tokens, i), next_of(self.tokens, i + 1, (*SENTENCE, "comma", "now"))
        if not any(t.role == "since" for t in self.tokens[max(start, i - 5) : i]):
            self.mark(range(start, end), PAST, i)

    def was(self, i: int) -> None:
        """A place before "now" is past: "which was on the right is now on the left"."""
        now = next_of(self.tokens, i + 1, ("now",))
        if now < next_of(self.tokens, i + 1, ("stop",)) and any(t.role in PLACE for t in self.tokens[i:now]):
            self.mark(range(i, now), PAST, i)

    def between(self, i: int) -> None:
        """A place between two others is neither: "between the center and the right edge"."""
        k = i + 1
        while k < len(self.tokens) and self.tokens[k].norm in ARTICLES:
            k += 1
        if self.tokens[i].norm == "between" and k < len(self.tokens) and self.tokens[k].role in PLACE:
            self.mark(range(i, next_of(self.tokens, k, (*SENTENCE, "comma"))), POSSIBLE, i)

    def possible(self, i: int) -> None:
        """After a hedge such as "possible", the rest of the sentence is only possible."""
        self.mark(range(i, next_of(self.tokens, i + 1, SENTENCE)), POSSIBLE, i)
        start = clause_start(self.tokens, i)
        modal = self.tokens[i].norm.split()[0] in ("may", "might", "could")
        if modal and not any(t.role == "finding" for t in self.tokens[start:i]):
            self.mark(range(start, i), POSSIBLE, i)  # "the left lower lobe may be involved"

    def was_possible(self, i: int) -> None:
        """The clause of a hedge that comes after its finding, such as "cannot be excluded", is only possible."""
        self.mark(range(clause_start(self.tokens, i), next_of(self.tokens, i + 1, (*SENTENCE, "comma"))), POSSIBLE, i)

    def question(self, i: int) -> None:
        """A question is only possible: "left lower lobe pneumonia?" """
        if self.tokens[i].norm == "?":
            start = i
            while start > 0 and self.tokens[start - 1].role not in ("stop",):
                start -= 1
            self.mark(range(start, i), POSSIBLE, i)

    def either(self, i: int) -> None:
        """An alternative is only possible: "either atelectasis or pneumonia"; but "in either lung" means both."""
        end = next_of(self.tokens, i + 1, SENTENCE)
        if self.tokens[i].norm == "either" and any(t.role == "or" for t in self.tokens[i:end]):
            self.mark(range(i, end), POSSIBLE, i)

    def denial(self, i: int) -> None:
        """After "no" and the like, findings are denied up to `denial_end`; so is the place before it."""
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
            denies_finding = any(t.role == "finding" for t in tokens[i:end])
            denies_finding |= not any(t.role in NOUNS for t in tokens[i:end])
            self.mark(range(start, i), DENIED if denies_finding else POSSIBLE, i)

    def clear(self, i: int) -> None:
        """What "clear" or "resolved" describes is denied."""
        tokens = self.tokens
        if self.states[i] == POSSIBLE:
            return
        start = clause_start(tokens, i)
        before = tokens[start:i]
        has_subject = any(t.role in CONTENT or t.role in NOUNS for t in before)
        if tokens[i].value == "gone" and not has_subject and start and tokens[start - 1].role in ("comma", "now"):
            self.mark(range(clause_start(tokens, max(start - 1, 0)), i + 1), DENIED, i)  # "left opacity, now resolved"
            return
        # "the left lung is clear", but "clear lungs"
        if has_subject:
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
