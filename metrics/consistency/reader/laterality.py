"""The laterality of a text and the cells that it leaves open, from its places, its words for sides and its count."""

from __future__ import annotations

from metrics.consistency.reader.ontology import Ontology
from metrics.consistency.reader.places import Places
from metrics.consistency.reader.roles import PLACE
from metrics.consistency.reader.text_count import TextCount
from metrics.consistency.reader.tokens import Token


def laterality_of(
    tokens: list[Token], stated: list[bool], places: Places, count: TextCount, ontology: Ontology
) -> tuple[str | None, list[str]]:
    """The laterality, None if there is none or the ontology has no axis of sides; and its contradictions.

    Args:
        tokens, stated: of the text.
        places: that it states.
        count: that it states; "one lung" says that it is one-sided.
        ontology: of the text.
    """
    if not ontology.laterality:
        return None, []
    kinds = {t.value for t, is_stated in zip(tokens, stated, strict=True) if is_stated and t.role == "laterality"}
    kinds |= {count.sides} if count.sides and not places.sides else set()
    if len(kinds) > 1:
        return None, ["bilateral and unilateral"]
    kind = next(iter(kinds), None)
    named = "bilateral" if len(places.sides) == 2 else next(iter(places.sides), None)
    if kind == "unilateral" and named == "bilateral":
        return None, ["unilateral, but left and right are named"]
    if kind == "bilateral" and named in ("left", "right") and not places.partial:
        return None, [f"bilateral, but only {named} is named"]
    has_conflict = any(phrase.conflict for phrase in places.unread)
    if kind == "bilateral" or (named in ("left", "right") and places.partial and (has_conflict or kind is None)):
        return kind, []  # not all places were read or named, so the named side may not be the only one
    return named or kind, []


def names_main_place_only(tokens: list[Token], stated: list[bool]) -> bool:
    """Whether the named place is only the main one: "predominantly in the right lower lobe", "greater on the right".

    A comparison ("right larger than left") names both sides.
    """
    has_mostly = has_place = has_comparison = False
    for token, is_stated in [*zip(tokens, stated, strict=True), (None, False)]:
        if token is None or token.role == "stop":
            if has_mostly and has_place and not has_comparison:
                return True
            has_mostly = has_place = has_comparison = False
            continue
        has_mostly |= is_stated and token.role == "mostly"
        has_place |= is_stated and token.role in PLACE and token.role not in ("both", "whole")
        has_comparison |= token.role == "than" or token.norm.endswith("than")
    return False


def open_cells(places: Places, ontology: Ontology) -> tuple[str, ...]:
    """Cells that the text leaves open although it names others, see `Findings.open`."""
    if not places.cells:
        return ()
    if places.partial:
        return tuple(sorted(set(ontology.cells) - places.cells))
    return tuple(sorted(c for c in ontology.cells if c.split("-")[1] in places.open_sides and c not in places.cells))
