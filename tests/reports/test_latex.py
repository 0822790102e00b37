"""LaTeX tables: what they are made of, and that they are planned to fit a two-column paper."""

from __future__ import annotations

import re

import pytest

from reports import latex, tables
from reports.latex.layout import COLUMN, PAGE, parts_of
from reports.latex.width import width, wrap
from reports.read import read_run
from reports.tables.model import Cell, Column, Row, Table

TABULAR = re.compile(r"\\begin\{tabular\*\}\{\\linewidth\}\{@\{.*?\}(l[c]+)@\{\}\}\n(.*?)\n\\end\{tabular\*\}", re.S)


def depth_of(tex):
    """Braces open at the end; never fewer than none."""
    depth = 0
    for char in re.sub(r"\\[\\{}%&#_$]", " ", re.sub(r"(?<!\\)%.*", "", tex)):
        depth += (char == "{") - (char == "}")
        assert depth >= 0
    return depth


def small(columns, rows):
    """A table of numbers, `columns` wide and `rows` long."""
    cells = tuple(Cell(12.345, 11.0, 13.5) for _ in range(columns))
    headings = [Column(f"Score {j}", "%", "up", group=f"set {j // 4}") for j in range(columns)]
    return Table("t", "Numbers", "", "Method", headings, [("", [Row(f"m{i}", cells) for i in range(rows)])])


def test_the_document_is_complete_and_balanced(built):
    tex = (built / "tables.tex").read_text("utf-8")
    assert tex.isascii()
    assert tex.count(r"\begin{document}") == tex.count(r"\end{document}") == 1
    assert r"\documentclass[10pt,twocolumn]{article}" in tex
    body = tex.split(r"\begin{document}")[1]
    for name in ("threeparttable", "tabular*", "tablenotes"):
        assert body.count(f"\\begin{{{name}}}") == body.count(f"\\end{{{name}}}") > 10
    assert depth_of(tex) == 0
    labels = re.findall(r"\\label\{(.*?)\}", tex)
    assert len(set(labels)) == len(labels) == len(re.findall(r"\\begin\{table\*?\}", body))
    assert f"\\extrafloats{{{len(labels)}}}" in tex


def test_rows_have_the_columns_of_their_table(built):
    found = TABULAR.findall((built / "tables.tex").read_text("utf-8"))
    assert len(found) > 10
    for columns, body in found:
        lines = body.splitlines()
        assert (lines[0], lines[-1]) == (r"\toprule", r"\bottomrule")
        assert r"\midrule" in lines
        for line in lines:
            spans = [int(n) for n in re.findall(r"\\multicolumn\{(\d+)\}", line)]
            if line.endswith((r" \\", r" \\[-1pt]")):
                cells = len(re.findall(r"(?<!\\)&", line)) + 1
                assert cells + sum(n - 1 for n in spans) == len(columns)
            else:
                assert re.match(r"\\(toprule|midrule|bottomrule|cmidrule|addlinespace)", line)


def test_a_table_says_its_title_above_and_everything_else_below(built):
    table = tables.main(read_run(built))[0]
    tex = latex.table(table)
    caption = re.search(r"\\caption\{(.*)\}", tex)[1]
    assert caption.startswith(r"\textbf{Masks on phantom-chest and qata") and len(caption) < 150
    notes = tex.split(r"\begin{tablenotes}")[1]
    assert "drawn by image" in notes and "drawn by image" not in caption
    assert "tablenotes" not in latex.table(table, notes=False)


def test_intervals_are_a_second_line_of_the_row():
    row = Row("U-Net", (Cell(71.5, 70.25, 72.0, rank=1, mark="ab"), Cell(None)), note="2")
    table = Table("t", "T", "", "Method", [Column("Dice", "%", "up"), Column("HD95", "px")], [("", [row])])
    assert (
        "U-Net\\textsuperscript{2} & \\textbf{71.50}\\textsuperscript{ab} & \\textendash{} \\\\[-1pt]\n"
        " & {\\scriptsize {[}70.25, 72.00{]}} &  \\\\\n"
    ) in latex.table(table)


def test_spread_of_the_seeds_stands_beside_the_value():
    assert latex.cell(Cell(71.5, sd=0.456)) == r"71.50{\scriptsize\,$\pm$\,0.46}"


@pytest.mark.parametrize(("columns", "environments"), [(3, ["table"]), (8, ["table*"]), (16, ["table*", "table*"])])
def test_the_environment_is_wide_enough(columns, environments):
    tex = latex.table(small(columns, 3))
    assert re.findall(r"\\begin\{(table\*?)\}", tex) == environments
    for part in parts_of(small(columns, 3)):
        assert part.label + sum(part.columns) <= (PAGE if part.wide else COLUMN)


def test_datasets_stay_together_where_a_table_goes_on():
    parts = [{c.group for c in p.table.columns} for p in parts_of(small(12, 2))]
    assert parts == [{"set 0", "set 1"}, {"set 2"}]


def test_a_long_table_goes_on_in_another_float():
    parts = parts_of(small(4, 60))
    rows = [sum(len(rows) for _, rows in p.table.groups) for p in parts]
    assert sum(rows) == 60 and len(rows) == 4 and rows[0] == rows[2] > rows[3]
    assert [p.table.title for p in parts][1] == "Numbers (part 2 of 4)"
    assert len({p.table.key for p in parts}) == 4


def test_lines_are_cut_at_words_and_long_words_where_they_must_be():
    lines = wrap("Experts' masks of such prompts (ceiling)", 92)
    assert " ".join(lines) == "Experts' masks of such prompts (ceiling)"
    assert len(lines) > 1 and all(width(line) <= 92 for line in lines)
    assert "".join(wrap("x" * 80, 92)) == "x" * 80 and len(wrap("x" * 80, 92)) > 3
    assert wrap("", 50) == [""]


@pytest.mark.parametrize(("text", "points"), [("0", 4.25), ("m", 7.08), ("[67.0, 69.9]", 40.4)])
def test_width_is_that_of_computer_modern(text, points):
    """cmr8.tfm: a digit is 4.25 points wide, an m 7.08; a bracket 2.36, a full stop 2.36, a word space 2.83."""
    assert width(text) == pytest.approx(points, rel=0.02)
