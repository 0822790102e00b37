"""c2seg-bench perturb"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

MOST_LETTERS = 1000  # in a text that is compared letter by letter


def perturb(
    text: Annotated[str | None, typer.Argument(help="One prompt.")] = None,
    family: Annotated[str | None, typer.Option(help="Family of noise; --list names them. Default: all.")] = None,
    severity: Annotated[int, typer.Option(help="1 (a careful typist) to 5 (stress).")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the noise.")] = 0,
    file: Annotated[Path | None, typer.Option(help="File with a prompt per line; - is stdin.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Print the families, one per line, name first.")] = False,
    page: Annotated[Path | None, typer.Option(help="Write the page of all families, measured on --file.")] = None,
    ontology: Annotated[str, typer.Option(help="How --page reads prompts: chest or colonoscopy.")] = "chest",
    as_json: Annotated[bool, typer.Option("--json", help="JSON objects instead of plain lines.")] = False,
) -> None:
    """Print noisy prompts, one per line. They depend on prompt and seed, not on the order.

    A TEXT without --family is shown under all families: added parts in red, removed parts struck through; without
    colours as {+added+} and [-removed-].

    Example: c2seg-bench perturb --family keyboard --severity 3 --seed 1 "Unilateral infection, one infected area"
    """
    from c2seg_bench.cli.light import import_spacy_without_torch
    from c2seg_bench.cli.lines import prompts_from
    from c2seg_bench.cli.out import check_out
    from c2seg_bench.errors import InputError
    from c2seg_bench.stress.family import FAMILIES

    import_spacy_without_torch()
    if list_:
        show_families(as_json)
        return
    if family is None and page is None and (file is not None or text is None or as_json):
        raise InputError("--family: none given; c2seg-bench perturb --list prints them")
    if family is not None:
        FAMILIES[family]  # an unknown name is an error before the prompts are read
    if severity not in range(1, 6):
        raise InputError(f"--severity {severity}: give 1 to 5")
    if page is not None:
        check_out("--page", page, ".md", (file,))
    prompts = prompts_from(text, file, "perturb")
    if page is not None:
        if not prompts:
            raise InputError(f"--file {file}: has no prompt; the page needs some to measure on")
        write_page(page, prompts, ontology, str(file or "TEXT"))
    elif family is not None:
        print_noisy(family, prompts, severity, seed, as_json)
    else:
        show_under_all_families(prompts[0], severity, seed)


def print_noisy(family: str, prompts: list[str], severity: int, seed: int, as_json: bool) -> None:
    """One noisy prompt per line; control characters are visible on a terminal and unchanged in a pipe."""
    import json
    import sys

    from c2seg_bench.terminal.visible import visible

    shown = visible if sys.stdout.isatty() else str
    pool = sorted(set(prompts))
    for prompt in prompts:
        row = noisy(family, prompt, severity, seed, pool)
        print(json.dumps(row, ensure_ascii=False) if as_json else shown(row["prompt"]))


def show_under_all_families(prompt: str, severity: int, seed: int) -> None:
    """The prompt, and below it one line per family, grouped by kind."""
    from c2seg_bench.stress.family import FAMILIES, KINDS
    from c2seg_bench.terminal.visible import visible

    print(f"{'':25}{visible(prompt)}")
    for name in sorted(FAMILIES, key=lambda n: (KINDS.index(FAMILIES[n].kind), n)):
        show(noisy(name, prompt, severity, seed, [prompt]))


def show_families(as_json: bool) -> None:
    """Print one line per family."""
    import json

    from c2seg_bench.stress.family import FAMILIES

    for name, family in sorted(FAMILIES.items()):
        row = {"name": name, "kind": family.kind, "description": family.description, "example": family.example}
        print(json.dumps(row) if as_json else f"{name:16} {family.kind:8} {family.description}")


def noisy(name: str, prompt: str, severity: int, seed: int, pool: list[str]) -> dict[str, Any]:
    """One prompt under one family, as the object that `--json` prints."""
    from random import Random

    from c2seg_bench.seeding import seed as named_seed
    from c2seg_bench.stress import FAMILIES
    from c2seg_bench.stress.edit_distance import levenshtein

    noisy_prompt = FAMILIES[name].perturb(prompt, severity, Random(named_seed(seed, name, severity, prompt)), pool)
    return {
        "clean": prompt,
        "prompt": noisy_prompt,
        "family": name,
        "severity": severity,
        "changed": noisy_prompt != prompt,
        "distance": levenshtein(prompt, noisy_prompt),
    }


def show(row: dict[str, Any]) -> None:
    """Print the family's name and the noisy prompt, with added and removed parts marked."""
    from rich.console import Console
    from rich.text import Text

    from c2seg_bench.stress import FAMILIES
    from c2seg_bench.terminal.visible import visible

    console = Console(soft_wrap=True, highlight=False)
    line = Text(f"{FAMILIES[row['family']].kind:8} {row['family']:15} ", style="dim")
    for what, part in edits(row["clean"], row["prompt"]):
        if console.color_system is None:
            part = {"added": f"{{+{part}+}}", "removed": f"[-{part}-]"}.get(what, part)
        line.append(visible(part), style={"added": "not dim bold red", "removed": "red strike"}.get(what, "not dim"))
    if not row["changed"]:
        line.append(" (unchanged)")
    console.print(line)


def edits(clean: str, noisy: str) -> list[tuple[str, str]]:
    """(kind, part) of the two texts in order: "kept" in both, "removed" from the first, or "added" in the second."""
    import re
    from difflib import SequenceMatcher

    # letter by letter takes the square of the length, so long texts are compared word by word
    by_letter = max(len(clean), len(noisy)) <= MOST_LETTERS
    a, b = (list(t) if by_letter else re.findall(r"\s+|\S+", t) for t in (clean, noisy))
    parts = []
    for what, a0, a1, b0, b1 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if what == "equal":
            parts.append(("kept", "".join(a[a0:a1])))
        else:
            both = (("removed", "".join(a[a0:a1])), ("added", "".join(b[b0:b1])))
            parts += [(kind, part) for kind, part in both if part]
    return parts


def write_page(out: Path, prompts: list[str], ontology: str, source: str) -> None:
    from c2seg_bench.files import atomic
    from c2seg_bench.pages.stress import page

    with atomic(out) as temporary:
        temporary.write_text(page(prompts, ontology, source), encoding="utf-8")
    print(out)
