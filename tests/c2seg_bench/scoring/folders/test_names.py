"""`score` pairs files by names, suffixes and templates, and scores a part on request."""

import pandas as pd
import pytest

from tests.c2seg_bench.scoring.folders.calls import TEXT, refused, rename, run


@pytest.mark.parametrize(
    ("pred", "gt", "options"),
    [
        ("{}_pred.png", "{}.png", ["--suffix", "_pred"]),
        ("P-{}-out.png", "{}.png", ["--prediction-names", "p-{name}-out"]),
        ("{}.png", "{}_gt.png", ["--target-names", "{name}_gt"]),
        ("seg_{}.png", "{}_Segmentation.png", ["--prediction-names", "seg_{name}"]),
    ],
)
def test_names_by_suffix_and_template(folder, pred, gt, options):
    expected = run(folder)[1]
    rename(folder / "pred", pred)
    rename(folder / "gt", gt)
    assert "3 of 3 without a target" in refused(folder) and "--suffix" in refused(folder)
    assert run(folder, *options)[1].equals(expected)


def test_predictions_and_targets_in_one_folder_differ_by_their_names(folder):
    expected = run(folder)[1]
    rename(folder / "pred", "{}_pred.png")
    rename(folder / "gt", "{}_gt.png")
    for path in (folder / "gt").iterdir():
        path.rename(folder / "pred" / path.name)
    both = ["--suffix", "_pred", "--target-names", "{name}_gt"]
    assert run(folder, *both, gt="pred")[1].equals(expected)


def test_templates_that_say_nothing(folder):
    assert refused(folder, "--prediction-names", "pred").startswith("--prediction-names pred: give {name} once")
    assert refused(folder, "--suffix", "_pred").startswith("--prediction-names {name}_pred: no file in")
    assert refused(folder, "--target-names", "{name}{name}").startswith("--target-names {name}{name}: give {name} once")
    assert "give one of the two" in refused(folder, "--suffix", "_x", "--prediction-names", "{name}_y")


def test_a_part_is_scored_on_request(folder):
    everything = run(folder)[1]
    (folder / "pred" / "b.png").unlink()
    assert "1 of 3 without a prediction (b.png)" in refused(folder) and "--subset" in refused(folder)
    assert run(folder, "--subset", "predictions")[1].equals(everything.drop("b"))
    (folder / "gt" / "a.png").unlink()
    assert "1 of 2 without a target (a.png)" in refused(folder, "--subset", "predictions")


def test_what_has_a_prompt_is_scored_on_request(folder):
    everything = run(folder)[1]
    (folder / "p.csv").write_text(f'image,text\nc.png,"{TEXT}"\nA.png,"{TEXT}"\nz.png,"{TEXT}"\n')
    prompts = ["--prompts", folder / "p.csv"]
    assert "no prompt for 1 of 3 images (b)" in refused(folder, *prompts)
    assert run(folder, *prompts, "--subset", "prompts")[1]["dice"].equals(everything["dice"].drop("b"))
    assert "no prompts are given; give --prompts" in refused(folder, "--subset", "prompts")
    assert refused(folder, "--subset", "some") == "--subset some: there are predictions, prompts"
    (folder / "p.csv").write_text(f'image,text\nz.png,"{TEXT}"\n')
    assert "has a prompt" in refused(folder, *prompts, "--subset", "prompts")


def test_the_prompt_is_that_of_the_mask_or_of_a_chosen_column_and_sheet(folder):
    table = pd.DataFrame({"image": ["x1", "x1", "x2"], "mask": ["a.png", "b.png", "c.png"],
                          "text": ["one", "two", "three"], "german": ["eins", "zwei", "drei"]})  # fmt: skip
    with pd.ExcelWriter(folder / "p.xlsx") as book:
        table.drop(columns="mask").to_excel(book, sheet_name="Old", index=False)
        table.to_excel(book, sheet_name="New", index=False)
    options = ["--prompts", folder / "p.xlsx", "--prompt-sheet", "New"]
    assert list(run(folder, *options)[1]["prompt"]) == ["one", "two", "three"]
    assert list(run(folder, *options, "--prompt-column", "German")[1]["prompt"]) == ["eins", "zwei", "drei"]
    assert "rows 2 and 3 give two prompts for x1" in refused(folder, "--prompts", folder / "p.xlsx")
    table["image"] = ["a.nii.gz", "0c", "B.png "]
    with pd.ExcelWriter(folder / "p.xlsx") as book:
        table.drop(columns="mask").to_excel(book, sheet_name="Old", index=False)
        table.to_excel(book, sheet_name="New", index=False)
    line = refused(folder, "--prompts", folder / "p.xlsx")
    assert "no prompt for 1 of 3 images (c); in the table '0c' is near c" in line
    assert "sheet Old was read of Old, New (--prompt-sheet" in line
