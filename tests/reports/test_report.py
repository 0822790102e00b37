"""The whole report: what it leaves behind, its structure, and what it says to wrong input."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from markdown_it import MarkdownIt
from PIL import Image

import reports
from reports.figures import consistency, severity
from reports.figures.panel import dice
from reports.figures.style import shortened, wrapped
from reports.read import read_run

FILES = [
    "report.md",
    "report.html",
    "tables.tex",
    "figures/severity.png",
    "figures/severity.pdf",
    "figures/consistency.png",
    "figures/consistency.pdf",
    "figures/panel.png",
    "figures/panel.pdf",
]


def left(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.parent.name != "tables"
    }


def test_files_left_behind_and_the_same_bytes_again(built, make_run, tmp_path):
    first = left(built)
    assert sorted(first) == sorted(FILES)
    folder = make_run(tmp_path / "elsewhere")
    assert [str(p.relative_to(folder)) for p in reports.build(folder)] == FILES
    assert left(folder) == first


def test_building_over_an_earlier_report_gives_the_same(make_run, tmp_path):
    folder = make_run(tmp_path / "run", datasets=("a",), size=16)
    reports.build(str(folder))
    first = left(folder)
    reports.build(folder)
    assert left(folder) == first


def test_noise_is_summed_up_before_its_families_in_every_file(built):
    for name, heading in (("report.md", "### "), ("report.html", "<h3>"), ("tables.tex", r"\textbf{")):
        text = (built / name).read_text("utf-8")
        places = [
            text.index(heading + t) for t in ("phantom-chest: what noisy prompts cost", "phantom-chest: drop in Dice")
        ]
        assert places == sorted(places), name


def test_sections_in_the_order_of_reading(built):
    text = (built / "report.md").read_text("utf-8")
    assert re.findall(r"^## (.*)$", text, re.M) == [
        "Result", "Masks", "Consistency", "Noisy prompts", "Reading the text", "Figures", "Methods", "How it was made",
    ]  # fmt: skip
    assert text.splitlines()[4].startswith("- **phantom-chest, do masks follow the words?** ")
    assert text.splitlines()[5].startswith("- **phantom-chest, Dice (%):** C2Seg ")
    assert all(f"({name})" in text for name in FILES if name.endswith(".png"))
    for words in (
        "pretended, size tiny, 2 seeds (0, 1)",
        "2 cores",
        "torch 2.13.0",
        "cache hash abababab",
        "Narrower than",
    ):
        assert words in text


def test_markdown_tables_are_whole_and_not_over_wide(built):
    text = (built / "report.md").read_text("utf-8")
    blocks = re.findall(r"(?:^\|.*\|\n?)+", text, re.M)
    assert len(blocks) == 2 + 4 + 2 + 4 + 4 + 1
    for block in blocks:
        widths = {len(re.findall(r"(?<!\\)\|", line)) - 1 for line in block.strip().splitlines()}
        assert len(widths) == 1
        assert widths.pop() <= 10
    assert MarkdownIt().enable("table").render(text).count("<table>") == len(blocks)


def test_page_has_every_table_and_only_pictures_from_inside(built):
    text = (built / "report.html").read_text("utf-8")
    assert text.count("<table>") == 2 + 4 + 2 + 4 + 4 + 1
    assert len(re.findall(r'<img src="data:image/png;base64,', text)) == len(re.findall("<img", text)) == 1
    assert re.search(r'<span class="best">75\.04</span><span class="interval">\[73\.64, 76\.58\]</span>', text)


def test_pictures_are_of_a_size_to_read(built):
    for name in FILES[3::2]:
        with Image.open(built / name) as picture:
            assert 600 < picture.width < 2600
            assert 300 < picture.height < 2000
            assert np.asarray(picture.convert("L")).std() > 10


def test_figures_are_drawn_as_vectors_too(built):
    for name in FILES[4::2]:
        drawn = (built / name).read_bytes()
        assert drawn.startswith(b"%PDF-") and b"/Type /Font" in drawn and b"/CreationDate" not in drawn


def test_without_stress_axes_and_panel(make_run, tmp_path):
    folder = make_run(tmp_path / "run", size=16)
    reports.build(folder)
    for name in ("stress.csv", "axes.csv", "panel.npz"):
        (folder / "tables" / name).unlink()
    assert [p.name for p in reports.build(folder)] == ["report.md", "report.html", "tables.tex"]
    assert sorted(left(folder)) == ["report.html", "report.md", "tables.tex"]  # figures of the earlier report are gone
    text = (folder / "report.md").read_text("utf-8")
    assert "Left out: the run has no tables/stress.csv: no stress tests." in text
    assert "Left out: the run has no tables/axes.csv." in text.replace("\\", "")
    assert "Left out: the run has no tables/panel.npz." in text
    assert ".png" not in text


def test_without_the_summary_of_noise(make_run, tmp_path):
    folder = make_run(tmp_path / "run", size=16)
    (folder / "tables" / "robustness.csv").unlink()
    reports.build(folder)
    text = (folder / "report.md").read_text("utf-8")
    assert "Left out: the run has no tables/robustness.csv." in text
    assert "drop in Dice" not in text and "what noisy prompts cost" not in text and "severity.png" not in text


def test_a_method_may_be_called_na(make_run, tmp_path):
    folder = make_run(tmp_path / "run", datasets=("a",), size=16, methods={"NA": ("null", True, "", 60.0)})
    reports.build(folder)
    assert "| null | " in (folder / "report.md").read_text("utf-8")


def test_numbers_that_are_not_known(make_run, tmp_path):
    """Corrected consistency is nan where the ceiling is chance; the report is made without its figure."""
    folder = make_run(tmp_path / "run", datasets=("a",), size=16)
    path = folder / "tables" / "axes.csv"
    pd.read_csv(path, keep_default_na=False).assign(corrected="", lo="", hi="").to_csv(path, index=False)
    files = {path.relative_to(folder).as_posix() for path in reports.build(folder)}
    assert set(FILES) - files == {"figures/consistency.png", "figures/consistency.pdf"}
    assert "no better than chance" in (folder / "report.md").read_text("utf-8")


def test_panel_in_parts_of_six_methods(make_run, tmp_path):
    extra = {f"m{i}": (f"M{i}", i > 3, "", 60.0 + i) for i in range(9)}
    folder = make_run(tmp_path / "run", datasets=("a",), size=16, methods=extra)
    assert [p.name for p in reports.build(folder)][-4:] == [
        "panel.png", "panel.pdf", "panel-2.png", "panel-2.pdf",
    ]  # fmt: skip


def test_intervals_of_many_methods_are_not_drawn_over_each_other_and_the_caption_says_so(make_run, tmp_path):
    for count, words in ((8, "bands: 95 % interval"), (9, "more than 8 methods, so their intervals are in tables/")):
        methods = {f"m{i}": (f"M{i}", i > 3, "", 60.0 + i) for i in range(count)}
        run = read_run(make_run(tmp_path / str(count), datasets=("a",), size=16, methods=methods))
        assert words in severity.draw(run).caption


def test_a_long_name_of_a_dataset_is_not_cut_off_by_the_edge(make_run, tmp_path):
    run = read_run(make_run(tmp_path / "run", datasets=("a dataset whose name is far longer than its panel is high",)))
    consistency.draw(run)
    drawn = np.asarray(Image.open(run.folder / consistency.PATH).convert("L"))
    for edge in (drawn[:4], drawn[-4:], drawn[:, :4]):
        assert (edge == 255).all()


def test_one_method_has_nothing_to_compare_its_interval_with(make_run, tmp_path):
    for count in (1, 2):
        methods = {f"m{i}": (f"M{i}", True, "", 60.0 + i) for i in range(count)}
        folder = make_run(tmp_path / str(count), datasets=("a",), size=16, methods=methods)
        reports.build(folder)
        assert ("Overlapping intervals" in (folder / "report.md").read_text("utf-8")) == (count > 1)


def test_dice_of_the_corner():
    full, none = np.ones((4, 4), bool), np.zeros((4, 4), bool)
    half = full.copy()
    half[2:] = False
    assert [dice(full, full), dice(half, full), dice(none, full), dice(none, none)] == [1.0, 2 * 8 / 24, 0.0, 1.0]


def test_text_in_pictures():
    assert shortened("picture_of_a_lung", 9) == "picture_…"
    assert wrapped("one two three four", 9, 2) == "one two\nthree …"


def test_building_needs_no_torch(make_run, tmp_path):
    import subprocess
    import sys

    folder = make_run(tmp_path / "run", datasets=("a",), size=16)
    code = f"""
import sys, reports
reports.build({str(folder)!r})
print([m for m in ("torch", "metrics", "baselines", "c2seg_bench") if m in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(reports.__file__).parents[1]
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_command(make_run, tmp_path, capsys):
    from c2seg_bench.cli.report import report
    from c2seg_bench.errors import InputError as BenchError

    folder = make_run(tmp_path / "run", datasets=("a",), size=16)
    report(folder, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"files": [str(folder / name) for name in FILES]}
    report(folder, as_json=False)
    assert capsys.readouterr().out == f"{folder / 'report.html'}\n"
    with pytest.raises(BenchError, match="nowhere: no such folder"):
        report(tmp_path / "nowhere", as_json=False)
