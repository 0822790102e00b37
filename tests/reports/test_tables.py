"""Tidy tables -> cells."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from reports import latex, markdown, tables
from reports.findings import findings
from reports.read import read_run


def set_metric(metric, values, **columns):
    """An edit of main.csv: values per method with an interval of ±1."""

    def edit(table):
        for method, value in values.items():
            row = (table["method"] == method) & (table["metric"] == metric)
            table.loc[row, ["value", "lo", "hi"]] = [[value, value - 1, value + 1]]
        for name, by_method in columns.items():
            table[name] = table["method"].map(by_method)
        return table

    return edit


def row_of(table, label):
    return next(r for _, rows in table.groups for r in rows if r.label == label)


def column_of(table, title):
    return [c.title for c in table.columns].index(title)


def test_best_and_second_of_a_column_where_more_is_better(change):
    folder = change("main.csv", set_metric("dice", {"unet": 70.0, "ukan": 74.996, "lvit": 75.004, "c2seg": 72.0}))
    table = tables.results(read_run(folder))[0]
    j = column_of(table, "Dice")
    assert markdown.cell(row_of(table, "LViT").cells[j]) == "**75.00**<br><sub>[74.00, 76.00]</sub>"
    assert markdown.cell(row_of(table, "U-KAN").cells[j]) == "**75.00**<br><sub>[74.00, 76.00]</sub>"
    assert markdown.cell(row_of(table, "C2Seg").cells[j]) == "<ins>72.00</ins><br><sub>[71.00, 73.00]</sub>"
    assert markdown.cell(row_of(table, "U-Net").cells[j]) == "70.00<br><sub>[69.00, 71.00]</sub>"


def test_best_and_second_of_a_column_where_less_is_better(change):
    folder = change("main.csv", set_metric("hd95", {"unet": 30.0, "ukan": 9.0, "lvit": 12.5, "c2seg": 11.0}))
    table = tables.results(read_run(folder))[0]
    j = column_of(table, "HD95")
    assert latex.cell(row_of(table, "U-KAN").cells[j]) == r"\textbf{9.00}"
    assert latex.cell(row_of(table, "C2Seg").cells[j]) == r"\underline{11.00}"
    assert latex.cell(row_of(table, "LViT").cells[j]) == "12.50"


def test_groups_and_published_rows(built):
    phantom, qata = tables.results(read_run(built))
    assert [(title, [r.label for r in rows]) for title, rows in phantom.groups] == [
        ("Text-free", ["U-Net", "U-KAN"]),
        ("Text-guided", ["LViT", "C2Seg"]),
        ("Never look at the image", ["Empty", "Prompt only"]),
    ]
    assert [r.label for _, rows in qata.groups[:2] for r in rows] == [
        "U-Net", "U-Net, published", "U-KAN", "UKAN, published", "LViT", "LViT, published", "C2Seg", "C2Seg, published",
    ]  # fmt: skip
    row = row_of(qata, "C2Seg, published")
    assert [markdown.cell(c, row.kind) for c in row.cells] == [
        "*18.92*", "yes", "*85.25*", "*76.97*", "*12.71*", "*3.38*", "–", "–",
    ]  # fmt: skip
    assert all(c.rank is None for c in row.cells)  # higher than ours, and still not ranked
    assert row_of(qata, "C2Seg").cells[column_of(qata, "Dice")].rank == 1
    blind = row_of(qata, "Prompt only")
    assert [markdown.cell(c, blind.kind) for c in blind.cells] == [
        "–", "yes", "40.00<br><sub>[39.00, 41.10]</sub>", "–", "–", "–", "–", "1.10<br><sub>[0.10, 2.20]</sub>",
    ]  # fmt: skip
    assert "a corrected score of 1 can be had without looking at the image" in qata.caption


def test_caption_states_the_protocol_and_warns(built):
    phantom, qata = (t.caption for t in tables.results(read_run(built)))
    for words in ("Per-image means", "4 test images", "64×64 pixels", "probability > 0.5", "2 seeds (0, 1)",
                  "policy diagonal", "U-Net 1, U-KAN 1, LViT 1, C2Seg 1"):  # fmt: skip
        assert words in phantom
    assert "published" not in phantom
    assert "another setting" in qata
    assert "Warning: the published row LViT has a Dice above 2 IoU / (1 + IoU)" in qata
    assert "dataset-level" not in qata


def test_caption_warns_of_a_dataset_level_row(change):
    folder = change("methods.csv", lambda t: t.assign(published=["U-Net", "UKAN", "ARSeg", "C2Seg"]))
    caption = tables.results(read_run(folder))[0].caption
    assert "Warning: the published row ARSeg meets Dice = 2 IoU / (1 + IoU)" in caption
    assert "dataset-level (pooled) and not comparable" in caption


@pytest.mark.parametrize(
    ("seeds", "subjects", "images", "words"),
    [
        (
            [0],
            None,
            500,
            "drawn by image; subjects not known). They are of this training alone, since fewer than 3 seeds",
        ),
        ([0, 1], 413, 1500, "drawn by subject (413)). They are of these trainings alone"),
        (
            [0, 1, 2],
            413,
            1500,
            "drawn by subject (413)). They include the spread between trainings, as far as 3 seeds show it.",
        ),
        ([0, 1, 2], 31, 1500, "Fewer than 100 images or subjects (qata): an interval can be too narrow"),
    ],
)
def test_caption_says_what_the_intervals_are_of(make_run, tmp_path, seeds, subjects, images, words):
    folder = make_run(tmp_path / "run", datasets=("qata",), size=16)
    path = folder / "tables" / "run.json"
    about = json.loads(path.read_text())
    about["seeds"] = seeds
    about["datasets"]["qata"] |= {"subjects": subjects, "test_images": images}
    path.write_text(json.dumps(about))
    run = read_run(folder)
    for table in (*tables.results(run), *tables.robustness(run), *tables.robustness_summary(run)):
        assert words in table.caption, table.key
    assert ("Fewer than 100" in tables.results(run)[0].caption) == (subjects == 31)


def test_caption_shows_how_far_trainings_differ(change):
    spread = {"unet": 0.5, "ukan": 1.25, "lvit": 3.0, "c2seg": np.nan}
    folder = change("main.csv", lambda t: t.assign(seed_sd=t["method"].map(spread)))
    caption = tables.results(read_run(folder))[0].caption
    assert "Standard deviation of Dice between trainings: U-Net 0.50, U-KAN 1.25, LViT 3.00." in caption


def test_caption_says_when_seeds_are_missing(change):
    folder = change("main.csv", lambda t: t.assign(seeds=[1 if m == "lvit" else 2 for m in t["method"]]))
    assert "Not all seeds are done: U-Net 2, U-KAN 2, LViT 1, C2Seg 2." in tables.results(read_run(folder))[0].caption


def test_a_model_that_was_trained_elsewhere_has_no_seeds_to_miss(change):
    folder = change("main.csv", lambda t: t.assign(seeds=[0 if m == "lvit" else 2 for m in t["method"]]))
    assert "seeds are done" not in tables.results(read_run(folder))[0].caption


def test_tie_groups_are_raised(change):
    folder = change("main.csv", set_metric("dice", {}, group={"unet": "b", "ukan": "b", "lvit": "ab", "c2seg": "a"}))
    table = tables.results(read_run(folder))[0]
    cell = row_of(table, "LViT").cells[column_of(table, "Dice")]
    assert "</ins><sup>ab</sup><br>" in markdown.cell(cell)
    assert latex.cell(cell).startswith(r"\underline{") and latex.cell(cell).endswith(r"}\textsuperscript{ab}")
    assert "Raised letters" in table.caption


def test_a_metric_that_is_missing_is_a_dash(change):
    folder = change("main.csv", lambda t: t[~((t["method"] == "c2seg") & (t["metric"] == "assd"))])
    table = tables.results(read_run(folder))[0]
    assert markdown.cell(row_of(table, "C2Seg").cells[column_of(table, "ASSD")]) == "–"
    assert row_of(table, "LViT").cells[column_of(table, "ASSD")].rank == 1


def test_consistency_has_ceiling_chance_and_constant_predictors(built):
    axes, methods = tables.consistency(read_run(built))[:2]
    assert [c.heading for c in axes.columns] == [
        "Coverage (%)", "Experts' masks: Ceiling (%)", "Experts' masks: Strict (%)", "Experts' masks: Chance (%)",
        "Same statement (%)", *(f"Never look at the image: {n} (%)" for n in ("Empty", "Full", "Mean mask", "Prompt only")),
    ]  # fmt: skip
    assert [c.shown for c in row_of(axes, "Position").cells[:2]] == ["70.0", "85.0"]
    assert [title for title, _ in methods.groups] == [
        "Text-free",
        "Text-guided",
        "Never look at the image",
        "Reference",
    ]
    assert all(c.rank is None for title, rows in methods.groups[2:] for r in rows for c in r.cells)
    assert row_of(methods, "C2Seg").cells[3].rank == 1
    assert row_of(methods, "Experts' masks").cells[3].shown == "1.00"


@pytest.mark.parametrize("warning", ["", "32% of 44 prompts state nothing under ontology chest"])
def test_caption_says_how_many_prompts_are_not_read(make_run, tmp_path, warning):
    folder = make_run(tmp_path / "run", datasets=("qata",))
    file = folder / "tables" / "run.json"
    about = json.loads(file.read_text())
    about["datasets"]["qata"] |= {"abstained": 0.125, "reading_warning": warning}
    file.write_text(json.dumps(about))
    caption = tables.consistency(read_run(folder))[0].caption
    assert "No statement could be read from 12.5 % of the prompts that have text." in caption
    assert ("Warning: 32% of 44 prompts state nothing" in caption) == bool(warning)


def test_an_axis_that_no_prompt_states_is_left_out(change):
    folder = change("axes.csv", lambda t: t[t["axis"] != "count"])
    axes, methods = tables.consistency(read_run(folder))
    assert [r.label for r in axes.groups[0][1]] == ["Side", "Position", "All"]
    assert [c.heading for c in methods.columns[4:]] == ["Side (corrected) ↑", "Position (corrected) ↑"]


def test_footnotes_number_the_methods_that_deviate(built):
    run = read_run(built)
    assert tables.footnotes(run) == {"lvit": ("1", "Narrower than in the paper.")}
    assert "| LViT<sup>1</sup> |" in markdown.table(tables.results(run)[0])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"c2seg": 75.0, "lvit": 72.5, "ukan": 73.5, "unet": 60.0},
         "C2Seg 75.00 [74.00, 76.00] leads; second U-KAN 73.50 [72.50, 74.50], intervals overlap."),
        ({"c2seg": 75.0, "lvit": 72.5, "ukan": 64.5, "unet": 60.0},
         "C2Seg 75.00 [74.00, 76.00] leads; second LViT 72.50 [71.50, 73.50], intervals separate; best text-free "
         "U-KAN 64.50 [63.50, 65.50], intervals separate."),
        ({"c2seg": 75.0, "lvit": 75.0, "ukan": 74.5, "unet": 60.0},
         "LViT 75.00 [74.00, 76.00] and C2Seg 75.00 [74.00, 76.00] share the lead; best text-free U-KAN 74.50 "
         "[73.50, 75.50], intervals overlap."),
        ({"c2seg": np.nan, "lvit": np.nan, "ukan": np.nan, "unet": 60.0},
         "U-Net 60.00 [59.00, 61.00]; no other method to compare with."),
    ],
)  # fmt: skip
def test_findings(change, values, words):
    run = read_run(change("main.csv", set_metric("dice", values)))
    assert dict(findings(run))["qata, Dice (%):"] == words


def test_without_prompts_of_known_answer_edited_prompts_say_which_masks_follow(change):
    followed = {"c2seg": (0.6, 0.5, 0.7), "lvit": (0.2, 0.1, 0.3), "ukan": (0.05, 0.0, 0.1), "unet": (0.04, 0.0, 0.1)}

    def edit(table):
        own = table["family"] == "swap_side"
        for method, row in followed.items():
            table.loc[own & (table["method"] == method), ["followed", "lo", "hi"]] = row
        return table

    lead, sentence = findings(read_run(change("adherence.csv", edit)))[0]
    assert lead == "qata, do masks follow the words?"
    assert sentence == (
        "Share of masks that satisfy an edited prompt (sides exchanged), in percent: C2Seg 60.00 [50.00, 70.00] leads; "
        "second LViT 20.00 [10.00, 30.00], intervals separate; best text-free U-KAN 5.00 [0.00, 10.00], intervals "
        "separate."
    )


def test_a_run_without_either_says_that_following_was_not_measured(change):
    folder = change("adherence.csv", lambda t: t)
    (folder / "tables/adherence.csv").unlink()
    assert findings(read_run(folder))[0] == (
        "qata, do masks follow the words?",
        "Not measured: the run has neither prompts with a known answer nor edited prompts.",
    )


def test_methods_of_a_dataset_only(make_run, tmp_path):
    """A method that ran on one dataset has no row, and no dash, in another's table."""
    folder = make_run(tmp_path / "run", size=16)
    path = folder / "tables" / "main.csv"
    table = pd.read_csv(path)
    table[~((table["method"] == "ukan") & (table["dataset"] == "qata"))].to_csv(path, index=False)
    first, second = tables.results(read_run(folder))
    assert "U-KAN" in markdown.table(first)
    assert "U-KAN" not in markdown.table(second)


def test_reliance_has_the_scores_under_each_prompt(built):
    run = read_run(built)
    table = tables.reliance(run)[0]
    rows = run.stress[(run.stress["dataset"] == "phantom-chest") & (run.stress["method"] == "c2seg")]
    dice = rows[rows["metric"] == "dice"].groupby("family")[["clean", "value"]].mean()
    cells = row_of(table, "C2Seg").cells
    assert [(c.group, c.title) for c in table.columns[:3]] == [
        ("Dice", "true prompt"), ("Dice", "empty prompt"), ("Dice", "another image's")
    ]  # fmt: skip
    other = rows[(rows["metric"] == "dice") & (rows["family"] == "other_prompt")]
    assert (table.columns[-1].heading, cells[-1].value) == (
        "Same mask: another image's (%)", pytest.approx(other["stability"].mean())
    )  # fmt: skip
    assert cells[0].value == pytest.approx(dice["clean"].mean())
    assert cells[1].value == pytest.approx(dice.loc["empty", "value"])
    assert cells[2].value == pytest.approx(dice.loc["other_prompt", "value"])


def test_adherence_has_each_methods_own_masks_before_and_ranks_those_that_read(built):
    run = read_run(built)
    table = tables.reliance(run)[1]
    rows = run.adherence[(run.adherence["dataset"] == "phantom-chest") & (run.adherence["family"] == "swap_side")]
    j = [c.group for c in table.columns].index("Sides exchanged")
    for row in rows.itertuples():
        title = next(m.title for m in run.methods if m.name == row.method)
        cell, before, empty = row_of(table, title).cells[j : j + 3]
        assert cell.value == pytest.approx(100 * row.followed) and (cell.lo, cell.hi) == (100 * row.lo, 100 * row.hi)
        assert (empty.value, before.value) == pytest.approx((100 * row.empty, 100 * row.before))
    assert len(set(rows["before"])) == len(rows)  # no mean over methods could pass
    assert [c.heading for c in table.columns[j : j + 3]] == [
        f"Sides exchanged: {title}" for title in ("satisfied (%) ↑", "before (%)", "empty (%)")
    ]
    assert {row_of(table, t).cells[j].rank for t in ("U-Net", "U-KAN")} == {None}
    assert {row_of(table, t).cells[j].rank for t in ("LViT", "C2Seg")} == {1, 2}
    assert [cell.value for cell in table.groups[0][1][-1].cells[j : j + 3]] == [pytest.approx(90.0), None, None]


def test_a_method_trained_in_two_ways_has_one_published_row(make_run, tmp_path):
    both = {
        "blind": ("LViT (blind)", False, "LViT", 60.0),  # the published row reads the words: not among the text-free
        "lvit": ("LViT", True, "LViT", 69.0),
        "lvit-noise": ("LViT (noise)", True, "LViT", 68.0),
    }
    table = tables.results(read_run(make_run(tmp_path / "run", datasets=("qata",), methods=both)))[0]
    labels = [row.label for _, rows in table.groups[:2] for row in rows]
    assert labels == ["LViT (blind)", "LViT", "LViT (noise)", "LViT, published"]
