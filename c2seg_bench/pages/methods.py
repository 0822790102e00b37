"""The page docs/methods.md: the card of each method, with its paper, its differences from it, and its options."""

from __future__ import annotations

import inspect
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from baselines import registry
from c2seg_bench.files import atomic

PAGE = """# The methods

This page has the card of each method, with its differences from the paper or the official code.
`c2seg-bench models NAME` shows one card, `c2seg-bench models --cards {out}` writes this page. Options are set in a
suite: `{{name: lvit, options: {{tokens: 20}}}}`. [params.md](params.md) has the parameters, and explains the published
counts.

{cards}
"""


def card_of(name: str) -> dict[str, Any]:
    """Everything that is known of a method.

    Returns:
        The fields of `Card`; `summary`, the first paragraph of the class's docstring; `official_recipe` and
        `official_pretraining`; and `options`, the meaning of each and its value at each size.

    Raises:
        InputError: an unknown method; the message names the known ones.
    """
    method = registry.get(name)
    docstring = inspect.getdoc(method) or ""
    values = {size: registry.options(name, size) for size in method.sizes}
    meanings = _meanings(docstring)
    options = {
        option: {"meaning": meanings.get(option, ""), **{size: values[size][option] for size in values}}
        for option in values["paper"]
    }
    summary = docstring.split("\n\n")[0].replace("\n", " ")
    recipes = {key: dict(getattr(method, key)) for key in ("official_recipe", "official_pretraining")}
    return {**asdict(method.card), "summary": summary, **recipes, "options": options}


def _meanings(docstring: str) -> dict[str, str]:
    """Argument -> its description in the section `Args:`; names before the same colon share it."""
    section = re.search(r"^Args:\n((?: {4}.*\n?)+)", docstring, re.MULTILINE)
    entries = re.findall(r"^ {4}(\S[^:\n]*): (.*(?:\n {8}.*)*)", section[1] if section else "", re.MULTILINE)
    return {name: " ".join(sentence.split()) for names, sentence in entries for name in names.split(", ")}


def markdown(name: str) -> str:
    """The card as a section of a page."""
    card = card_of(name)
    reads = "reads the prompt" if card["uses_text"] else "does not read the prompt"
    lines = [f"## {card['title']} (`{name}`)", ""]
    lines += [f"{card['summary']} {card['venue']} {card['year']}, {card['link']}; {reads}."]
    for key, title in (("official_recipe", "Recipe official"), ("official_pretraining", "Its pretraining")):
        if card[key]:
            lines[-1] += f" {title}: {', '.join(f'{name} {_printed(value)}' for name, value in card[key].items())}."
    if card["deviations"]:
        lines += ["", "Differences:", "", *(f"- {sentence}" for sentence in card["deviations"])]
    if card["options"]:
        sizes = [key for key in next(iter(card["options"].values())) if key != "meaning"]
        lines += ["", f"| Option | {' | '.join(sizes)} | Meaning |", f"| --- |{' --- |' * len(sizes)} --- |"]
        for option, values in card["options"].items():
            cells = [f"`{option}`", *(_printed(values[size]) for size in sizes), values["meaning"]]
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def write_cards(out: Path) -> None:
    """All cards as one page, in the order of their names."""
    page = PAGE.format(out=out, cards="\n\n".join(markdown(name) for name in registry.names()))
    with atomic(out) as temporary:
        temporary.write_text(page, encoding="utf-8")


def _printed(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
