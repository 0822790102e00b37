"""The page docs/stress.md: each family of noise, how much it edits, and how often the reader reads the same."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from random import Random
from typing import Any

from c2seg_bench.seeding import seed
from c2seg_bench.stress.edit_distance import levenshtein
from c2seg_bench.stress.family import FAMILIES, Family

KINDS = {
    "kept": ("Meaning kept", "The mask should stay."),
    "missing": (
        "Findings missing",
        "The mask should fall back gracefully, not below what the method does without text.",
    ),
    "changed": ("Meaning changed", "The mask should follow the edited words; reported as adherence, never as a drop."),
}
TEMPLATE = Path(__file__).parent / "stress.md.j2"


def measure(prompts: list[str], ontology: str) -> list[dict[str, Any]]:
    """One row per family and severity, over the distinct prompts.

    Returns:
        `family`, `severity`; `changed`, share of prompts; `words`, words replaced, inserted and deleted as a share of
        the clean prompt's words (above 1 if sentences are added), and `distance`, letters edited, both means over all
        prompts; and `same`, the share of changed prompts that the reader reads like the clean ones (nan of none).
    """
    prompts = sorted(set(prompts))
    rows = []
    for name, family in sorted(FAMILIES.items()):
        for severity in family.sweep(range(1, 6)):
            pairs = [(text, noise(family, severity, text, prompts)) for text in prompts]
            rows.append({"family": name, "severity": severity, **compared(pairs, ontology)})
    return rows


def compared(pairs: list[tuple[str, str]], ontology: str) -> dict[str, float]:
    """The numbers of `measure` for clean prompts and their noisy forms."""
    from metrics.consistency import parse

    changed = [(a, b) for a, b in pairs if a != b]
    same = sum(parse(a, ontology).reading == parse(b, ontology).reading for a, b in changed)
    return {
        "changed": len(changed) / len(pairs),
        "words": sum(word_edits(a, b) / max(1, len(a.split())) for a, b in changed) / len(pairs),
        "distance": sum(levenshtein(a, b) for a, b in changed) / len(pairs),
        "same": same / len(changed) if changed else float("nan"),
    }


def word_edits(clean: str, noisy: str) -> int:
    """The fewest words replaced, inserted and deleted that turn one text into the other."""
    codes: dict[str, str] = {}
    first, second = ("".join(codes.setdefault(w, chr(len(codes) + 1)) for w in t.split()) for t in (clean, noisy))
    return levenshtein(first, second)


def noise(family: Family, severity: int, text: str, pool: list[str]) -> str:
    """The noisy prompt that `c2seg-bench perturb --seed 0` prints."""
    return family.perturb(text, severity, Random(seed(0, family.name, severity, text)), pool)


def page(prompts: list[str], ontology: str, source: str) -> str:
    """docs/stress.md: every family with an example, how much it edits and how often it reads the same."""
    from jinja2 import Environment, StrictUndefined

    rows = measure(prompts, ontology)
    groups = [(*KINDS[kind], [line(f, rows) for _, f in sorted(FAMILIES.items()) if f.kind == kind]) for kind in KINDS]
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, autoescape=False)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(groups=groups, families=len(FAMILIES), prompts=len(set(prompts)), source=source)


def line(family: Family, rows: list[dict[str, Any]]) -> str:
    """One family as a line of a Markdown table."""
    own = [r for r in rows if r["family"] == family.name]
    by_severity = [
        column(own, "changed", 2),
        column(own, "words", 2),
        column(own, "distance", 1),
        column(own, "same", 2),
    ]
    example = (family.example or "(nothing)").replace("|", "\\|")
    name = f"`{family.name}`: {family.description}"
    return f"| {' | '.join([name, example, family.preserves, *by_severity])} |"


def column(rows: list[dict[str, Any]], name: str, digits: int) -> str:
    """A number by severity; a dash where it is undefined."""
    return ", ".join("–" if isnan(row[name]) else f"{row[name]:.{digits}f}" for row in rows)
