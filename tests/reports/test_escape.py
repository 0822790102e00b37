"""Strings from outside stay strings."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import reports
from reports import csvtable, latex, markdown, tables
from reports.read import read_run
from reports.tables.model import Cell, Column, Row, Table
from tests.reports.hostile_run import HOSTILE, hostile_run

NASTY = [
    r"\input{/etc/passwd}", "50 % of_all", "a | b", "<script>alert(1)</script>", "$x$ and $y$", "≥ 2 areas", "😀 lung",
    "![x](http://e.org/x.png)", "[a]: http://e.org", "`code` *b* ~~c~~", "# heading", "- item", "1. item", "&amp; &lt;",
    "www.e.org", "a@e.org", "a -- b, ``c'' ?`", "[4pt] first", "* star", "tab\there", "two\nlines", "naïve Łódź ħ",
    "\\", "{", "%",
]  # fmt: skip
COMMAND = re.compile(r"\\[A-Za-z]+")
LATEX_SAFE = {
    "\\textbackslash", "\\textasciitilde", "\\textasciicircum", "\\textless", "\\textgreater", "\\textbar",
    "\\textquotedbl", "\\textasciigrave", "\\geq", "\\leq", "\\pm", "\\times", "\\cdot", "\\rightarrow", "\\leftarrow",
    "\\uparrow", "\\downarrow", "\\infty", "\\textendash", "\\textemdash", "\\dots", "\\textquoteleft",
    "\\textquoteright",
    "\\textquotedblleft", "\\textquotedblright", "\\mu", "\\circ", "\\ss", "\\o", "\\O", "\\ae", "\\AE", "\\oe", "\\OE",
    "\\l", "\\L", "\\i", "\\unichar", "\\textdagger", *(f"\\{a}" for a in "rvckuH"),
}  # fmt: skip


def rendered(source: str) -> str:
    """The text a reader sees."""
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(source)
    return html.unescape(re.sub(r"<[^>]+>", "", page)).strip()


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.parametrize("text", NASTY)
def test_markdown_shows_the_text_itself(text):
    assert one_line(rendered(markdown.escape(text))) == one_line(text)
    cell = f"| a | b |\n| - | - |\n| {markdown.escape(text)} | end |"
    assert re.findall(r"<td>(.*?)</td>", MarkdownIt().enable("table").render(cell))[1] == "end"


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp", "Zs")), max_size=30))
def test_markdown_of_any_text(text):
    assert rendered(markdown.escape(text)) == text


def test_markdown_draws_no_tag_of_ours():
    assert markdown.escape("<img src=x>") == "&lt;img src=x&gt;"
    assert markdown.escape("$a$") == "<span>$</span>a<span>$</span>"
    assert "\u202e" not in markdown.escape("abc\u202edef")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("50% _a_ #1 & $x$ ~^", r"50\% \_a\_ \#1 \& \$x\$ \textasciitilde{}\textasciicircum{}"),
        ("≥ 2 × 3", r"$\geq$ 2 $\times$ 3"),
        ("😀 ħ 漢", r"\unichar{1F600} \unichar{0127} \unichar{6F22}"),
        ("é Š å ß", r"\'{e} \v{S} \r{a} \ss{}"),
        ("a--b ''c'' ?`", "a-{}-b '{}'c'{}' ?\\textasciigrave{}"),
        ("[4pt] a", "{[}4pt{]} a"),
        ("a\n\nb", "a  b"),
    ],
)
def test_latex(text, expected):
    assert latex.escape(text) == expected


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40))
def test_latex_of_any_text_is_ascii_balanced_and_has_no_command_but_symbols(text):
    out = latex.escape(text)
    assert out.isascii()
    assert "\n" not in out
    assert set(COMMAND.findall(out)) <= LATEX_SAFE
    bare = re.sub(r"\\[^A-Za-z]", "", out)  # without \{ \% \' and the like
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    assert not set(bare) & set("&%#_")


def test_hostile_text_through_the_whole_report(tmp_path):
    """Titles, datasets, families, prompts and the machine: all of them hostile."""
    folder = hostile_run(tmp_path / "run", HOSTILE)
    reports.build(folder)
    source, page, tex = ((folder / f).read_text("utf-8") for f in ("report.md", "report.html", "tables.tex"))
    page = re.sub(r"(?s)<script.*?</script>", "", page)  # ours; what is in them is tested in page/test_page.py
    seen = MarkdownIt("commonmark", {"html": True}).enable("table").render(source)
    for made in (seen, page):
        assert "<script" not in made
        assert 'src="http' not in made
        assert html.unescape(re.sub(r"</?span>", "", made)).count(HOSTILE) > 20
    assert "\\input" not in tex
    assert tex.isascii()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_a_spreadsheet_takes_no_text_for_a_formula(text):
    assert csvtable.escape(text) == f"'{text}"


@pytest.mark.parametrize("text", [HOSTILE, "=cmd|' /C calc'!A0", 'a "b", c', "two\nlines", "漢字 😀 Łódź"])
def test_csv_gives_names_back_as_they_were(tmp_path, text):
    run = read_run(hostile_run(tmp_path / "run", text))
    rows = list(csv.DictReader(io.StringIO(csvtable.render(tables.main(run)), newline="")))
    assert rows[3]["row"] == csvtable.escape(text)
    value = run.main.set_index(["method", "metric"]).loc[("c2seg", "dice"), "value"]
    assert float(rows[3][csvtable.escape(f"{text}: Dice (%)")]) == pytest.approx(value, rel=1e-5)


def test_a_negative_number_stays_a_number():
    table = Table("t", "T", "", "M", [Column("Corrected")], [("", [Row("m", (Cell(-0.25, -0.5, 0.0),))])])
    assert csvtable.render([table]).splitlines() == [
        "table,group,row,kind,Corrected,Corrected lo,Corrected hi",
        "T,,m,method,-0.25,-0.5,0",
    ]
