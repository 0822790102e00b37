"""Masks of a bit a pixel come back as they were, from memory and from their file."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c2seg_bench.data.masks.packed import PackedMasks, load_masks, save_masks
from c2seg_bench.errors import InputError


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_packed_masks_come_back_as_they_were(tmp_path_factory, data):
    shape = tuple(data.draw(st.integers(1, 9)) for _ in range(3))
    masks = np.random.default_rng(data.draw(st.integers(0, 99))).random(shape) > 0.5
    names = [f"{i} é.png" for i in range(len(masks))]
    path = tmp_path_factory.mktemp("packed") / "clean.npz"
    save_masks(path, names, PackedMasks.pack(masks))
    kept_names, kept = load_masks(path)
    assert kept_names == names and kept.dtype == bool
    np.testing.assert_array_equal(kept, masks)
    assert {p.name for p in path.parent.iterdir()} == {path.name, "SHA256SUMS"}


def test_a_cut_file_of_masks_is_reported_in_one_line(tmp_path):
    path = tmp_path / "clean.npz"
    with pytest.raises(InputError, match="no such predictions; run c2seg-bench predict first"):
        load_masks(path)
    save_masks(path, ["a"], PackedMasks.pack(np.ones((1, 4, 4), bool)))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(
        InputError, match=r"clean.npz: damaged \(its checksum is not the one in SHA256SUMS\); run the suite again"
    ):
        load_masks(path)
    (tmp_path / "SHA256SUMS").unlink()
    with pytest.raises(InputError, match=r"clean.npz: damaged \(not a packed prediction file: .*\); run the suite"):
        load_masks(path)


def test_a_mask_takes_an_eighth_of_its_pixels():
    masks = PackedMasks.empty(3, (5, 7))
    assert masks.bits.nbytes == 3 * 5 and len(masks.bits) == 3  # 35 pixels in 5 bytes
    assert masks.unpack().shape == (3, 5, 7) and not masks.unpack().any()
