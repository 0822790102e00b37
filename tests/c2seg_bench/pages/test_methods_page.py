"""Cards for people: every option has a meaning, and the page in docs/ is the one that the methods give."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from baselines.registry import get, names, options
from c2seg_bench.cli.main import app
from c2seg_bench.pages.methods import card_of, write_cards


@pytest.mark.parametrize("name", names())
def test_every_option_is_explained_with_its_values(name):
    card = card_of(name)
    assert set(card["options"]) == set(options(name))
    for option, known in card["options"].items():
        assert known["meaning"], option
        assert {size: known[size] for size in get(name).sizes} == {s: options(name, s)[option] for s in get(name).sizes}


def test_the_page_is_what_the_cards_say(tmp_path):
    write_cards(tmp_path / "methods.md")
    made = (tmp_path / "methods.md").read_text().replace(str(tmp_path / "methods.md"), "docs/methods.md")
    assert made == Path("docs/methods.md").read_text(), "run: c2seg-bench models --cards docs/methods.md"
    for name in names():
        for sentence in get(name).card.deviations:
            assert f"- {sentence}\n" in made


def test_one_method_as_text_and_as_json():
    shown = CliRunner().invoke(app, ["models", "lvit"]).stdout
    assert shown.startswith("## LViT (`lvit`)\n")
    assert "| `tokens` | 10 | None | token slots; 10 in the paper; None: as many as" in shown
    card = json.loads(CliRunner().invoke(app, ["models", "lvit", "--json"]).stdout)
    assert (
        card["options"]["tokens"]["paper"] == 10
        and card["published"] == "LViT"
        and card["official_recipe"]["batch"] == 24
    )


def test_an_unknown_method_is_reported_with_those_there_are():
    result = CliRunner().invoke(app, ["models", "nope"])
    assert str(result.exception).startswith("unknown method: 'nope'; there are: arseg, c2seg, ")
