"""How all figures look: quiet axes, colours that the colour-blind can tell apart, the same bytes every time."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

from reports.figures.glyphs import families, printable
from reports.files import atomic
from reports.run import Method

DPI = 150
# Okabe and Ito's colours, yellow left out
GUIDED = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
FREE = ("#7A7A7A", "#A9A9A9", "#4D4D4D")
MARKERS = "osD^vP"
INK, FAINT = "#333333", "#DDDDDD"
SETTINGS: Any = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "text.parse_math": False,  # a $ in a name or a prompt is a $
    "legend.frameon": False,
    "image.composite_image": False,  # in a PDF, images that share axes stay images of their own
    "pdf.fonttype": 42,  # TrueType: text in the PDF can be searched and edited
}


@dataclass(frozen=True)
class Look:
    """How one method is drawn wherever it is drawn."""

    color: str
    marker: str
    line: str


def looks(methods: Sequence[Method]) -> dict[str, Look]:
    """Text-guided methods coloured and solid, text-free ones grey and dashed; shape and dashes tell repeats apart."""
    looks_by_method, seen = {}, {True: 0, False: 0}
    for m in methods:
        n = seen[m.uses_text]
        colors, lines = (GUIDED, ("-", "-.")) if m.uses_text else (FREE, ("--", ":"))
        line = lines[n // len(colors) % len(lines)]
        looks_by_method[m.name] = Look(colors[n % len(colors)], MARKERS[n % len(MARKERS)], line)
        seen[m.uses_text] += 1
    return looks_by_method


@contextmanager
def figure(path: Path, width: float, height: float) -> Iterator[Any]:
    """A matplotlib Figure of that many inches, drawn with SETTINGS and saved whole at the end.

    It is saved to `path`, a PNG, and beside it as a PDF for papers: lines and text stay sharp at any size.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context({**SETTINGS, "font.family": families()}):
        drawn = Figure(figsize=(width, height), dpi=DPI)
        FigureCanvasAgg(drawn)
        yield drawn
        for file, unwanted in ((path, ("Software",)), (vector(path), ("Creator", "Producer", "CreationDate"))):
            with atomic(file) as temporary:  # without what would make the bytes differ from day to day
                drawn.savefig(temporary, metadata=dict.fromkeys(unwanted))


def vector(path: Path) -> Path:
    """Where the PDF of a figure is."""
    return path.with_suffix(".pdf")


def shortened(text: str, length: int) -> str:
    """At most `length` characters of one line, the last of them … where something is left out."""
    line = printable(text)
    return line if len(line) <= length else f"{line[: length - 1]}…"


def wrapped(text: str, width: int, lines: int) -> str:
    """At most `lines` lines of `width` characters, the last one ending in … where something is left out."""
    return "\n".join(textwrap.wrap(printable(text), width, max_lines=lines, placeholder=" …"))
