"""The tidy tables of a run as tables to print."""

from reports.tables.consistency import consistency
from reports.tables.results import footnotes, results
from reports.tables.robustness import robustness

__all__ = ["consistency", "footnotes", "results", "robustness"]
