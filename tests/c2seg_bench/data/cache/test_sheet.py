"""A contact sheet draws titles and prompts as they are written."""

import numpy as np
import pytest
from PIL import Image

from c2seg_bench.data.cache.contact_sheet import write_sheet


@pytest.mark.parametrize("text", ["cost $5_{", r"$\frac{1}$", "a\x1b[31m\x00b", "left\nlung"])
def test_a_dollar_is_no_formula_and_control_characters_are_drawn_as_symbols(tmp_path, text):
    image, mask = np.zeros((32, 32, 3), np.uint8), np.zeros((32, 32), np.uint8)

    def ink(name, words):
        write_sheet(tmp_path / name, [image], [mask], [words], [words])
        with Image.open(tmp_path / name) as sheet:
            return np.asarray(sheet.convert("L")) < 128

    written, empty = ink("text.png", text), ink("empty.png", "")
    assert written.shape == empty.shape and written.sum() > empty.sum()


def test_rows_leave_room_for_their_captions(tmp_path):
    image, mask = np.full((32, 32, 3), (255, 0, 0), np.uint8), np.zeros((32, 32), np.uint8)
    lines = 12
    write_sheet(tmp_path / "s.png", [image] * 2, [mask] * 2, ["", ""], ["\n".join("x" * lines), ""], columns=1)
    with Image.open(tmp_path / "s.png") as sheet:
        red = (np.asarray(sheet.convert("RGB")) == (255, 0, 0)).all(2).any(1)
    first, second = np.flatnonzero(np.diff(red.astype(int)) == 1), np.flatnonzero(np.diff(red.astype(int)) == -1)
    assert len(first) == 2
    assert first[1] - second[0] > lines * 6 * 1.2 * 110 / 72  # lines of 6 points at 110 dots per inch


def test_a_long_title_keeps_its_end(tmp_path):
    image, mask = np.zeros((32, 32, 3), np.uint8), np.zeros((32, 32), np.uint8)
    for dice in ("0.250", "0.750"):
        write_sheet(tmp_path / f"{dice}.png", [image], [mask], [f"{'a' * 60}: Dice {dice}"], [""])
    assert (tmp_path / "0.250.png").read_bytes() != (tmp_path / "0.750.png").read_bytes()
