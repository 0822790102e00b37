"""The tidy tables of a run as tables to print."""

from reports.tables.consistency import consistency
from reports.tables.made import Tables
from reports.tables.main import main
from reports.tables.paper import paper
from reports.tables.referring import referring
from reports.tables.reliance import reliance
from reports.tables.results import footnotes, results
from reports.tables.robustness import robustness
from reports.tables.robustness_summary import robustness_summary
from reports.tables.select import select

__all__ = [
    "Tables",
    "consistency",
    "footnotes",
    "main",
    "paper",
    "referring",
    "reliance",
    "results",
    "robustness",
    "robustness_summary",
    "select",
]
