"""Kinds of mask files: equal masks in all of them, probabilities, and files that are refused."""

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.c2seg_bench.scoring.score_command import blob, refused, run, save


def write_jpeg(path, mask):
    # as Kvasir's: grey levels 0-7 and 248-255
    noise = np.random.default_rng(0).integers(0, 8, mask.shape)
    grey = np.where(mask, 255 - noise, noise).astype(np.uint8)
    assert cv2.imwrite(str(path), grey, [cv2.IMWRITE_JPEG_QUALITY, 95])


WRITERS = {
    "white.png": lambda path, mask: save(path, mask),
    "one.png": lambda path, mask: save(path, mask, white=1),
    "deep.png": lambda path, mask: cv2.imwrite(str(path), mask.astype(np.uint16) * 65535),
    "colour.png": lambda path, mask: cv2.imwrite(str(path), np.repeat(mask[..., None] * np.uint8(255), 3, axis=2)),
    "grey.jpg": write_jpeg,
    "white.tif": lambda path, mask: save(path, mask),
    "white.BMP": lambda path, mask: save(path, mask),
    "bool.npy": lambda path, mask: np.save(path, mask),
    "share.npy": lambda path, mask: np.save(path, np.where(mask, 0.51, 0.5)),
    "channel.npy": lambda path, mask: np.save(path, mask[None].astype(np.int64)),
    "share.tif": lambda path, mask: Image.fromarray(np.where(mask, 0.51, 0.5).astype(np.float32)).save(path),
    "white.npy": lambda path, mask: np.save(path, mask * 255.0),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_of_file_is_the_same_mask(tmp_path, kind):
    mask = np.zeros((32, 48), bool)
    mask[8:24, 16:40] = True
    (tmp_path / "preds").mkdir()
    WRITERS[kind](tmp_path / "preds" / f"mask_x.{kind.split('.')[1]}", mask)
    save(tmp_path / "targets" / "x.png", mask)
    _, table = run(tmp_path)
    assert table.loc[0, "dice"] == 1 and table.loc[0, "target_area"] == mask.sum()


ODD = {
    "dark.png": lambda path, mask: save(path, mask, white=90),
    "labels.png": lambda path, mask: save(path, mask, white=2),
    "percent.png": lambda path, mask: save(path, mask, white=100),
    "red.png": lambda path, mask: Image.fromarray(mask[..., None] * np.uint8([255, 0, 0])).save(path),
    "alpha.png": lambda path, mask: Image.fromarray(mask[..., None] * np.uint8([0, 0, 0, 255]), "RGBA").save(path),
    "deep.png": lambda path, mask: cv2.imwrite(str(path), mask.astype(np.uint16) * 4095),
    "300.npy": lambda path, mask: np.save(path, mask * 300),
    "above-one.npy": lambda path, mask: np.save(path, mask * 1.5),
    "logits.tif": lambda path, mask: Image.fromarray(mask * np.float32(-3)).save(path),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_file_beside_white_ones_is_not_taken_for_an_empty_mask(folder, kind):
    path = folder / "preds" / f"covid_0.{kind.split('.')[1]}"
    (folder / "preds" / "mask_covid_0.png").unlink()
    ODD[kind](path, blob(0))
    assert refused(folder).startswith(f"{path}: ")


@pytest.mark.parametrize("white", [0, 1, 2, 27, 90])
def test_a_jpeg_is_empty_only_if_it_is_black(folder, white):
    (folder / "preds" / "mask_covid_0.png").unlink()
    mask = np.zeros((40, 50), bool)
    mask[8:24, 16:40] = True
    save(folder / "preds" / "covid_0.jpg", mask, white)
    if white:
        assert "covid_0.jpg: a JPEG with no value above" in refused(folder)
    else:
        assert run(folder)[1]["pred_empty"].tolist() == [1, 0, 0, 0, 0]


def test_ones_are_lesion_in_a_folder_of_zeros_and_ones(folder):
    expected = run(folder)[1]
    for side in ("preds", "targets"):
        for path in (folder / side).glob("*.png"):
            save(path, cv2.imread(str(path), 0) > 0, white=1)
    assert run(folder)[1].equals(expected)


def probabilities(shape, top):
    """Values 0 to `top`, in a smooth hill."""
    y, x = (np.linspace(-1, 1, n) for n in shape)
    return np.round(top * np.exp(-2 * (y[:, None] ** 2 + x**2))).astype(np.uint8)


@pytest.mark.parametrize("top", [1, 90, 200])
def test_probabilities_times_255_are_cut_at_one_half(folder, top):
    values = probabilities((40, 50), top)
    Image.fromarray(values).save(folder / "preds" / "mask_covid_0.png")
    result, table = run(folder)
    assert table.loc[0, "pred_area"] == (values > 127).sum()
    assert result.stderr.startswith("warning: ") and "1 of 5 predictions are read as probabilities" in result.stderr
    assert "mask_covid_0.png" in result.stderr


def test_an_experts_mask_may_not_have_shades(folder):
    path = folder / "targets" / "covid_0.png"
    for top, line in ((1, "mask values 0 and 1, but those of covid_1.png go beyond"), (90, "none of them white"),
                      (200, "grey values between black and white")):  # fmt: skip
        Image.fromarray(probabilities((40, 50), top)).save(path)
        assert line in refused(folder)


def test_percents_are_not_probabilities_times_255(folder):
    for k in range(5):
        Image.fromarray(probabilities((40, 50), 100)).save(folder / "preds" / f"mask_covid_{k}.png")
    assert "mask_covid_0.png: mask values 2, 3, 4, ... 100, none of them white" in refused(folder)


@pytest.mark.parametrize("side", ["preds", "targets"])
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_a_grey_square_beside_the_white_one_is_refused_on_both_sides(folder, side, kind):
    mask = np.zeros((40, 50), np.uint8)
    mask[5:15, 5:15], mask[20:35, 20:40] = 255, 100
    (path,) = (folder / side).glob("*covid_0.png")
    path.unlink()
    Image.fromarray(mask).save(path.with_suffix(f".{kind}"))
    assert "grey values between black and white all over" in refused(folder)
