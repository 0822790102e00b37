"""Tables and curves of noisy prompts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reports import markdown, tables
from reports.figures.severity import curve, families
from reports.latex.layout import parts_of
from reports.read import read_run
from tests.reports.test_tables import row_of


def test_stress_kinds_are_not_mixed(built):
    run = read_run(built)
    table = tables.robustness(run)[0]
    rows = run.stress[(run.stress["dataset"] == "phantom-chest") & (run.stress["metric"] == "dice")]
    rows = rows[rows["method"] == "lvit"]
    means = {kind: rows[rows["kind"] == kind].groupby("family")["drop"].mean().mean() for kind in ("kept", "missing")}
    j = 1 + [c.title for c in table.columns[1:]].index("LViT")
    assert row_of(table, "Mean drop, meaning kept").cells[j].value == pytest.approx(means["kept"], rel=1e-4)
    assert row_of(table, "Mean drop, findings missing").cells[j].value == pytest.approx(means["missing"], rel=1e-4)
    proper = run.robustness.set_index(["dataset", "metric", "method", "kind", "summary"]).sort_index()
    cell = row_of(table, "Mean drop, meaning kept").cells[j]
    assert (cell.lo, cell.hi) == tuple(proper.loc[("phantom-chest", "dice", "lvit", "kept", "drop"), ["lo", "hi"]])
    own = proper.loc[("phantom-chest", "dice", "lvit", "kept", "family")].set_index("families").loc["swap"]
    cell = row_of(table, "swap").cells[j]
    assert (cell.value, cell.lo, cell.hi) == tuple(own[["value", "lo", "hi"]])
    assert cell.value == pytest.approx(rows[rows["family"] == "swap"]["drop"].mean(), rel=1e-4)
    assert [title.split(" (")[0] for title, _ in table.groups] == [
        "Meaning kept",
        "Findings missing",
        "Meaning changed",
    ]
    assert [r.label for r in table.groups[2][1]] == ["other_prompt"]  # one family: its mean is itself
    ranked = {kind: {c.rank for r in rows for c in r.cells} for kind, rows in table.groups}
    assert ranked[table.groups[0][0]] == {None, 1, 2}
    assert ranked[table.groups[1][0]] == ranked[table.groups[2][0]] == {None}


def test_stress_leaves_out_text_free_methods_that_did_not_move(built, change):
    table = tables.robustness(read_run(built))[0]
    assert [c.title for c in table.columns] == ["Reworded", "LViT", "C2Seg"]
    assert "Not shown: U-Net and U-KAN, which read no prompt: 0 everywhere." in table.caption
    moved = change(
        "stress.csv",
        lambda t: t.assign(drop=[-5.0 if m == "unet" else d for m, d in zip(t["method"], t["drop"], strict=True)]),
    )
    shown = tables.robustness(read_run(moved))[0]
    assert [c.title for c in shown.columns] == ["Reworded", "U-Net", "LViT", "C2Seg"]
    assert row_of(shown, "keyboard").cells[1].rank is None  # shown, and not in the race of the readers


def test_a_drop_that_is_not_known_is_a_dash(change):
    def edit(table):
        mine = (table["method"] == "c2seg") & (table["kind"] == "kept")
        table.loc[mine, ["value", "lo", "hi"]] = np.nan
        return table

    run = read_run(change("robustness.csv", edit))
    assert markdown.cell(row_of(tables.robustness(run)[0], "swap").cells[2]) == "–"
    assert set(curve(run, "qata")["method"]) == {"unet", "ukan", "lvit"}


def test_a_family_without_degrees_has_no_curve(change):
    def edit(table):
        graded = table["summary"].str.startswith("severity_")
        return table.assign(families=table["families"].where(~graded, "keyboard abbreviations"))

    run = read_run(change("robustness.csv", edit))
    assert families(run.robustness, "qata") == (["keyboard", "abbreviations"], ["swap"])


def test_without_degrees_there_is_no_curve(change):
    run = read_run(change("robustness.csv", lambda t: t[~t["summary"].str.startswith("severity_")]))
    assert curve(run, "qata") is None


def test_noise_is_summed_up_by_method_and_kinds_are_not_mixed(built):
    run = read_run(built)
    table = tables.robustness_summary(run)[1]
    assert (table.key, table.title) == ("noise-2", "qata: what noisy prompts cost, in Dice")
    assert [(title, [r.label for r in rows]) for title, rows in table.groups] == [
        ("Text-free", ["U-Net", "U-KAN"]),
        ("Text-guided", ["LViT", "C2Seg"]),
    ]
    assert [c.heading for c in table.columns] == [
        "Drop (points) ↓", "Relative (%) ↓", "Relative mCE ↓", "mCE ↓", "Area (%) ↑", "Worst family (points)",
        "Masks kept (%) ↑", "Findings missing: Drop (points)", "Findings missing: Relative (%)",
    ]  # fmt: skip
    stress = run.stress[(run.stress["dataset"] == "qata") & (run.stress["metric"] == "dice")]
    means = stress.groupby(["method", "kind", "family"])[["clean", "value", "drop", "stability"]].mean()
    mine, other, missing = means.loc["c2seg", "kept"], means.loc["lvit", "kept"], means.loc["c2seg", "missing"]
    cells = row_of(table, "C2Seg").cells
    assert [c.value for c in cells if not c.text] == pytest.approx([
        mine["drop"].mean(), 100 * (mine["drop"] / mine["clean"]).mean(), (mine["drop"] / other["drop"]).mean(),
        ((100 - mine["value"]) / (100 - other["value"])).mean(), mine["value"].mean() + 1, mine["stability"].mean(),
        missing["drop"].mean(), 100 * (missing["drop"] / missing["clean"]).mean(),
    ], rel=1e-4)  # fmt: skip
    assert (cells[0].lo, cells[0].hi) == pytest.approx((cells[0].value - 0.25, cells[0].value + 0.275), abs=1e-4)
    assert cells[5].shown == f"{mine['drop'].max():.1f} ({mine['drop'].idxmax()})"
    assert [c.rank for c in cells] == [1, 1, 1, 1, 1, None, 1, None, None]
    assert [c.value for c in row_of(table, "LViT").cells[2:4]] == [1, 1]


def test_the_summary_of_noise_names_its_families_and_its_reference(change):
    def edit(table):
        table["undefined"] = [0.034 if s == "relative_mce" else 0 for s in table["summary"]]
        table.loc[table["summary"] == "area", "families"] = "keyboard abbreviations"
        return table

    caption = tables.robustness_summary(read_run(change("robustness.csv", edit)))[0].caption
    assert "keep the prompt's meaning (keyboard, swap, abbreviations)" in caption
    assert "leave findings out (no_position, empty)" in caption
    assert "other_prompt" not in caption
    assert caption.endswith(
        "Reference: LViT. In up to 3 % of the draws a ratio is undefined; they are left out. Raised letters: two methods "
        "share one if and only if they do not differ significantly. Run at one severity, so not in the area: swap."
    )


def test_what_noise_cost_a_text_free_method_is_nothing_and_not_ranked(built):
    cells = row_of(tables.robustness_summary(read_run(built))[0], "U-Net").cells
    assert [c.shown for c in cells[:3]] == ["0.0", "0.0", "0.00"]
    assert (cells[5].shown, cells[6].shown) == ("0.0", "100.0")
    assert {c.rank for c in cells} == {None}


def test_a_summary_that_is_not_known_is_a_dash(change):
    def edit(table):
        row = (table["method"] == "c2seg") & (table["kind"] == "kept")
        table.loc[row, ["value", "lo", "hi"]] = np.nan
        table.loc[row & (table["summary"] == "worst"), "families"] = ""
        return table[table["summary"] != "mce"]

    run = read_run(change("robustness.csv", edit))
    table = tables.robustness_summary(run)[0]
    assert [c.shown for c in row_of(table, "C2Seg").cells[:7]] == ["–"] * 7
    assert row_of(table, "LViT").cells[3].shown == "–" and "Reference" not in table.caption
    assert markdown.cell(row_of(tables.robustness(run)[0], "Mean drop, meaning kept").cells[2]) == "–"


def test_best_and_second_are_those_of_all_methods_also_where_a_paper_needs_several_tables(make_run, tmp_path):
    extra = {f"m{i}": (f"M{i}", True, "", 60.0 + i) for i in range(17)}
    folder = make_run(tmp_path / "run", datasets=("a",), size=16, methods=extra)
    path = folder / "tables" / "robustness.csv"
    table = pd.read_csv(path)
    own = (table["metric"] == "dice") & (table["summary"] == "family") & (table["families"] == "keyboard")
    table.loc[own, "value"] = table.loc[own, "method"].map(lambda name: (int(name[1:]) * 5 + 3) % 17 + 1.0)
    table.to_csv(path, index=False)
    [drops] = [t for t in tables.robustness(read_run(folder)) if "Dice" in t.title]
    assert [c.title for c in drops.columns] == ["Reworded", *(f"M{i}" for i in range(17))]
    parts = [part.table for part in parts_of(drops)]
    assert [part.title for part in parts] == [f"a: drop in Dice (part {k} of {len(parts)})" for k in (1, 2)]
    cells = [cell for part in parts for cell in row_of(part, "keyboard").cells]
    assert {cell.rank: cell.value for cell in cells if cell.rank} == {1: 1.0, 2: 2.0}
    assert [cell.rank for cell in cells].count(None) == 16  # 15 methods and the share of prompts


def test_curve_starts_at_the_clean_value(built):
    run = read_run(built)
    table = curve(run, "qata").set_index(["method", "severity"])
    rows = run.stress[
        (run.stress["dataset"] == "qata") & (run.stress["metric"] == "dice") & (run.stress["kind"] == "kept")
    ]
    one = rows[(rows["method"] == "lvit") & (rows["severity"] == 3)]
    assert table.loc[("lvit", 0), ["value", "lo", "hi"]].tolist() == [69.0] * 3
    assert table.loc[("lvit", 3), "value"] == pytest.approx(one["value"].mean())
    known = run.robustness.set_index(["dataset", "metric", "method", "summary"]).sort_index()
    high = known.loc[("qata", "dice", "lvit", "severity_3"), "hi"].item()
    assert table.loc[("lvit", 3), "lo"] == pytest.approx(69.0 - high)
    assert high == pytest.approx(one["drop"].mean() + 0.44, rel=1e-3)
