"""The same findings as another author would write them: order, vocabulary, brevity, and what is beside the point."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import SHARES, family
from c2seg_bench.stress.grammar import DENIAL, LOOSE_AND, LOOSE_COMMA, like, phrases, stands_alone, uncapital

# no wording that adds a finding or a grade: a small polyp need not be diminutive, an infection no opacification
CLINICAL = (
    ("pulmonary infection", ("pneumonia", "infection of the lung parenchyma")),
    ("infected areas", ("affected areas", "areas of infection")),
    ("infected area", ("affected area", "area of infection")),
    ("upper left lung", ("superior zone of the left lung", "upper zone of the left lung")),
    ("lower left lung", ("inferior zone of the left lung", "lower zone of the left lung")),
    ("middle left lung", ("mid zone of the left lung",)),
    ("upper right lung", ("superior zone of the right lung", "upper zone of the right lung")),
    ("lower right lung", ("inferior zone of the right lung", "lower zone of the right lung")),
    ("middle right lung", ("mid zone of the right lung",)),
    ("all left lung", ("the entire left lung",)),
    ("all right lung", ("the entire right lung",)),
    ("one", ("a single",)),
    ("located in", ("situated in", "visible in")),
    ("polyp", ("polypoid lesion",)),
    ("small", ("small-sized",)),
    ("large", ("large-sized",)),
    ("of the image", ("of the endoscopic view",)),
)
WORDS = dict(CLINICAL)
PATTERN = phrases(WORDS)

ASIDES = {
    "chest": (
        "Patient with fever and cough.",
        "Portable AP view.",
        "Heart size is normal.",
        "No pleural effusion.",
        "Central venous line in place.",
        "No rib fracture.",
        "Mediastinum is not widened.",
        "Image quality is good.",
    ),
    "polyp": (
        "Adequate bowel preparation.",
        "Seen on withdrawal.",
        "White light endoscopy.",
        "No bleeding.",
        "Some residual fluid.",
        "Patient aged over fifty.",
        "Vascular pattern is regular.",
        "Good insufflation.",
    ),
}
LONG_WORD = re.compile(r"[a-z]{5,}")
DROPPED = re.compile(
    r"\s*\b(?:pulmonary|infected(?=\s+(?:areas?|regions?)\b)|involving|with involvement of|the|of the image|located in"
    rf"|of|affecting)\b|{LOOSE_AND}|{LOOSE_COMMA}(?=\s)|\.$",
    re.IGNORECASE,
)


@family(
    "clinical",
    "kept",
    "phrases as a radiologist would word them",
    "Bilateral pneumonia, two affected areas, superior zone of the left lung and lower right lung",
    "every finding, in other words",
)
def clinical(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """The share of reworded phrases is four times the severity's share: at 5 all of them are."""
    found = [match for match in PATTERN.finditer(text) if stands_alone(match)]
    count = min(len(found), max(1, round(4 * SHARES[severity] * len(found))))
    keys = sorted((random.random(), random.random(), i) for i in range(len(found)))[:count]
    chosen = {i: v for _, v, i in keys}
    parts, end = [], 0
    for i, match in enumerate(found):
        words = WORDS[match.group().lower()]
        new = like(words[int(chosen[i] * len(words))], match.group()) if i in chosen else match.group()
        parts += [text[end : match.start()], new]
        end = match.end()
    return "".join(parts) + text[end:]


@family(
    "context",
    "kept",
    "sentences that are beside the point",
    "Portable AP view. Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung",
    "every word of the prompt",
)
def context(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """As many sentences as the severity says, before and after; none that denies what the prompt speaks of."""
    if not text.strip():
        return text
    spoken = set(LONG_WORD.findall(text.lower()))
    known = ASIDES["polyp" if "polyp" in text.lower() else "chest"]
    asides = [a for a in known if not a.startswith("No ") or spoken.isdisjoint(LONG_WORD.findall(a.lower()))]
    out = text
    for aside in random.sample(asides, len(asides))[:severity]:
        before = random.random() < 0.5
        end = "" if out.rstrip().endswith((".", "!", "?")) else "."
        out = f"{aside} {out}" if before else f"{out.rstrip()}{end} {aside}"
    return out


@family(
    "telegraphic",
    "kept",
    "words and signs left out that a note can do without",
    "Bilateral infection, two areas, upper left lung lower right lung",
    "every finding",
)
def telegraphic(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """The share of what is left out is four times the severity's share: at 5 all of it is."""
    denied = DENIAL.search(text)  # a comma ends what is denied
    found = [match for match in DROPPED.finditer(text) if not (denied and match.group() == ",")]
    count = min(len(found), max(1, round(4 * SHARES[severity] * len(found))))
    chosen = {i for _, i in sorted((random.random(), i) for i in range(len(found)))[:count]}
    parts, end = [], 0
    for i, match in enumerate(found):
        parts.append(text[end : match.start()] if i in chosen else text[end : match.end()])
        end = match.end()
    return "".join(parts + [text[end:]]).strip() if found else text


@family(
    "reorder",
    "kept",
    "clauses in another order",
    "Two infected areas, upper left lung and lower right lung, bilateral pulmonary infection",
    "every word",
    graded=False,
)
def reorder(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """The clauses between commas, or around "involving", shuffled until their order is another."""
    dot = "." if text.rstrip().endswith(".") else ""
    body = text.rstrip().removesuffix(".")
    if "located in" in body:  # the places of a polyp are a list of their own
        what, _, where = body.partition(" located in ")
        return like(f"located in {where}, {uncapital(what.rstrip(','))}{dot}", text) if what and where else text
    clauses = re.split(r",\s*|\s+(?=involving\b)|\s+(?=with involvement\b)|\s+(?=affecting\b)", body)
    if len(set(clauses)) < 2:
        return text
    order = list(range(len(clauses)))
    while order == sorted(order):
        random.shuffle(order)
    found = [clauses[i] for i in order]
    return like(", ".join(uncapital(c) for c in found), text) + dot
