"""The page's stylesheet and script, each made of small files by topic, and the policy that lets only them run."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

STYLES = ("base", "layout", "tables", "charts", "explorer", "print")
SCRIPTS = (
    "dom",
    "theme",
    "contents",
    "tables",
    "copy",
    "svg",
    "chart_parts",
    "chart_places",
    "chart_axes",
    "chart_severity",
    "chart_adherence",
    "scatter",
    "masks",
    "cases",
    "prompt",
    "case_view",
    "explorer",
    "main",
)


def stylesheet() -> str:
    return "\n".join(_read("styles", f"{name}.css") for name in STYLES)


def script() -> str:
    """All scripts in one function, so that they share names with each other and with nothing else."""
    body = "\n".join(_read("scripts", f"{name}.js") for name in SCRIPTS)
    return f"(() => {{\n'use strict';\n{body}}})();\n"


def policy(style: str, code: str) -> str:
    """A Content-Security-Policy for exactly this style and script: no network, no other code, images from the page.

    Source: https://www.w3.org/TR/CSP3/, hash sources of inline elements.
    """
    return (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; script-src '{_digest(code)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii")


def _read(folder: str, name: str) -> str:
    return files("reports.page").joinpath(folder, name).read_text(encoding="utf-8")
