"""Inputs that claim or unpack to far more than they are: refused in one line that names the file, the bound and a fix."""

import gzip
import json
import struct
import sys
import zipfile
import zlib

import nibabel
import numpy as np
import pytest
from openpyxl import Workbook
from PIL import Image

from c2seg_bench.data.folders.folder_options import Options
from c2seg_bench.data.images.image_files import read_image
from c2seg_bench.data.images.stacks import depth_of, read_stack, spacing_of
from c2seg_bench.data.source import list_records
from c2seg_bench.data.tables.prompt_tables import read_prompts
from c2seg_bench.errors import InputError
from c2seg_bench.files.bounds import ARRAY_BYTES, PIXELS, PROMPT_LENGTH, TABLE_BYTES, TABLE_TAGS
from tests.c2seg_bench.data.masks.one_mask import read_mask


def refused(read, path):
    with pytest.raises(InputError) as error:
        read(path)
    message = str(error.value)
    assert message.startswith(str(path)) and "\n" not in message and len(message) < 400
    return message.removeprefix(str(path))


def workbook(path, cells, **parts):
    """A workbook with these cells; `parts` are more files in it, by name without folders."""
    book = Workbook()
    for place, value in {"A1": "image", "B1": "text", "A2": "a.png", "B2": "one"}.items() | cells.items():
        book.active[place] = value
    book.save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(f"xl/{name}.xml", content)
    return path


def png(path, width, height):
    """A PNG's header and a few bytes of pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b""))
    return path


def npy(path, shape, content=b"", dtype="<f8"):
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content)
    return path


def test_a_stray_cell_at_the_far_corner_is_named(tmp_path):
    path = workbook(tmp_path / "t.xlsx", {"XFD1048576": "stray"})
    assert refused(read_prompts, path) == (
        ": row 1048576 has a cell 'stray' in column: 16,384 of the sheet, more than 256; delete stray cells"
    )


def test_a_stray_cell_far_below_is_a_row_and_empty_rows_keep_their_number(tmp_path):
    path = workbook(tmp_path / "t.xlsx", {"A1000000": "b.png", "B1000000": "two"})
    assert [(row.number, row.name, row.prompt) for row in read_prompts(path)] == [
        (2, "a.png", "one"), (1_000_000, "b.png", "two"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b" " * TABLE_BYTES, "bytes when unpacked, more than 33,554,432; delete what is not needed, or save"),
        (b"<c/>" * (TABLE_TAGS + 1), ": 2,000,001 tags in xl/bomb.xml, more than 2,000,000; delete what"),
    ],
)
def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(tmp_path, content, message):
    path = workbook(tmp_path / "t.xlsx", {}, bomb=content)
    assert path.stat().st_size < 1 << 20
    assert message in refused(read_prompts, path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "x" * 300 + ",text\na,b\n", ": 300 characters in a column's header, more than 200; write the names"),
        ("t.csv", "a," * 300 + "\n", ": 301 columns, more than 256; delete those that are not needed"),
        ("t.csv", f"image,text\na,{'x' * 40_000}\n", ": row 2: 40,000 characters in a cell, more than 32,767; shorten"),
        ("t.csv", f"image,text\na,{'x' * 11_000}\n", ": row 2: 11,000 characters in the prompt, more than 10,000;"),
        ("t.csv", f"image,text\n{'x' * 300},b\n", ": row 2: 300 characters in the name, more than 255; shorten it"),
        ("t.csv", "image,text\n" + "x" * TABLE_BYTES, " bytes of a table, more than 33,554,432; leave out columns"),
        ("t.json", json.dumps([{f"k{i}": 1} for i in range(300)]), ": 300 columns, more than 256; delete those"),
        ("t.json", "[" * 100_000, ": not a readable table (maximum recursion depth"),
        ("t.xls", "old", ": an old workbook (.xls), which is not read; save it again as .xlsx or CSV"),
        ("t.xlsx", "text", ": not a readable table (no workbook inside); save it again as .xlsx or CSV"),
    ],
)  # fmt: skip
def test_tables_beyond_a_bound_are_refused(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_text(content)
    assert message in refused(read_prompts, path)


def test_a_protected_workbook_says_how_to_save_it(tmp_path):
    path = tmp_path / "t.xlsx"
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504))
    assert ": an old or protected workbook; save it again as .xlsx or CSV" in refused(read_prompts, path)


def test_a_prompt_of_the_longest_length_is_read(tmp_path):
    (tmp_path / "t.csv").write_text(f"image,text\na,{'x' * PROMPT_LENGTH}\n")
    assert len(read_prompts(tmp_path / "t.csv")[0].prompt) == PROMPT_LENGTH


@pytest.mark.parametrize("read", [read_image, read_mask])
def test_an_image_of_more_pixels_than_its_bytes_can_have_is_refused_by_its_header(tmp_path, read):
    side = 6000
    assert f": {side * side:,} pixels (6000x6000), more than {PIXELS:,}; save it smaller" == refused(
        read, png(tmp_path / "p.png", side, side)
    )
    assert "not a readable image" in refused(read, png(tmp_path / "q.png", 1 << 30, 1 << 30))


def test_postscript_named_png_is_no_image(tmp_path):
    (tmp_path / "p.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    assert "not a readable image" in refused(read_image, tmp_path / "p.png")


def test_an_array_that_claims_more_than_its_file_has_is_refused(tmp_path):
    assert "not a readable array (mmap length is greater than file size)" in refused(
        read_stack, npy(tmp_path / "a.npy", (10**6, 10**6))
    )
    npy(tmp_path / "inner.npy", (10**6, 10**6))
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        file.write(tmp_path / "inner.npy", "m.npy")
    assert ": cut: its header claims 1000000000000 numbers" in refused(read_stack, tmp_path / "a.npz")


def test_arrays_larger_than_memory_has_room_for_are_refused(tmp_path):
    path = npy(tmp_path / "a.npy", (8193, 8192))
    with open(path, "r+b") as file:
        file.truncate(128 + 8 * 8193 * 8192)  # sparse: takes no room on the disk
    assert f"bytes in the array, more than {ARRAY_BYTES:,}; save masks as uint8" in refused(read_stack, path)
    np.save(tmp_path / "thin.npy", np.zeros((20_001, 1, 2), np.uint8))
    assert ": 20,001 slices, more than 20,000; give a mask (H, W)" in refused(depth_of, tmp_path / "thin.npy")


def nifti(path, **header):
    image = nibabel.Nifti1Image(np.zeros((4, 4, 2), np.uint8), np.diag([2, 2, 2, 1]))
    nibabel.save(image, path.with_suffix(".nii"))
    content = bytearray(path.with_suffix(".nii").read_bytes())
    for offset, form, *values in header.values():
        struct.pack_into(f"<{form}", content, offset, *values)
    path.write_bytes(gzip.compress(bytes(content)) if path.suffix == ".gz" else bytes(content))
    return path


def test_volumes_are_refused_by_their_header(tmp_path):
    path = nifti(tmp_path / "v.nii", dim=(40, "8h", 3, 32767, 32767, 32767, 1, 1, 1, 1))
    assert f"bytes in the volume, more than {ARRAY_BYTES:,}; save masks as uint8" in refused(read_stack, path)
    path = nifti(tmp_path / "s.nii", pixdim=(76, "4f", 1, float("nan"), 1, 1))
    assert refused(spacing_of, path) == ": a spacing of [nan, 1.0, 1.0] in the header; give --spacing ROW,COLUMN in mm"


def test_a_volume_that_unpacks_without_end_is_refused(tmp_path):
    path = nifti(tmp_path / "v.nii.gz")
    with open(path, "ab") as file:
        file.write(gzip.compress(bytes(1 << 20)) * 520)  # members of a gzip file follow each other
    assert f"bytes when unpacked, more than {ARRAY_BYTES:,}" in refused(read_stack, path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"train": 10**17}, "options: train: more than 1,000,000 images; give fewer"),
        ({"images": 5}, "options: images: 5; give text"),
        ({"several": 1}, "options: several: 1; give true or false"),
        ({"label": True}, "options: label: True; give a whole number"),
        ({"prompt": ["a"]}, "options: prompt: ['a']; give text"),
    ],
)
def test_options_of_another_type_or_size_are_refused(options, message):
    with pytest.raises(InputError) as error:
        Options(**options)
    assert str(error.value) == message


def test_a_generated_dataset_has_no_more_images_than_the_bound():
    with pytest.raises(InputError, match="options: train: more than 1,000,000 images"):
        list_records("phantom", None, 32, train=10**22)


def test_a_broken_tiff_prints_nothing_by_itself(tmp_path, capfd):
    path = tmp_path / "p.tif"
    Image.fromarray(np.arange(576, dtype=np.uint8).reshape(24, 24)).save(path, compression="tiff_lzw")
    content = bytearray(path.read_bytes())
    content[8:40] = b"\xff" * 32  # codes that are not in the table yet
    path.write_bytes(content)
    refused(read_image, path)
    print("a line of ours", file=sys.stderr)
    assert capfd.readouterr().err == "a line of ours\n"
