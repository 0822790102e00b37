"""Whether prompts go with the ontology that reads them."""

from __future__ import annotations

from collections.abc import Sequence

MOST_SILENT = 0.5  # share of the prompts that may state nothing without a word about it
SAMPLE = 300  # distinct prompts that are read, evenly spaced


def misfit(prompts: Sequence[str], ontology: str) -> str | None:
    """What is wrong where most prompts state nothing in the ontology, and which other one reads them; None: they fit.

    Args:
        prompts: of a dataset.
        ontology: name, or a JSON file.
    """
    from metrics.consistency.reader.ontology import ontologies

    distinct = sorted(set(prompts))
    sample = [distinct[i * len(distinct) // SAMPLE] for i in range(SAMPLE)] if len(distinct) > SAMPLE else distinct
    silent = silent_share(sample, ontology)
    if not sample or silent <= MOST_SILENT:
        return None
    line = f"{silent:.0%} of the prompts state nothing in ontology {ontology}, such as {sample[0][:60]!r}"
    others = {name: silent_share(sample, name) for name in ontologies() if name != ontology}
    best = min(others, key=lambda name: others[name], default=None)
    if best is not None and others[best] <= MOST_SILENT:
        return f"{line}; {1 - others[best]:.0%} state something in {best}: choose that ontology"
    return f"{line}; whether masks follow such prompts cannot be judged: give an ontology of your own, or other prompts"


def silent_share(prompts: Sequence[str], ontology: str) -> float:
    """Share of the prompts that state no number, side, place or absence; 0 of none."""
    from metrics.consistency import parse

    silent = sum(parse(prompt, ontology).states_nothing for prompt in prompts)
    return silent / max(1, len(prompts))
