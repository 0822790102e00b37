"""c2seg-bench perturb"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def perturb(
    text: Annotated[str | None, typer.Argument(help="One prompt.")] = None,
    family: Annotated[str | None, typer.Option(help="Family of noise; --list names them.")] = None,
    severity: Annotated[int, typer.Option(help="1 (a careful typist) to 5 (stress).")] = 1,
    seed: Annotated[int, typer.Option(help="Another seed, another noise.")] = 0,
    file: Annotated[Path | None, typer.Option(help="A prompt per line; - is stdin.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="The families, one per line, name first.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON objects instead of plain lines.")] = False,
) -> None:
    """Noisy prompts, one per line, the same for the same seed whatever the order.

    Example: c2seg-bench perturb --family keyboard --severity 3 --seed 1 "Unilateral infection, one infected area"
    """
    import json
    from random import Random

    from c2seg_bench.cli.lines import prompts_from
    from c2seg_bench.errors import InputError
    from c2seg_bench.seeding import seed as named_seed
    from c2seg_bench.stress import FAMILIES
    from c2seg_bench.stress.apply import levenshtein

    if list_:
        for name, found in sorted(FAMILIES.items()):
            about = {"name": name, "kind": found.kind, "description": found.description, "example": found.example}
            print(json.dumps(about) if as_json else f"{name:16} {found.kind:8} {found.description}")
        return
    if family is None:
        raise InputError("--family: none given; c2seg-bench perturb --list names them")
    chosen = FAMILIES[family]
    prompts = prompts_from(text, file, "perturb")
    pool = sorted(set(prompts))
    for prompt in prompts:
        noisy = chosen.perturb(prompt, severity, Random(named_seed(seed, family, severity, prompt)), pool)
        noisy_about: dict[str, Any] = {
            "clean": prompt,
            "prompt": noisy,
            "family": family,
            "severity": severity,
            "changed": noisy != prompt,
            "distance": levenshtein(prompt, noisy),
        }
        print(json.dumps(noisy_about, ensure_ascii=False) if as_json else noisy)
