"""What the families of noise do: examples, realised edit distance, and how often the reader still reads the same."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from c2seg_bench.seeding import seed
from c2seg_bench.stress.apply import levenshtein
from c2seg_bench.stress.family import FAMILIES, Family

KINDS = {
    "kept": ("Meaning kept", "The mask should stay."),
    "missing": (
        "Findings missing",
        "The mask should fall back gracefully, not below what the method does without text.",
    ),
    "changed": ("Meaning changed", "The mask should follow the edited words; reported as adherence, never as a drop."),
}
TEMPLATE = Path(__file__).parents[1] / "stress.md.j2"


def measure(prompts: list[str], ontology: str) -> list[dict[str, Any]]:
    """One row per family and severity over the distinct prompts: `distance` (mean Levenshtein, letters), `changed`
    (share of prompts), and `same`, the share of noisy prompts that the reader reads as it reads the clean one."""
    from metrics.consistency import parse

    prompts = pool = sorted(set(prompts))
    rows = []
    for name, found in sorted(FAMILIES.items()):
        for severity in found.sweep(range(1, 6)):
            noisy = [noise(found, severity, text, pool) for text in prompts]
            distances = [levenshtein(a, b) for a, b in zip(prompts, noisy, strict=True)]
            same = [
                parse(a, ontology).reading == parse(b, ontology).reading for a, b in zip(prompts, noisy, strict=True)
            ]
            rows.append(
                {
                    "family": name,
                    "severity": severity,
                    "distance": sum(distances) / len(prompts),
                    "changed": sum(a != b for a, b in zip(prompts, noisy, strict=True)) / len(prompts),
                    "same": sum(same) / len(prompts),
                }
            )
    return rows


def noise(family: Family, severity: int, text: str, pool: list[str]) -> str:
    """The noisy prompt that `c2seg-bench perturb --seed 0` prints."""
    return family.perturb(text, severity, Random(seed(0, family.name, severity, text)), pool)


def page(prompts: list[str], ontology: str, source: str) -> str:
    """docs/stress.md: every family with an example, its edit distance and how often it reads the same."""
    from jinja2 import Environment, StrictUndefined

    rows = measure(prompts, ontology)
    groups = [(*KINDS[kind], [line(f, rows) for _, f in sorted(FAMILIES.items()) if f.kind == kind]) for kind in KINDS]
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, autoescape=False)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(groups=groups, families=len(FAMILIES), prompts=len(set(prompts)), source=source)


def line(found: Family, rows: list[dict[str, Any]]) -> str:
    """One family as a line of a Markdown table."""
    own = [r for r in rows if r["family"] == found.name]
    distance = ", ".join(f"{r['distance']:.1f}" for r in own)
    same = ", ".join(f"{r['same']:.2f}" for r in own)
    example = (found.example or "(nothing)").replace("|", "\\|")
    return f"| `{found.name}`: {found.description} | {example} | {found.preserves} | {distance} | {same} |"
