"""What tables, links and charts of the page do, in headless Chromium."""

from __future__ import annotations

import pandas as pd
import pytest

import reports
from tests.reports.page.browser import opened, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def column(window, table: str, number: int) -> list[str]:
    """What stands in a column of a table's rows, from top to bottom, without hidden ones."""
    rows = window.locator(f"#{table} tbody tr.row:visible")
    return [rows.nth(i).locator("th, td").nth(number).inner_text().split("\n")[0] for i in range(rows.count())]


def test_tables_are_sorted_by_a_click_and_back_to_the_printed_order(page):
    with opened(page) as window:
        printed = column(window, "results-1", 0)
        dice = window.locator("#results-1 thead th", has_text="Dice")
        assert dice.get_attribute("aria-sort") == "none"
        window.locator("#results-1 button.sort", has_text="Dice").click()
        assert dice.get_attribute("aria-sort") == "descending"  # best first
        values = [float(v.rstrip("abc")) for v in column(window, "results-1", 3)]
        assert values == sorted(values, reverse=True) and values[0] > 70
        assert not window.locator("#results-1 tr.group").first.is_visible()
        window.locator("#results-1 button.sort", has_text="HD95").focus()
        window.keyboard.press("Enter")
        values = [v for v in column(window, "results-1", 5) if v != "–"]
        assert [float(v) for v in values] == sorted(float(v) for v in values)  # lower is better
        assert column(window, "results-1", 5)[-1] == "–"  # what has no value comes last
        window.keyboard.press("Enter")
        window.keyboard.press("Enter")
        assert column(window, "results-1", 0) == printed
        assert window.locator("#results-1 tr.group").first.is_visible()


def test_rows_are_filtered_without_regard_to_case_and_accents(page):
    with opened(page) as window:
        total = len(column(window, "results-1", 0))
        window.locator("#results-1 input").fill("U-k")
        assert column(window, "results-1", 0) == ["U-KAN", "UKAN, published"][: len(column(window, "results-1", 0))]
        assert (
            window.locator("#results-1 .count").inner_text() == f"{len(column(window, 'results-1', 0))} of {total} rows"
        )
        assert window.locator("#results-1 tr.group:visible").count() == 1
        window.locator("#results-1 input").fill("nothing like it")
        assert column(window, "results-1", 0) == []
        window.locator("#results-1 input").fill("")
        assert len(column(window, "results-1", 0)) == total


def test_tables_are_copied_as_csv_and_latex(page):
    with opened(page) as window:
        for name, start in (("LaTeX", "\\begin{table"), ("CSV", "table,")):
            window.locator("#results-1").get_by_role("button", name=name).click()
            text = window.locator("#copy textarea").input_value()
            assert text.startswith(start) and "C2Seg" in text and "75.0" in text
            window.keyboard.press("Escape")
            assert not window.locator("#copy").is_visible()


def test_links_lead_to_sections_and_tables(page):
    with opened(page, hash_="#consistency-1") as window:
        until(window, "Math.abs(document.querySelector('#consistency-1').getBoundingClientRect().top) < 40")
        window.locator(".contents a", has_text="How it was made").click()
        until(window, "document.querySelector('#how-it-was-made').getBoundingClientRect().top < innerHeight")
        assert window.evaluate("location.hash") == "#how-it-was-made"


@pytest.mark.parametrize(("scheme", "dark"), [("light", False), ("dark", True)])
def test_theme_follows_the_system_until_it_is_chosen(page, scheme, dark):
    def is_dark(window) -> bool:
        red = window.evaluate("getComputedStyle(document.body).backgroundColor").split("(")[1].split(",")[0]
        return int(red) < 100

    with opened(page, scheme=scheme) as window:
        assert is_dark(window) is dark
        button = window.locator("#theme")
        for words, expected in (("Theme: light", False), ("Theme: dark", True), ("Theme: system", dark)):
            button.click()
            assert button.inner_text() == words
            assert is_dark(window) is expected


@pytest.mark.parametrize("width", [400, 768, 1280])
def test_the_page_itself_never_scrolls_sideways(page, width):
    with opened(page, width=width) as window:
        assert window.evaluate("document.documentElement.scrollWidth") <= width
        over = window.evaluate(
            "[...document.querySelectorAll('h1, h2, h3, p, figure, .scroll, .explorer, .tools > *')]"
            ".filter(e => e.offsetParent && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"
        )
        assert over == []


def test_the_text_of_a_figure_keeps_its_size_on_a_narrow_screen(page):
    with opened(page, width=400) as window:
        figure = window.locator("#figures figure").first
        assert figure.locator("img").bounding_box()["width"] > 800
        assert figure.evaluate("e => e.scrollWidth > e.clientWidth && e.clientWidth < 400")


def test_the_method_column_stays_while_a_table_scrolls(page):
    with opened(page, width=400) as window:
        box = window.locator("#results-1 .scroll")
        box.evaluate("e => e.scrollLeft = 150")
        assert box.evaluate("e => e.scrollLeft") == 150
        first = window.locator("#results-1 tbody tr.row th").first.bounding_box()
        assert abs(first["x"] - box.bounding_box()["x"]) < 2


def test_raised_letters_do_not_shift_a_number(page):
    """The same digits are at the same height and end at the same place, with a letter and without."""
    with opened(page) as window:
        rows = window.locator("#noise-1 tbody tr.row")
        assert window.locator("#noise-1 td sup").count() > 0
        ends = {round(rows.nth(i).locator("td").first.locator("span").first.bounding_box()["x"]
                      + rows.nth(i).locator("td").first.locator("span").first.bounding_box()["width"], 1)
                for i in range(rows.count())}  # fmt: skip
        assert len(ends) == 1
        for i in range(rows.count()):
            tops = {rows.nth(i).locator("td").nth(j).locator("span").first.bounding_box()["y"] for j in range(4)}
            assert max(tops) - min(tops) < 1


@pytest.fixture(scope="module")
def many_methods(tmp_path_factory, made):
    """A page of 22 methods with ranks and with four letters beside each number of the noise."""
    methods = {f"m{i}": (f"M{i}", i > 8, "", 50.0 + i) for i in range(22)}
    folder = made(tmp_path_factory.mktemp("many"), datasets=("qata",), size=16, methods=methods)
    tables = folder / "tables"
    main = pd.read_csv(tables / "main.csv")
    main.assign(rank_lo=1, rank_hi=22).to_csv(tables / "main.csv", index=False)
    pd.read_csv(tables / "robustness.csv").assign(group="bcde").to_csv(tables / "robustness.csv", index=False)
    reports.build(folder)
    return folder / "report.html"


def test_numbers_below_the_axes_of_many_methods_do_not_run_into_each_other(many_methods):
    with opened(many_methods) as window:
        places = window.locator('[data-chart="places"] svg').first
        boxes = [tick.bounding_box() for tick in places.locator("text.tick").all()]
        numbers = sorted((b for b in boxes if b["y"] == max(b["y"] for b in boxes)), key=lambda b: b["x"])
        assert len(numbers) >= 6
        for left, right in zip(numbers, numbers[1:], strict=False):
            assert left["x"] + left["width"] + 2 <= right["x"]


def test_letters_of_the_last_column_have_room(many_methods):
    with opened(many_methods) as window:
        assert window.locator("#noise-1 tr.row td:last-child sup").count() == 22
        assert window.locator("#noise-1 .scroll").evaluate("e => e.scrollWidth - e.clientWidth") == 0
        assert window.locator("#noise-1 .scroll.more").count() == 0


def test_ranks_are_explained_only_where_they_are_drawn(page, many_methods):
    for file, has_ranks in ((page, False), (many_methods, True)):
        with opened(file) as window:
            chart = window.locator('[data-chart="places"]')
            assert (chart.get_by_text("Ranks", exact=True).count() > 0) == has_ranks
            assert ("Bar at the right" in chart.inner_text()) == has_ranks


def test_every_chart_is_drawn_with_its_methods(page):
    with opened(page) as window:
        for name, least in (("places", 2), ("axes", 4), ("severity", 7), ("adherence", 3)):
            drawn = window.locator(f'[data-chart="{name}"] svg[role="img"]')
            assert drawn.count() >= least, name
            assert "C2Seg" in drawn.first.get_attribute("aria-label")
        assert window.locator('[data-chart="scatter"] canvas').count() == 2
        names = window.locator('[data-chart="places"] .label').all_text_contents()
        assert names[:4] == ["C2Seg", "LViT", "U-KAN", "U-Net"]  # best first
