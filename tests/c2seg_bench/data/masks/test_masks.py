"""What of a mask's file is lesion, and which files could mean several things and are refused, here and by `check`."""

import numpy as np
import pytest
from PIL import Image

from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.data.checks.check_dataset import check
from c2seg_bench.data.images.image_files import read_image
from c2seg_bench.data.masks.mask_reader import MaskReader
from c2seg_bench.errors import InputError
from tests.c2seg_bench.data.folders.qata_folder import lvit
from tests.c2seg_bench.data.masks.one_mask import read_mask

M = np.zeros((40, 40), np.uint8)
M[8:24, 6:30] = 1
LABELS = M.copy()
LABELS[10:14, 10:14] = 2


def palette(*colours):
    image = Image.fromarray(M, mode="P")
    image.putpalette([v for c in colours for v in c] + [0] * (768 - 3 * len(colours)))
    return image


def channels(*factors, base=0):
    return Image.fromarray(np.stack([M * f + base for f in factors], -1).astype(np.uint8))


def rim():
    """Black and white, with the grey border that enlarging leaves."""
    return Image.fromarray(M[::4, ::4] * 255).resize((40, 40), Image.Resampling.BILINEAR)


PLAIN = {
    "0 1": ("png", lambda: Image.fromarray(M)),
    "0 255": ("png", lambda: Image.fromarray(M * 255)),
    "16 bits": ("png", lambda: Image.fromarray(M.astype(np.uint16) * 65535)),
    "0 255 in 16 bits": ("png", lambda: Image.fromarray(M.astype(np.uint16) * 255)),
    "fractions 0.0 and 1.0": ("tif", lambda: Image.fromarray(M.astype(np.float32))),
    "one bit": ("png", lambda: Image.fromarray(M * 255).convert("1")),
    "white palette": ("png", lambda: palette((0, 0, 0), (255, 255, 255))),
    "grey in three channels": ("png", lambda: channels(255, 255, 255)),
    "opaque": ("png", lambda: Image.fromarray(np.stack([M * 255] * 3 + [M * 0 + 255], -1))),
    "JPEG": ("jpg", lambda: Image.fromarray(M * 255)),
    "JPEG in colour": ("jpg", lambda: channels(255, 255, 255)),
}
SEVERAL = {
    "0 2": ("png", lambda: Image.fromarray(M * 2), "mask values 0, 2, none of them white"),
    "labels": ("png", lambda: Image.fromarray(LABELS), "mask values 0, 1, 2, none of them white"),
    "0 100": ("png", lambda: Image.fromarray(M * 100), "mask values 0, 100, none of them white"),
    "class index in red": ("png", lambda: channels(1, 0, 0), "a mask in colours"),
    "class index in blue": ("png", lambda: channels(0, 0, 2), "a mask in colours"),
    "palette of nearly equal colours": ("png", lambda: palette((0, 0, 0), (20, 5, 10)), "a mask in colours"),
    "0 1000": ("png", lambda: Image.fromarray(M.astype(np.uint16) * 1000), "mask values 0, 1000, none of them white"),
    "three greys": ("png", lambda: Image.fromarray(LABELS * 127 + (LABELS == 2)), "grey values between black and"),
    "0 200": ("png", lambda: Image.fromarray(M * 200), "grey values between black and white"),
    "negative": ("tif", lambda: Image.fromarray(M.astype(np.int32) - 1), "mask values from -1 to 0"),
    "VOC's palette": ("png", lambda: palette((0, 0, 0), (128, 0, 0)), "a mask in colours"),
    "red": ("png", lambda: channels(255, 0, 0), "a mask in colours"),
    "blue": ("png", lambda: channels(0, 0, 255), "a mask in colours"),
    "alpha": ("png", lambda: channels(0, 0, 0, 255), "partly transparent"),
    "white with alpha": ("png", lambda: Image.fromarray(np.stack([M * 0 + 255] * 3 + [M * 255], -1)), "partly trans"),
    "grey with alpha": ("png", lambda: Image.fromarray(np.stack([M * 0 + 255, M * 255], -1)), "partly transparent"),
    "fractions": ("tif", lambda: Image.fromarray(M * np.float32(0.7)), "a mask of fractions"),
}  # fmt: skip


@pytest.mark.parametrize("kind", PLAIN)
def test_black_and_white_is_read_however_it_is_stored(tmp_path, kind):
    ending, draw = PLAIN[kind]
    draw().save(tmp_path / f"m.{ending}")
    assert (read_mask(tmp_path / f"m.{ending}") == M).all()


def test_a_rim_of_grey_is_cut_at_half(tmp_path):
    rim().save(tmp_path / "m.png")
    assert (read_mask(tmp_path / "m.png") == (np.asarray(rim()) > 127)).all()


def test_a_black_jpeg_is_an_empty_mask(tmp_path):
    Image.fromarray(M * 0).save(tmp_path / "m.jpg")
    assert not read_mask(tmp_path / "m.jpg").any()


@pytest.mark.parametrize("name", ["m.jpg", "m.png"])
def test_colours_are_forgiven_in_jpeg_alone_whatever_its_name(tmp_path, name):
    rng = np.random.default_rng(0)
    tinted = np.clip(M[..., None] * 255 + rng.integers(0, 6, (40, 40, 3)), 0, 255).astype(np.uint8)
    Image.fromarray(tinted).save(tmp_path / name, format="JPEG", quality=98)
    assert (read_mask(tmp_path / name) == M).all()
    Image.fromarray(tinted).save(tmp_path / "m.png")
    with pytest.raises(InputError, match="a mask in colours"):
        read_mask(tmp_path / "m.png")


@pytest.mark.parametrize("read", [read_mask, lambda path: MaskReader([path]).read_as_lvit(path, 32)])
@pytest.mark.parametrize("kind", SEVERAL)
def test_what_could_mean_several_things_is_refused(tmp_path, kind, read):
    ending, draw, words = SEVERAL[kind]
    draw().save(tmp_path / f"m.{ending}")
    with pytest.raises(InputError) as e:
        read(tmp_path / f"m.{ending}")
    assert str(e.value).startswith(f"{tmp_path / 'm'}.{ending}: {words}") and "\n" not in str(e.value)
    assert str(e.value).endswith("save it in grey, 255 where the lesion is and 0 elsewhere")


@pytest.mark.parametrize("kind", [k for k in SEVERAL if SEVERAL[k][0] == "png"])
def test_prepare_refuses_and_check_names_it(tmp_path, kind):
    root = lvit(tmp_path / "in")
    file = root / "Test_Folder" / "labelcol" / "mask_covid_10.png"
    SEVERAL[kind][1]().save(file)
    with pytest.raises(InputError, match=f"{file.name}: {SEVERAL[kind][2]}"):
        prepare("qata", tmp_path / "c", 32, root)
    report = check("qata", root)
    assert len(report.problems) == 1 and report.problems[0].startswith(f"{file}: {SEVERAL[kind][2]}")
    assert not any("empty" in note for note in report.notes)


G = np.full((40, 40), 500, np.uint16)
G[8:24, 6:30] = 4000
DEEP = {
    "12 bits in 16": ("png", G, "16 bits, but no value above 4000, which would be nearly black"),
    "fractions": ("tif", (G / 4095).astype(np.float32), "an image of fractions"),
    "Hounsfield units": ("tif", G.astype(np.int32) - 1024, "values from -524 to 2976, not those of 16 bits"),
    "32 bits": ("tif", G.astype(np.int32) * 100, "values from 50000 to 400000, not those of 16 bits"),
}


@pytest.mark.parametrize("kind", DEEP)
def test_an_image_that_8_bits_would_destroy_is_refused(tmp_path, kind):
    ending, values, words = DEEP[kind]
    root = lvit(tmp_path)
    file = root / "Test_Folder" / "img" / f"covid_10.{ending}"
    file.with_suffix(".png").unlink()
    Image.fromarray(values).save(file)
    with pytest.raises(InputError) as e:
        read_image(file)
    assert str(e.value) == f"{file}: {words}; convert it to 8 bits with the window you want"
    assert check("qata", root).problems == [str(e.value)]


@pytest.mark.parametrize("values", [G * 16, G * 0])
def test_16_bits_in_full_and_black_are_read(tmp_path, values):
    Image.fromarray(values).save(tmp_path / "p.png")
    assert (read_image(tmp_path / "p.png") == (values >> 8)[..., None]).all()
