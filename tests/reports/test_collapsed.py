"""A collapsed method is marked in every table and leads none."""

import json

import pytest

from reports import markdown, tables
from reports.findings import findings
from reports.read import read_run
from tests.reports.test_tables import column_of, row_of

ENTRY = {"empty": [0, 1], "constant": [], "seeds": 2, "unranked": True}


@pytest.fixture
def run(make_run, tmp_path):
    """A run in which the best method, C2Seg, collapsed."""
    folder = make_run(tmp_path / "run", datasets=("qata",), size=16)
    path = folder / "tables" / "run.json"
    about = json.loads(path.read_text())
    about["datasets"]["qata"]["collapsed"] = {"c2seg": ENTRY}
    path.write_text(json.dumps(about))
    return read_run(folder)


def test_bold_goes_to_the_next_method(run):
    for table in (tables.results(run)[0], tables.main(run)[0]):
        j = column_of(table, "Dice")
        assert row_of(table, "C2Seg").cells[j].rank is None
        assert "<sup>†</sup>" in markdown.cell(row_of(table, "C2Seg").cells[j])
        assert row_of(table, "LViT").cells[j].rank == 1


def test_no_table_ranks_it_and_each_says_why(run):
    made = [*tables.consistency(run)[1:], *tables.robustness(run), *tables.robustness_summary(run), *tables.paper(run)]
    made += [t for t in tables.reliance(run) if t.key.startswith("adherence")]
    for table in made:
        assert "† Collapsed trainings: C2Seg (2 of 2 give nearly always an empty mask)." in table.caption, table.key
        assert "scores well where the experts' masks are empty" in table.caption
        shown = [r for _, rows in table.groups for r in rows if r.label.startswith("C2Seg") and r.kind == "method"]
        for row in shown:
            assert {c.rank for c in row.cells} == {None}, table.key
            assert any(c.mark == "†" for c in row.cells), table.key


def test_it_is_not_said_to_lead(run):
    assert all("C2Seg" not in sentence for _, sentence in findings(run))


def test_one_collapsed_training_of_three_is_named_and_ranked(run):
    run.about["datasets"]["qata"]["collapsed"]["c2seg"] = ENTRY | {"empty": [], "constant": [1], "seeds": 3, "unranked": False}  # fmt: skip
    table = tables.results(run)[0]
    assert row_of(table, "C2Seg").cells[column_of(table, "Dice")].rank == 1
    assert "C2Seg (1 of 3 give nearly always the same mask; still ranked)" in table.caption


def test_without_collapse_no_note(built):
    assert "Collapsed" not in tables.results(read_run(built))[0].caption


def test_the_result_names_the_collapsed_methods_that_leave_nothing_to_compare_with(run):
    run.about["datasets"]["qata"]["collapsed"] = dict.fromkeys(("c2seg", "lvit", "ukan"), ENTRY)
    sentence = dict(findings(run))["qata, Dice (%):"]
    assert sentence.startswith("U-Net ")
    assert sentence.endswith("no other method to compare with (collapsed: U-KAN, LViT, C2Seg).")
