"""LaTeX tables, typeset: no error, no overfull box, and names as they are. Needs pdflatex, xelatex and pdftotext.

Debian: texlive-latex-extra, texlive-xetex, lmodern, fonts-droid-fallback, poppler-utils. Where CI is `true` a missing
program is a failure, elsewhere the test is left out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import reports
from reports import latex, tables
from reports.read import read_run
from tests.reports.hostile_run import HOSTILE, hostile_run

pytestmark = pytest.mark.slow
NEEDED = ("pdflatex", "xelatex", "pdftotext")
PAPER = r"""\documentclass[10pt,twocolumn]{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs,threeparttable}
\begin{document}
\input{fragment}
\end{document}
"""
BAD = re.compile(r"^! .*|^Overfull .*|^.*Float too large.*|^Missing character.*|^.*undefined.*", re.M)
NAME = '50 % of_all & #1 $x$ {y} ~ ^ \\ < > " <script>alert(1)</script> Łódź naïve'


@pytest.fixture(autouse=True)
def programs():
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"no {', '.join(missing)}; install what the head of this file names")
    if missing:
        pytest.skip(f"no {', '.join(missing)}")


def typeset(folder: Path, name: str = "tables.tex", engine: str = "pdflatex") -> str:
    """The text of the pages; fails on errors, overfull boxes and characters that are not printed."""
    done = subprocess.run(
        [engine, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", name],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
    )
    log = (folder / name).with_suffix(".log").read_text("utf-8", errors="replace")
    assert not BAD.findall(log), BAD.findall(log)
    assert done.returncode == 0
    pdf = str((folder / name).with_suffix(".pdf"))
    shown = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    return " ".join(shown.split())


def test_the_document_of_a_report_fits_two_columns(built, tmp_path):
    shutil.copy(built / "tables.tex", tmp_path)
    text = typeset(tmp_path)
    for words in ("Masks on phantom-chest and qata", "Table 1 of the paper, and ours", "MedLangViT", "[73.6, 76.6]"):
        assert words in text


@pytest.mark.parametrize("spread", ["interval", "seeds", "none"])
@pytest.mark.parametrize("columns", [(), ("dice", "iou"), ("dice",)])
def test_one_table_pasted_into_a_paper_fits(change, tmp_path, spread, columns):
    run = read_run(change("main.csv", lambda t: t.assign(seed_sd=0.57, group="abc")))
    made = tables.select(run, "main", columns=columns, spread=spread)
    (tmp_path / "fragment.tex").write_text("\n".join(latex.table(t) for t in made))
    (tmp_path / "paper.tex").write_text(PAPER)
    assert "C2Seg" in typeset(tmp_path, "paper.tex")


@pytest.mark.minutes
def test_many_methods_and_four_datasets(make_run, tmp_path):
    methods = {f"m{i}": (f"Method with a long name {i}", i % 2 == 0, "", 58.0 + i / 2) for i in range(22)}
    folder = make_run(tmp_path / "run", datasets=("qata", "mosmed", "kvasir", "clinicdb"), size=16, methods=methods)
    reports.build(folder)
    assert "Method with a long name 21" in typeset(folder)


@pytest.mark.parametrize("engine", ["pdflatex", "xelatex"])
def test_names_come_out_as_themselves(tmp_path, engine):
    folder = hostile_run(tmp_path / "run", NAME)
    reports.build(folder)
    text = typeset(folder, engine=engine)
    for word in NAME.split():
        assert word in text, word


def test_hostile_names_do_nothing(tmp_path):
    folder = hostile_run(tmp_path / "run", HOSTILE)
    reports.build(folder)
    text = typeset(folder)
    assert "root:" not in text and r"\input{/etc/passwd}" in text.replace(" ", "")
    assert "[U+1F600]" in text  # pdfLaTeX has no font for it: the code point, as the file's head says


def test_chinese_and_emoji_with_xelatex(tmp_path):
    folder = hostile_run(tmp_path / "run", "漢字 肺 😀 Łódź")
    reports.build(folder)
    text = typeset(folder, engine="xelatex")
    for word in ("漢字", "肺", "😀", "Łódź"):
        assert word in text, word
