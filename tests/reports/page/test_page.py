"""The page as a file: its policy, what is inside, and text from outside; test_browser*.py have what it does."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reports
from reports.document import Document
from reports.errors import InputError
from reports.page.assets import SCRIPTS, STYLES, script, stylesheet
from reports.page.charts import charts
from reports.page.data import embedded
from reports.page.render import Anchors, render, with_bold_terms
from reports.read import read_run
from reports.tables.model import Cell, Column, Row, Table

NASTY = "_ % & # $ { } ~ ^ \\ < > \" ' é Łódź 中文 😀 </script><script>alert(1)</script><!-- ]]>  \u2028"


class Parsed(HTMLParser):
    """Elements that were opened, and the text inside each script and style."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.inside: list[tuple[str, dict, str]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        tag, attributes = self.elements[-1] if self.elements else ("", {})
        if tag in ("script", "style") and self.cdata_elem == tag:
            self.inside.append((tag, attributes, data))
        else:
            self.text += data

    def records(self, name: str):
        return json.loads("".join(d for _, a, d in self.inside if a.get("id") == name))


@pytest.fixture(scope="module")
def parsed(page) -> Parsed:
    return Parsed(page.read_text("utf-8"))


def test_policy_forbids_the_network_and_lets_only_this_style_and_script_run(parsed):
    policy = next(a["content"] for t, a in parsed.elements if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'" and rules["img-src"] == "data:"
    assert "unsafe" not in policy and "http" not in policy
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        own = [text for t, a, text in parsed.inside if t == tag and "type" not in a]
        digests = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in own}
        assert rules[rule] == " ".join(f"'sha256-{d}'" for d in digests)
    assert not any("style" in a or any(name.startswith("on") for name in a) for _, a in parsed.elements)


def test_nothing_is_loaded(parsed):
    for tag, attributes in parsed.elements:
        for name in ("src", "href", "srcset", "action", "data"):
            if value := attributes.get(name):
                assert value.startswith(("#", "data:image/png;base64,")), (tag, value)
        assert tag not in ("link", "iframe", "object", "embed", "base")


def test_every_style_and_script_file_is_in_the_page():
    from importlib.resources import files

    for folder, names, suffix in (("styles", STYLES, ".css"), ("scripts", SCRIPTS, ".js")):
        there = {path.name.removesuffix(suffix) for path in files("reports.page").joinpath(folder).iterdir()}
        assert there == set(names)
    assert "</" not in script() + stylesheet() or "</script" not in script()


def test_every_file_of_the_page_is_in_the_wheel():
    import tomllib
    from pathlib import Path

    root = Path(reports.__file__).parents[1]
    data = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    folder = root / "reports" / "page"
    packed = {path for pattern in data["reports.page"] for path in folder.glob(pattern)}
    there = {path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert there == packed and len(there) > 20


def test_links_lead_to_one_place_each(parsed):
    places = [a["id"] for _, a in parsed.elements if "id" in a]
    assert len(set(places)) == len(places)
    links = [a["href"][1:] for t, a in parsed.elements if t == "a"]
    assert set(links) <= set(places)
    tables = [a["data-table"] for _, a in parsed.elements if "data-table" in a]
    assert len(tables) > 5
    assert all(links.count(key) == 2 for key in tables)  # contents, and the heading itself


def test_every_table_can_be_copied(parsed):
    copies = parsed.records("data-copies")
    keys = [a["data-table"] for _, a in parsed.elements if "data-table" in a]
    assert set(copies) == set(keys)
    for key in keys:
        assert f"\\label{{tab:{key}}}" in copies[key]["latex"]
        assert copies[key]["latex"].rstrip().endswith(("\\end{table}", "\\end{table*}"))
    rows = list(csv.DictReader(io.StringIO(copies["results-1"]["csv"])))
    assert next(r for r in rows if r["row"] == "C2Seg")["Dice (%)"].startswith("75.0")


def test_charts_have_the_numbers_of_the_tables(parsed, page):
    import pandas as pd

    drawn = parsed.records("data-charts")
    assert [m["name"] for m in drawn["methods"]] == ["unet", "ukan", "lvit", "c2seg"]
    main = pd.read_csv(page.parent / "tables" / "main.csv").set_index(["method", "metric"])
    dice = drawn["places"][0]["metrics"][0]
    assert dice["title"] == "Dice (%)"
    for row in dice["rows"]:
        expected = main.loc[(row["method"], "dice"), ["value", "lo", "hi"]].tolist()
        assert [row["value"], row["lo"], row["hi"]] == pytest.approx(expected)
    kinds = drawn["severity"][0]["kinds"]
    assert [[p["title"] for p in kind["panels"]] for kind in kinds] == [
        ["Mean of graded families", "keyboard", "swap", "abbreviations"], ["no_position", "empty"], ["other_prompt"],
    ]  # fmt: skip
    stress = pd.read_csv(page.parent / "tables" / "stress.csv").set_index(["metric", "family", "method", "severity"])
    panel = kinds[1]["panels"][0]
    lvit = next(c for c in panel["curves"] if c["method"] == "lvit")
    row = stress.loc[("dice", "no_position", "lvit", 3)]
    assert lvit["points"][2] == pytest.approx([3, row["value"], row["clean"] - row["hi"], row["clean"] - row["lo"]])
    adherence = pd.read_csv(page.parent / "tables" / "adherence.csv").set_index(["family", "method"])
    first = drawn["adherence"][0]["families"][0]
    row = next(r for r in first["rows"] if r["method"] == "c2seg")
    assert row["followed"] == pytest.approx(adherence.loc[("swap_side", "c2seg"), "followed"])
    assert row["before"] == pytest.approx(adherence.loc[("swap_side", "c2seg"), "before"])
    assert row["empty"] == pytest.approx(adherence.loc[("swap_side", "c2seg"), "empty"])
    axes = pd.read_csv(page.parent / "tables" / "axes.csv").set_index(["axis", "method"])
    count = next(p for p in drawn["axes"][0]["panels"] if p["title"] == "Count")
    assert [r["value"] for r in count["rows"]] == pytest.approx(
        axes.loc["count"].loc[[r["method"] for r in count["rows"]], "corrected"].tolist()
    )


def undefined(axis: str):
    """Empties what a table has of an axis or a family, as where the experts do no better than chance."""

    def empty(table):
        own = (
            table[{"axes": "axis", "adherence": "family", "stress": "family"}[axis.split(":")[0]]] == axis.split(":")[1]
        )
        table.loc[own, [c for c in ("corrected", "followed", "before", "value", "drop", "lo", "hi") if c in table]] = (
            float("nan")
        )
        return table

    return empty


@pytest.mark.parametrize(
    ("chart", "what", "title"),
    [
        ("axes", "axes:position", "Position"),
        ("adherence", "adherence:deny", "Findings denied"),
        ("severity", "stress:empty", "empty"),
    ],
)
def test_a_panel_in_which_nothing_is_defined_is_named_instead_of_drawn(change, chart, what, title):
    run = read_run(change(f"{what.split(':')[0]}.csv", undefined(what)))
    [item] = charts(run)[chart]
    panels = item.get("panels") or item.get("families") or [p for kind in item["kinds"] for p in kind["panels"]]
    assert item["undefined"] == [title]
    assert len(panels) >= 2 and title not in [panel["title"] for panel in panels]


def test_says_how_many_cases_are_shown(parsed):
    words = " ".join(parsed.text.split())
    assert "Shown: 3 of 7 images and 9 of 21 pairs of an image and a prompt" in words
    assert "Trainings: qata: seed 0. Dots show each method's first training;" in words


@pytest.mark.parametrize("text", [NASTY, "</SCRIPT >", "<!--<script>", "\u2029&amp;", "plain"])
def test_records_in_the_page_cannot_end_their_element(text):
    made = str(embedded({"name": text, "n": float("nan"), "list": (1, float("inf"))}))
    assert not set("<>&\u2028\u2029") & set(made)
    assert json.loads(made) == {"name": text, "n": None, "list": [1, None]}


def test_text_from_outside_comes_out_as_itself(made, cases, tmp_path):
    """Names of methods, datasets, pictures and prompts that are markup, LaTeX and rare letters at once."""
    folder = made(tmp_path / "run", datasets=(NASTY,), size=16)
    content = cases.add_cases(folder, NASTY, (NASTY, "b", "c"))
    content["prompts"][0]["parts"] = [[NASTY, "count"]]
    content["prompts"][0]["left_out"] = [[NASTY, NASTY]]
    (folder / "tables" / "explorer.json").write_text(json.dumps(content))
    methods = (folder / "tables" / "methods.csv").read_text("utf-8")
    quoted = NASTY.replace('"', '""')
    (folder / "tables" / "methods.csv").write_text(methods.replace("C2Seg", f'"{quoted}"', 1), "utf-8")
    reports.build(folder)
    parsed = Parsed((folder / "report.html").read_text("utf-8"))
    assert [a for t, a in parsed.elements if t == "script"].count({}) == 1  # ours
    assert not [t for t, a in parsed.elements if t == "b" or "alert" in str(a.get("id"))]
    stored = parsed.records("data-cases")
    assert (
        stored["pictures"][0]["name"] == stored["prompts"][0]["parts"][0][0] == stored["datasets"][0]["name"] == NASTY
    )
    assert NASTY in [m["title"] for m in parsed.records("data-charts")["methods"]]
    assert parsed.text.count(NASTY) > 10


def broken(content: dict, *path, value) -> dict:
    at = content
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return content


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("pictures", 0, "jpeg"), '"><script>', r"pictures.0.jpeg: String should match pattern"),
        (("pictures", 0, "width"), 0, r"pictures.0.width: Input should be greater than 0"),
        (("pairs", 0, "picture"), 9, r"pair 0 has an image or a prompt that is not in the file"),
        (("pairs", 1, "condition"), 3, r"pair 1 does not fit the conditions and methods of dataset 'qata'"),
        (("pairs", 1, "cases"), [None], r"pair 1 does not fit"),
        (("pairs", 0, "cases", 0), [2, 1, 1, 1, "", [], []], r"pairs.0.cases.0"),
        (("datasets", 0, "name"), "x", r"dataset 'x' is not in run.json"),
        (("datasets", 0, "methods"), ["unet", "x"], r"method 'x' is not in methods.csv"),
        (("datasets", 0, "seeds"), [0], r"dataset 'qata' has not one seed and two lists"),
        (("datasets", 0, "dice", 0), [1], r"dataset 'qata' has not one score for each image"),
        (("datasets", 0, "images"), [5, 0, 1, 2], r"dataset 'qata' has an image that is not in the file"),
        (("pictures", 0, "dataset"), 1, r"picture 0 is of a dataset that is not in the file"),
        (("total",), {}, r"total.pictures: Field required"),
    ],
)
def test_a_malformed_file_is_one_line(made, cases, tmp_path, path, value, message):
    folder = made(tmp_path / "run", datasets=("qata",), size=16)
    content = broken(cases.add_cases(folder), *path, value=value)
    (folder / "tables" / "explorer.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=message) as error:
        reports.build(folder)
    assert "\n" not in str(error.value) and "explorer.json" in str(error.value)


def test_without_cases_the_section_is_not_there(built):
    parsed = Parsed((built / "report.html").read_text("utf-8"))
    assert "Single cases" not in parsed.text
    assert not [a for _, a in parsed.elements if a.get("id") == "data-cases"]


def test_a_document_without_a_run_has_its_tables_and_no_chart(tmp_path):
    table = Table("ranks", "Ranks", "What it says.", "Method", [Column("Dice", "%", "up")])
    table.groups.append(("", [Row("a", (Cell(1.5, 1, 2),))]))
    parsed = Parsed(render(Document("Board", [("Ranks", [table])]), tmp_path))
    assert [a["data-table"] for _, a in parsed.elements if "data-table" in a] == ["ranks"]
    assert not [a for _, a in parsed.elements if "data-chart" in a]
    assert parsed.records("data-charts") == {"methods": []}
    assert parsed.records("data-copies")["ranks"]["csv"].splitlines()[1].endswith("a,method,1.5,1,2")


def test_anchors_are_plain_and_each_once():
    anchors = Anchors(["section"])
    assert [anchors.new(t) for t in ("How it was made", "How it was made!", "中文", "?")] == [
        "how-it-was-made", "how-it-was-made-2", "section-2", "section-3",
    ]  # fmt: skip


def test_colours_of_methods_are_far_apart_for_every_kind_of_colour_vision():
    """Text-guided methods' colours, both themes; Machado et al. 2009, severity 1, distances in CIELAB."""
    import numpy as np

    kinds = {
        "normal": np.eye(3),
        "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    }
    style = stylesheet()
    for theme in (0, 1):
        found = re.findall(r"--guided-\d: light-dark\((#\w{6}), (#\w{6})\)", style)
        rgb = np.array([[int(pair[theme][i : i + 2], 16) / 255 for i in (1, 3, 5)] for pair in found])
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        for name, matrix in kinds.items():
            lab = _lab(np.clip(linear @ np.transpose(matrix), 0, 1))
            distance = np.linalg.norm(lab[:, None] - lab[None], axis=2)[np.triu_indices(len(lab), 1)]
            assert distance.min() > 15, (theme, name, distance.min())


def _lab(linear):
    import numpy as np

    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    t = linear @ to_xyz.T / [0.9505, 1, 1.089]
    f = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


@given(st.text(alphabet="aB .:;<>&()", max_size=60))
def test_bold_terms_change_neither_the_text_of_a_caption_nor_its_escaping(caption):
    marked = str(with_bold_terms(caption))
    assert unescape(marked.replace("<dfn>", "").replace("</dfn>", "")) == caption
    assert marked.count("<") == 2 * marked.count("<dfn>")


def test_the_terms_of_a_caption_are_bold():
    caption = "Means of 5. Strict: all that is stated; graded: in part (see: below). Names <a>: 3. x > 0.5: no."
    assert with_bold_terms(caption) == (
        "Means of 5. <dfn>Strict:</dfn> all that is stated; <dfn>graded:</dfn> in part (see: below). "
        "<dfn>Names &lt;a&gt;:</dfn> 3. x &gt; 0.5: no."
    )
