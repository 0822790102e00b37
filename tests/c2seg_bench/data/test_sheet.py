"""A contact sheet draws titles and prompts as they are written."""

import numpy as np
import pytest
from PIL import Image

from c2seg_bench.data.sheet import write_sheet


@pytest.mark.parametrize("text", ["cost $5_{", r"$\frac{1}$", "a\x1b[31m\x00b", "left\nlung"])
def test_a_dollar_is_no_formula_and_control_characters_are_drawn_as_symbols(tmp_path, text):
    image, mask = np.zeros((32, 32, 3), np.uint8), np.zeros((32, 32), np.uint8)

    def ink(name, words):
        write_sheet(tmp_path / name, [image], [mask], [words], [words])
        with Image.open(tmp_path / name) as sheet:
            return np.asarray(sheet.convert("L")) < 128

    written, empty = ink("text.png", text), ink("empty.png", "")
    assert written.shape == empty.shape and written.sum() > empty.sum()
