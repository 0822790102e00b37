"""The definition of a family of prompt noise, and the registry of all families."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

from baselines.plugins import Registry
from c2seg_bench.errors import InputError
from c2seg_bench.stress.severity import SHARES

Kind = Literal["kept", "missing", "changed"]
KINDS = get_args(Kind)
Perturb = Callable[[str, int, Random, Sequence[str]], str]


@dataclass(frozen=True)
class Family:
    """One way in which prompts go wrong.

    Args:
        name: in suites and on the command line.
        kind: "kept" (the meaning stays, so the mask should), "missing" (findings are left out), "changed" (the meaning
            changes, and the mask should follow). The three are never averaged together.
        description: one line.
        example: a prompt of this family made from "Bilateral pulmonary infection, two infected areas, upper left lung
            and lower right lung".
        preserves: what a reader can still learn from the prompt.
        graded: whether severities differ; otherwise the family is run once, as severity 1.
        axis: for kind "changed", the axis of the consistency metric whose statement changes, on which adherence is
            measured; "" for other kinds.
        function: (text, severity, random, pool) -> text.
    """

    name: str
    kind: Kind
    description: str
    example: str
    preserves: str
    graded: bool
    function: Perturb
    axis: str = ""

    def perturb(self, text: str, severity: int, random: Random, pool: Sequence[str] = ()) -> str:
        """The noisy prompt, which depends only on the arguments.

        Args:
            text: the clean prompt, any text, even an empty one.
            severity: 1 (a careful typist) to 5 (stress). Families that edit words edit 5, 10, 15, 20, 25 % of them,
                at least one if possible; the docstrings of other families say what it means.
            random: the only source of randomness.
            pool: other prompts, for the families that borrow from them.

        Raises:
            InputError: the severity is not 1 to 5.
        """
        if severity not in SHARES:
            raise InputError(f"severity {severity}: out of range; take 1 to 5")
        return self.function(text, severity, random, pool)

    def judged_on(self, ontology: str) -> str:
        """`axis`, or "position" instead of "laterality" under an ontology in which sides are only part of a place."""
        from metrics.consistency.reader.ontology import load_ontology

        return "position" if self.axis == "laterality" and not load_ontology(ontology).laterality else self.axis

    def sweep(self, severities: Sequence[int]) -> list[int]:
        """The severities to run: the given ones if the family is graded, otherwise only 1."""
        return list(severities) if self.graded else [1]


FAMILIES: Registry[Family] = Registry(
    "family of noise", "c2seg_bench.stress.families", plugins="c2seg_bench.noise_families", error=InputError
)


def family(
    name: str, kind: Kind, description: str, example: str, preserves: str, graded: bool = True, axis: str = ""
) -> Callable[[Perturb], Perturb]:
    """Decorator of a perturbing function: registers it under `name`."""

    def register(function: Perturb) -> Perturb:
        FAMILIES.add(name, Family(name, kind, description, example, preserves, graded, function, axis), function)
        return function

    return register
