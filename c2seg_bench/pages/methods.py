"""A method's card for people: where it comes from, what differs from the paper, which options it takes."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

PAGE = """# The methods

What each method here is, and what differs from its paper or official code, from the methods' own cards:
`c2seg-bench models NAME` shows one, `c2seg-bench models --cards {out}` writes all. Options go into a suite, as in
`{{name: lvit, options: {{tokens: 20}}}}`. Parameters, and what the published counts are: [params.md](params.md).

{cards}
"""


def about(name: str) -> dict[str, Any]:
    """The card as a dictionary: the fields of `Card`, the class' summary, its official recipe, and `options`: for each
    what it means and its value by size.

    Raises:
        InputError: an unknown method, with those there are.
    """
    from dataclasses import asdict

    from baselines import registry
    from baselines.registry import get

    method = get(name)
    documented, sizes = inspect.getdoc(method) or "", {size: registry.options(name, size) for size in method.sizes}
    meanings = _meanings(documented)
    options = {
        option: {"meaning": meanings.get(option, ""), **{size: values[option] for size, values in sizes.items()}}
        for option in sizes["paper"]
    }
    summary = documented.split("\n\n")[0].replace("\n", " ")
    official = dict(method.official_recipe)
    return {**asdict(method.card), "summary": summary, "official_recipe": official, "options": options}


def _meanings(documented: str) -> dict[str, str]:
    """Argument -> what the section `Args:` of a docstring says of it; names before one colon share the sentence."""
    section = re.search(r"^Args:\n((?: {4}.*\n?)+)", documented, re.MULTILINE)
    entries = re.findall(r"^ {4}(\S[^:\n]*): (.*(?:\n {8}.*)*)", section[1] if section else "", re.MULTILINE)
    return {name: " ".join(words.split()) for names, words in entries for name in names.split(", ")}


def markdown(name: str) -> str:
    """The card as a section of a page."""
    card = about(name)
    reads = "reads the prompt" if card["uses_text"] else "does not read the prompt"
    lines = [f"## {card['title']} (`{name}`)", ""]
    lines += [f"{card['summary']} {card['venue']} {card['year']}, {card['link']}; {reads}."]
    if card["official_recipe"]:
        recipe = ", ".join(f"{key} {_shown(value)}" for key, value in card["official_recipe"].items())
        lines[-1] += f" Recipe official: {recipe}."
    if card["deviations"]:
        lines += ["", "What differs:", "", *(f"- {sentence}" for sentence in card["deviations"])]
    if card["options"]:
        sizes = [key for key in next(iter(card["options"].values())) if key != "meaning"]
        lines += ["", f"| Option | {' | '.join(sizes)} | Meaning |", f"| --- |{' --- |' * len(sizes)} --- |"]
        for option, known in card["options"].items():
            cells = [f"`{option}`", *(_shown(known[size]) for size in sizes), known["meaning"]]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def write_cards(out: Path) -> None:
    """All cards as one page, in the order of their names."""
    from baselines.registry import names
    from c2seg_bench.files import atomic

    with atomic(out) as temporary:
        page = PAGE.format(out=out, cards="\n\n".join(markdown(name) for name in names()))
        temporary.write_text(page, encoding="utf-8")


def _shown(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
