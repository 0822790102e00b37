"""The tidy tables of a run as tables to print."""

from reports.tables.consistency import consistency
from reports.tables.referring import referring
from reports.tables.reliance import reliance
from reports.tables.results import footnotes, results
from reports.tables.robustness import robustness
from reports.tables.robustness_summary import robustness_summary

__all__ = ["consistency", "footnotes", "referring", "reliance", "results", "robustness", "robustness_summary"]
