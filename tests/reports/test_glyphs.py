"""Names and prompts in any script: figures draw what a font has, and print code points of the rest."""

import pytest
from PIL import Image

import reports
from reports.figures import glyphs
from reports.figures.style import figure, shortened

HAN, LUNGS, LETTER = "漢", "\U0001fac1", "\u1d81"  # the last is in STIXGeneral, which comes with Matplotlib


@pytest.fixture
def fonts(monkeypatch):
    """Sets the fonts that are tried after the first."""

    def use(*names):
        monkeypatch.setattr(glyphs, "OTHERS", names)
        glyphs.families.cache_clear()
        glyphs._fonts.cache_clear()

    use()
    yield use
    monkeypatch.undo()
    glyphs.families.cache_clear()
    glyphs._fonts.cache_clear()


def test_without_a_font_the_code_points_are_printed(fonts):
    assert glyphs.printable(f"a\n≥ {HAN}字") == "a ≥ [U+6F22 U+5B57]"
    assert glyphs.printable(f"{LUNGS}!") == "[U+1FAC1]!"
    assert glyphs.printable("é ü [a][b]") == "é ü [a][b]"
    assert shortened(HAN, 40) == "[U+6F22]"


def test_characters_are_drawn_where_an_installed_font_has_them(fonts, tmp_path, capfd):
    assert glyphs.printable(LETTER) == "[U+1D81]"
    fonts("No Such Font", "STIXGeneral")
    assert glyphs.families() == ["DejaVu Sans", "STIXGeneral"]
    assert glyphs.printable(LETTER) == LETTER
    for name, text in (("letter", LETTER), ("nothing", "")):
        with figure(tmp_path / f"{name}.png", 1, 1) as drawn:
            drawn.text(0.4, 0.4, text, fontsize=30)
    assert capfd.readouterr().err == ""  # Matplotlib warns of a glyph that it lacks
    letter, nothing = (Image.open(tmp_path / f"{name}.png").tobytes() for name in ("letter", "nothing"))
    assert letter != nothing
    assert b"STIXGeneral" in (tmp_path / "letter.pdf").read_bytes()


def test_a_report_says_once_which_characters_its_figures_lack(fonts, make_run, tmp_path, capsys):
    methods = {"m": (f"{HAN}字 Net", True, "", 70.0), "n": (f"{HAN} U-Net", False, "", 60.0)}
    folder = make_run(tmp_path / "run", datasets=("a",), size=16, methods=methods)
    reports.build(folder)
    [line] = capsys.readouterr().err.splitlines()
    assert f"no installed font has {HAN} (U+6F22), 字 (U+5B57); shown as code points" in line
    assert f"{HAN}字 Net" in (folder / "report.html").read_text(encoding="utf-8")


def test_a_report_of_letters_says_nothing(fonts, make_run, tmp_path, capsys):
    reports.build(make_run(tmp_path / "run", datasets=("a",), size=16))
    assert capsys.readouterr().err == ""
