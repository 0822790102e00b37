"""The same findings in a radiologist's vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from c2seg_bench.stress.family import family
from c2seg_bench.stress.phrases import phrase_pattern, stands_alone
from c2seg_bench.stress.severity import phrases_to_edit
from c2seg_bench.stress.wording import match_case

# no synonym adds a finding or a grade: a small polyp need not be diminutive, an infection is not an opacification
SYNONYMS = (
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
SYNONYMS_OF = dict(SYNONYMS)
PATTERN = phrase_pattern(SYNONYMS_OF)


@family(
    "clinical",
    "kept",
    "phrases as a radiologist would word them",
    "Bilateral pneumonia, two affected areas, superior zone of the left lung and lower right lung",
    "every finding, in other words",
)
def clinical(text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
    """Rewords four times the severity's share of the phrases: all of them at 5."""
    matches = [match for match in PATTERN.finditer(text) if stands_alone(match)]
    # the second draw picks the synonym; it is made for every phrase, so a phrase keeps its synonym at any severity
    keys = sorted((random.random(), random.random(), i) for i in range(len(matches)))
    synonym_draw = {i: v for _, v, i in keys[: phrases_to_edit(len(matches), severity)]}
    parts, end = [], 0
    for i, match in enumerate(matches):
        new = match.group()
        if i in synonym_draw:
            synonyms = SYNONYMS_OF[match.group().lower()]
            new = match_case(synonyms[int(synonym_draw[i] * len(synonyms))], match.group())
        parts += [text[end : match.start()], new]
        end = match.end()
    return "".join(parts) + text[end:]
