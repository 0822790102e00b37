"""The rows of images in the figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from matplotlib.path import Path
from PIL import Image

from reports.figures.tiles import MASK, PITCH, PROMPT, Tile, TileRow, borders, draw_tiles

masks = array_shapes(min_dims=2, max_dims=2, max_side=8).flatmap(
    lambda shape: arrays(bool, shape, elements=st.booleans())
)


@given(masks)
def test_borders_part_the_pixels_of_a_mask_from_the_others(mask):
    height, width = mask.shape
    y, x = np.mgrid[:height, :width] + 0.5
    centres = np.stack([x.ravel() / width, y.ravel() / height], axis=1)
    inside = np.zeros(mask.size, bool)
    for border in borders(mask):
        assert (border[0] == border[-1]).all()  # closed
        inside ^= Path(border).contains_points(centres)
    assert (inside.reshape(mask.shape) == mask).all()


def test_a_tile_is_drawn_at_its_place_with_its_mask(tmp_path):
    grey, white = np.full((10, 10, 3), 100, np.uint8), np.full((10, 10, 3), 255, np.uint8)
    mask = np.zeros((10, 10), bool)
    mask[:5] = True  # the upper half
    rows = [TileRow("first", "a prompt", [Tile(white), Tile(grey, mask)]), TileRow("second", "", [Tile(grey)] * 2)]
    draw_tiles(tmp_path / "tiles.png", ["A", "B"], rows)
    drawn = np.asarray(Image.open(tmp_path / "tiles.png").convert("RGB"))
    dpi = drawn.shape[1] / (PROMPT + 2 * PITCH)

    def pixel(row, column, down, right):
        """Of a tile, at these shares of its height and width."""
        from_bottom = (len(rows) - row - down) * PITCH * dpi
        return tuple(drawn[int(drawn.shape[0] - from_bottom), int((PROMPT + (column + right) * PITCH) * dpi)])

    assert pixel(0, 0, 0.25, 0.5) == (255, 255, 255)
    filled = [0.6 * 100 + 0.4 * int(MASK[i : i + 2], 16) for i in (1, 3, 5)]
    np.testing.assert_allclose(pixel(0, 1, 0.25, 0.5), filled, atol=1)
    assert pixel(0, 1, 0.75, 0.5) == pixel(1, 0, 0.25, 0.5) == pixel(1, 1, 0.75, 0.5) == (100, 100, 100)
    assert (tmp_path / "tiles.pdf").read_bytes().startswith(b"%PDF")


def test_an_image_that_is_not_square_keeps_its_shape(tmp_path):
    black = np.full((10, 20, 3), 0, np.uint8)
    mask = np.ones((10, 20), bool)
    draw_tiles(tmp_path / "tiles.png", ["A"], [TileRow("first", "", [Tile(black, mask)])])
    drawn = np.asarray(Image.open(tmp_path / "tiles.png").convert("RGB")).astype(int)
    dpi = drawn.shape[1] / (PROMPT + PITCH)
    tile = drawn[-int(PITCH * dpi) :, int(PROMPT * dpi) :]
    rows, columns = (np.flatnonzero((tile < 250).any(axis=2).any(axis=axis)) for axis in (1, 0))
    assert np.ptp(columns) / np.ptp(rows) == pytest.approx(2, rel=0.05)
    assert rows.mean() == pytest.approx(tile.shape[0] / 2, abs=2)  # in the middle of its tile
    np.testing.assert_allclose(tile[tile.shape[0] // 2, tile.shape[1] // 2], [0.4 * c for c in (230, 159, 0)], atol=1)
