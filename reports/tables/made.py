"""Every table of a run, each made once, however many files print it."""

from __future__ import annotations

from functools import cached_property

from reports.run import Run
from reports.tables.consistency import consistency
from reports.tables.main import main
from reports.tables.model import Table
from reports.tables.paper import paper
from reports.tables.referring import referring
from reports.tables.reliance import reliance
from reports.tables.results import results
from reports.tables.robustness import robustness
from reports.tables.robustness_summary import robustness_summary


class Tables:
    """The tables of a run by what they are about; none where the run has no such scores."""

    def __init__(self, run: Run):
        self._run = run

    @cached_property
    def results(self) -> list[Table]:
        """The scores of masks, a table per dataset."""
        return results(self._run)

    @cached_property
    def side_by_side(self) -> list[Table]:
        """The same with the datasets side by side, and as the paper prints them."""
        return [*main(self._run), *paper(self._run)]

    @cached_property
    def consistency(self) -> list[Table]:
        return consistency(self._run)

    @cached_property
    def noise(self) -> list[Table]:
        return [*robustness_summary(self._run), *robustness(self._run)]

    @cached_property
    def reliance(self) -> list[Table]:
        return reliance(self._run)

    @cached_property
    def referring(self) -> list[Table]:
        return referring(self._run)

    @property
    def of_a_paper(self) -> list[Table]:
        """What tables.tex prints."""
        return [*self.side_by_side, *self.consistency, *self.noise, *self.reliance, *self.referring]
