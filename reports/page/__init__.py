"""The report as one HTML file that needs nothing else: tables, charts, and an explorer of single images."""

from reports.page.render import render

__all__ = ["render"]
