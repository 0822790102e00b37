"""How an ontology reads a table of prompts, and which words it lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from metrics.consistency import Findings, parse
from metrics.consistency.reader.coverage import coverage
from metrics.consistency.reader.ontology import load_ontology
from metrics.consistency.reader.tokens import read_tokens

EXAMPLES = 5  # prompts listed of each kind


@dataclass(frozen=True)
class Reading:
    """How a list of prompts is read. Counts are numbers of prompts, repetitions included.

    Args:
        shares: of prompts that state each axis; see `coverage`.
        unknown_words: words without a role in the ontology -> count, the most frequent first.
        corrections: "as written -> as read" of misspelled words -> count.
        left_out: reason why words were not read -> count.
        silent: a few prompts that state nothing.
        contradictory: a few prompts that contradict themselves.
    """

    shares: dict[str, Any]
    unknown_words: dict[str, int]
    corrections: dict[str, int]
    left_out: dict[str, int]
    silent: list[str]
    contradictory: list[str]

    def to_json(self) -> dict[str, Any]:
        """Plain dicts and lists."""
        return asdict(self)


def read_all(prompts: Sequence[str], ontology: str) -> Reading:
    """How the prompts are read; each distinct one is read once.

    Args:
        prompts: texts.
        ontology: name, or a JSON file.

    Raises:
        InputError: there is no such ontology, or the file is wrong.
    """
    plain = load_ontology(ontology).plain
    count_of_prompt = Counter(prompts)
    unknown, corrections, left_out = Counter[str](), Counter[str](), Counter[str]()
    findings: dict[str, Findings] = {}
    for prompt, times in count_of_prompt.items():
        findings[prompt] = read = parse(prompt, ontology)
        for word in {t.norm for t in read_tokens(prompt, ontology)[0] if not t.role and t.norm.isalpha()} - plain:
            unknown[word] += times
        for written, corrected in set(read.corrections):
            corrections[f"{written} -> {corrected}"] += times
        for reason in {omission.why for omission in read.left_out}:
            left_out[reason] += times
    return Reading(
        coverage([findings[prompt] for prompt in prompts]),
        unknown_words=dict(unknown.most_common()),
        corrections=dict(corrections.most_common()),
        left_out=dict(left_out.most_common()),
        silent=[p for p in count_of_prompt if findings[p].states_nothing and p.strip()][:EXAMPLES],
        contradictory=[p for p in count_of_prompt if findings[p].conflicts][:EXAMPLES],
    )
