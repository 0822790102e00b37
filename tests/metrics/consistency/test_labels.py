"""The file of prompts that a person labelled: what is read, and what is refused."""

import pytest

from metrics import InputError
from metrics.consistency.study.labels import COLUMN_NAMES, Label, read_labels

HEADING = "\t".join(COLUMN_NAMES)
ROW = "free\tchest\t2-\tbilateral\tul lr\t0\t0\ttwo or more areas"


def written(folder, *lines, end="\n"):
    path = folder / "labels.tsv"
    path.write_bytes(end.join([HEADING, *lines, ""]).encode())
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_row_is_read_field_by_field(tmp_path, end):
    one = "free\tchest\t\t\t\t1\t1\tno\\topacity\\nbut"
    assert read_labels(written(tmp_path, ROW, "", one, end=end)).labels == (
        Label(
            "free", "chest", "two or more areas", (2, None), "bilateral", ("lower-right", "upper-left"), False, False
        ),
        Label("free", "chest", "no\topacity\nbut", None, None, (), True, True),
    )


@pytest.mark.parametrize("sign", ["\u2028", "\x0b", "\x1c", "\r", '"', "x" * 200_000])
def test_a_text_keeps_every_sign_but_the_end_of_its_line(tmp_path, sign):
    (label,) = read_labels(written(tmp_path, f"{ROW} {sign} here")).labels
    assert label.text == f"two or more areas {sign} here"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (ROW.replace("ul", "xl"), "KeyError"),
        (ROW.replace("\t2-\t", "\ttwo\t"), "ValueError"),
        (ROW.replace("\t0\t0\t", "\tno\t0\t"), "absent and conflicts are 0 or 1"),
        (ROW.replace("bilateral", "rigth"), "laterality is one of left, right, bilateral, unilateral, or empty"),
        (ROW + "\tmore", "ValueError"),
        ("two areas", "ValueError"),
    ],
)
def test_a_wrong_row_is_named_by_its_line(tmp_path, line, reason):
    with pytest.raises(InputError, match=rf"labels\.tsv: line 4: .*{reason}") as error:
        read_labels(written(tmp_path, ROW, "", line))
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_missing_column(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_labels(tmp_path / "labels.tsv")
    (tmp_path / "labels.tsv").write_text("group\ttext\n")
    with pytest.raises(InputError, match="no column ontology, count, laterality, regions, absent, conflicts; the"):
        read_labels(tmp_path / "labels.tsv")
