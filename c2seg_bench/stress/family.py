"""What a family of prompt noise is, and where all of them are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

from baselines.plugins import Registry
from c2seg_bench.errors import InputError

Kind = Literal["kept", "missing", "changed"]
KINDS = get_args(Kind)
Perturb = Callable[[str, int, Random, Sequence[str]], str]
SHARES = {1: 0.05, 2: 0.10, 3: 0.15, 4: 0.20, 5: 0.25}  # of the words where a family edits words; see its docstring


@dataclass(frozen=True)
class Family:
    """One way in which prompts go wrong.

    Args:
        name: in suites and on the command line.
        kind: "kept" (the meaning stays, so should the mask), "missing" (findings left out), "changed" (another
            meaning). The three are never averaged together.
        description: one line; `example` is a prompt of this family made from "Bilateral pulmonary infection, two
            infected areas, upper left lung and lower right lung".
        preserves: what a reader still finds in the prompt.
        graded: whether severities differ; a family that is not graded is run once, as severity 1.
        axis: of the consistency metric that a changed meaning is about, "" elsewhere; adherence is measured on it.
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
        """The noisy prompt; the same for the same state of `random`. Never raises on any text, empty included.

        Args:
            severity: 1 (a careful typist) to 5 (stress). Families that edit words edit 5, 10, 15, 20, 25 % of them,
                at least one where there is one to edit; what it means elsewhere is in the family's docstring.
            pool: other prompts, for the families that borrow from them.
        """
        if severity not in SHARES:
            raise InputError(f"severity {severity}: out of range; take 1 to 5")
        return self.function(text, severity, random, pool)

    def judged_on(self, ontology: str) -> str:
        """`axis`, but "position" for sides under an ontology that has none: there they are part of a place."""
        from metrics.consistency.reader.ontology import load_ontology

        return "position" if self.axis == "laterality" and not load_ontology(ontology).laterality else self.axis

    def sweep(self, severities: Sequence[int]) -> list[int]:
        """The severities worth running of those asked for."""
        return list(severities) if self.graded else [1]


FAMILIES: Registry[Family] = Registry(
    "family of noise", "c2seg_bench.stress", plugins="c2seg_bench.noise_families", error=InputError
)


def family(
    name: str, kind: Kind, description: str, example: str, preserves: str, graded: bool = True, axis: str = ""
) -> Callable[[Perturb], Perturb]:
    """Decorator of a perturbing function: make it known under `name`."""

    def register(function: Perturb) -> Perturb:
        FAMILIES.add(name, Family(name, kind, description, example, preserves, graded, function, axis), function)
        return function

    return register
