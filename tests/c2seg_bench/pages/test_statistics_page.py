"""docs/statistics.md: its numbers support what it says, and the command makes the same text."""

import re
from pathlib import Path

import numpy as np
import pytest

from c2seg_bench.pages import simulations, statistics
from c2seg_bench.seeding import rng
from metrics.stats import bootstrap_mean

PAGE = Path(__file__).parents[3] / "docs" / "statistics.md"


def tables() -> dict[str, dict[str, list[float]]]:
    """Heading -> row -> numbers."""
    numbers: dict[str, dict[str, list[float]]] = {}
    heading = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and re.fullmatch(r"[\d.]+( %)?", cells[-1]):
            numbers.setdefault(heading, {})[cells[0]] = [float(cell.removesuffix(" %")) for cell in cells[1:]]
    return numbers


def rows(heading: str) -> dict[str, list[float]]:
    """The simulated rows; the first line of a table has its columns."""
    return dict(list(tables()[heading].items())[1:])


def test_intervals_cover_the_truth_from_100_images_on():
    for title, shares in rows("Coverage of the images' part").items():
        assert min(shares[1:]) > 91, title
    assert min(rows("Subjects")["subjects"]) > 91
    assert min(rows("Other trainings")["3"]) > 91 and min(rows("Other trainings")["5"]) > 91


def test_the_page_shows_where_coverage_is_too_low():
    assert max(rows("Subjects")["images, as if each were a subject"]) < 85
    assert rows("Other trainings")["1"][-1] < 50
    assert rows("Coverage of the images' part")["Distances"][0] < 91


def test_equal_methods_differ_in_few_tables():
    for title, shares in rows("Letters of equal methods").items():
        limit = 12 if "varying" in title else 8  # 5 is meant; the page gives its error
        assert max(shares) <= limit, title
    assert len([title for title in rows("Letters of equal methods") if "varying" in title]) == 4


def test_the_spread_of_trainings_is_what_the_rows_say():
    assert [simulations.spread_of("even", k) for k in range(3)] == [0.01] * 3
    assert [simulations.spread_of("half", k) for k in range(4)] == [0.005, 0.02, 0.005, 0.02]
    assert [simulations.spread_of("one", k) for k in range(3)] == [0.05, 0.005, 0.005]


@pytest.mark.slow
def test_the_page_has_the_words_of_the_command(monkeypatch):
    """Apart from the numbers, `make simulate` writes the same page."""
    monkeypatch.setattr(simulations, "DRAWS", 20)

    def words(page):
        return [re.sub(r"[\d.]+", "N", line) for line in page.splitlines()]

    assert words(statistics.page(1)) == words(PAGE.read_text(encoding="utf-8"))


def test_coverage_counts_the_intervals_that_contain_the_truth():
    def draw(random):
        return simulations.contains(bootstrap_mean(simulations.dice_like(random, 60), 0, 200), 0.8)

    assert simulations.coverage(100, "test", draw=draw) >= 0.87
    assert simulations.coverage(20, "test", draw=lambda random: (False, 1.0)) == 0


@pytest.mark.parametrize(("draw", "mean"), [(simulations.dice_like, 0.8), (simulations.distance_like, 24.5)])
def test_drawn_values_have_the_stated_mean(draw, mean):
    values = draw(rng("test"), 400_000)
    assert np.mean(values) == pytest.approx(mean, rel=0.01)
