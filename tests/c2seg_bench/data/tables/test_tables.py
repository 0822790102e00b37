"""Which cells of a table are the name, the mask and the prompt, and which tables are refused."""

import csv
import json

import pandas as pd
import pytest

from c2seg_bench.data.tables.prompt_tables import Columns, read_prompts
from c2seg_bench.errors import InputError

TEXT = "Bilateral pulmonary infection, two infected areas, upper left lung"


def write(path, rows, **options):
    with open(path, "w", newline="", encoding=options.pop("encoding", "utf-8")) as f:
        csv.writer(f, **options).writerows(rows)
    return path


def read(path, **columns):
    return [(row.name, row.prompt) for row in read_prompts(path, columns=Columns(**columns))]


def refused(path, **columns):
    with pytest.raises(InputError) as e:
        read(path, **columns)
    assert "\n" not in str(e.value) and str(e.value).startswith(str(path))
    return str(e.value)


@pytest.mark.parametrize("options", [{}, {"delimiter": ";"}, {"delimiter": "\t"}, {"delimiter": "|"},
                                     {"encoding": "utf-8-sig"}, {"encoding": "utf-16"}, {"quoting": csv.QUOTE_ALL}])  # fmt: skip
def test_every_way_of_writing_csv_is_the_same_table(tmp_path, options):
    path = write(tmp_path / "p.csv", [("image", "text"), ("a.png", TEXT), ("b.png", "größer, links")], **options)
    assert read(path) == [("a.png", TEXT), ("b.png", "größer, links")]


@pytest.mark.parametrize("header", ["Description,Image", "Image,Description"])
def test_commas_outside_quotes_are_not_cut_to_a_clause(tmp_path, header):
    line = f"{TEXT},a.png" if header.startswith("D") else f"a.png,{TEXT}"
    (tmp_path / "p.csv").write_text(f"{header}\n{line}\n")
    assert "row 2: 4 cells below 2 columns" in refused(tmp_path / "p.csv")
    assert "quote the prompt" in refused(tmp_path / "p.csv")
    complaints = []
    assert read_prompts(tmp_path / "p.csv", complaints.append) == [] and len(complaints) == 1


def test_empty_cells_at_the_end_and_missing_ones_are_no_fault(tmp_path):
    (tmp_path / "p.csv").write_text('image,text,note\na.png,"one, two",,\nb.png,three\n\nc.png,four,x\n')
    assert read(tmp_path / "p.csv") == [("a.png", "one, two"), ("b.png", "three"), ("c.png", "four")]


def test_a_quote_that_is_not_closed_is_refused(tmp_path):
    (tmp_path / "p.csv").write_text('image,text\na.png,"one\nb.png,two\n')
    assert "not a readable table" in refused(tmp_path / "p.csv")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "the table is empty; give one with a header"),
        ("image,text\na.png,左肺\n".encode("gb18030"), "not in UTF-8 or UTF-16; save it again in UTF-8"),
        ("图像,描述\na.png,one\n".encode(), "it has 图像, 描述; rename the column that has it"),
    ],
)
def test_an_unusable_table_says_how_to_save_it(tmp_path, content, line):
    (tmp_path / "p.csv").write_bytes(content)
    assert line in refused(tmp_path / "p.csv")


def test_a_folder_instead_of_a_table_is_called_that(tmp_path):
    assert refused(tmp_path).endswith(": a folder; give the table in it")


@pytest.mark.parametrize("cell", ["nan", "NaN", "None", "N/A", "#N/A", "null", "-", "--", "–", " "])
def test_cells_that_stand_for_nothing_are_no_prompts(tmp_path, cell):
    path = write(tmp_path / "p.csv", [("image", "text"), ("a.png", cell), ("b.png", "no finding")])
    assert "row 2: a.png has no prompt" in refused(path)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_two_columns_of_prompts_are_refused_where_they_differ(tmp_path, kind):
    path = tmp_path / f"p.{kind}"
    table = pd.DataFrame({"image": ["a", "b"], "text": ["one", "two"], "description": ["one", "three"]})
    if kind == "json":
        path.write_text(json.dumps(table.to_dict("records")))
    else:
        table.to_csv(path, index=False) if kind == "csv" else table.to_excel(path, index=False)
    assert "row 3: columns description and text differ" in refused(path)
    assert read(path, prompt="Text") == [("a", "one"), ("b", "two")]
    assert read(path, prompt="description") == [("a", "one"), ("b", "three")]
    table["description"] = table["text"]
    table.to_csv(tmp_path / "same.csv", index=False)
    assert read(tmp_path / "same.csv") == [("a", "one"), ("b", "two")]


def test_a_column_of_any_name_can_be_the_prompt(tmp_path):
    path = write(tmp_path / "p.csv", [("image", "english", "deutsch"), ("a", "one", "eins")])
    assert "no column for a prompt" in refused(path) and "it has image, english, deutsch" in refused(path)
    assert read(path, prompt="Deutsch") == [("a", "eins")]
    assert "no column 'french' of prompts; it has image, text" in refused(
        write(tmp_path / "q.csv", [("image", "text"), ("a", "x")]), prompt="french"
    )


@pytest.mark.parametrize("header", ["mask", "mask_name", "Ground Truth", "ground_truth"])
def test_the_column_that_names_the_mask_is_read(tmp_path, header):
    path = write(tmp_path / "p.csv", [("image", header, "text"), ("scan 1.png", "gt\\seg_9.png", "x")])
    (row,) = read_prompts(path)
    assert (row.name, row.mask) == ("scan 1.png", "seg_9.png")
    path = write(tmp_path / "q.csv", [(header, "text"), ("seg_9.png", "x")])
    assert read(path) == [("seg_9.png", "x")]


def test_sheets_are_chosen_by_name(tmp_path):
    path = tmp_path / "p.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"image": ["a"], "text": ["one"]}).to_excel(book, sheet_name="Train", index=False)
        pd.DataFrame({"image": ["b"], "text": ["two"]}).to_excel(book, sheet_name="Test", index=False)
    assert read(path) == [("a", "one")] and read(path, sheet="Test") == [("b", "two")]
    assert "no sheet 'Val'; it has Train, Test" in refused(path, sheet="Val")
