"""Random changes to a good file. Every one takes the content and a generator, and returns the changed content."""

from __future__ import annotations

import copy
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from tests.reliability.hostile.good_files import image

NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
# what replaces a value of a JSON file
VALUES: tuple[Any, ...] = (None, True, -1, 0, 1e308, 10**30, float("nan"), float("inf"), "", "x" * 5000, [], {},
                           [[[]]], {"a": 1}, [None], "\x1b[31m", "left", [1, 1], ["a", "a"])  # fmt: skip
# what replaces a word of a prompt
STRANGE = ("no", "9" * 5000, "½", "左", "\x1b[2J", "١٢", "-", "1-2-3", "\u202e", "x" * 3000, "not", ",", "(", "0",
           "²")  # fmt: skip


def change_bytes(content: bytes, random: Random) -> bytes:
    """A few bytes flipped, overwritten with extreme numbers, cut out, doubled or cut off."""
    data = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        at = min(random.randrange(len(data) + 1), int(random.expovariate(1 / 60))) if random.random() < 0.5 else None
        at = random.randrange(max(1, len(data))) if at is None else at
        kind = random.randrange(6)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            size = random.choice((1, 2, 4))
            value = (random.choice(NUMBERS) & (256**size - 1)).to_bytes(size, random.choice(("little", "big")))
            data[at : at + size] = value
        elif kind == 2:
            del data[at : at + random.choice((1, 4, 64))]
        elif kind == 3:
            data[at:at] = data[at : at + random.choice((1, 16, 256))]
        elif kind == 4 and random.random() < 0.3:
            del data[at:]
        else:
            data[at:at] = random.randbytes(random.choice((1, 4, 32)))
    return bytes(data)


def change_png(content: bytes, random: Random) -> bytes:
    """The bytes of one chunk, with a checksum that fits; now and then the bytes of the file."""
    if random.random() < 0.3:
        return change_bytes(content, random)
    chunks, at = [], 8
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        chunks.append((content[at + 4 : at + 8], content[at + 8 : at + 8 + size]))
        at += size + 12
    chosen = random.randrange(len(chunks))
    out = content[:8]
    for i, (kind, data) in enumerate(chunks):
        if i == chosen and kind == b"IDAT" and random.random() < 0.5:
            data = zlib.compress(change_bytes(zlib.decompress(data), random))
        elif i == chosen:
            data = change_bytes(data, random)
        out += len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    return out


def change_unpacked(content: bytes, random: Random) -> bytes:
    """The bytes of a gzip file before they are packed."""
    return gzip.compress(change_bytes(gzip.decompress(content), random), compresslevel=1)


def change_part(content: bytes, random: Random) -> bytes:
    """The bytes of one part of a zip file, before it is packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as changed:
        names = parts.namelist()
        chosen = random.choice([n for n in names if n.endswith(("sheet1.xml", "Strings.xml", "workbook.xml", "rels"))])
        for name in names:
            part = parts.read(name)
            changed.writestr(name, change_bytes(part, random) if name == chosen else part)
    return out.getvalue()


def change_json(content: bytes, random: Random) -> bytes:
    """One or two values replaced by another kind of value, or removed; now and then the bytes themselves."""
    if random.random() < 0.2:
        return change_bytes(content, random)
    document = json.loads(content)
    for _ in range(random.choice((1, 1, 2))):
        places = list(_places(document))
        holder, key = random.choice(places)
        if random.random() < 0.15:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(random.choice(VALUES))
        if not document:
            break
    return json.dumps(document).encode()


def _places(value: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a document, those near its top more often than each number of a long list."""
    keys = list(value) if isinstance(value, dict) else range(min(len(value), 4))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list) and depth < 4:
            yield from _places(value[key], depth + 1)


def change_text(content: bytes, random: Random) -> bytes:
    """Words doubled, swapped and replaced by numbers, signs of other scripts and control characters."""
    words = content.decode().split()
    for _ in range(random.choice((1, 3, 10, 40))):
        at = random.randrange(len(words))
        words[at : at + random.randrange(2)] = [random.choice((*STRANGE, random.choice(words)))]
    return " ".join(words).encode()


def odd_mode(content: bytes, random: Random) -> bytes:
    """An image in one of Pillow's modes, in a file format that has it."""
    mode = random.choice(("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "I;16", "F"))
    side = random.choice((1, 2, 3, 24))
    pixels = np.frombuffer(random.randbytes(side * side * 4), np.uint8)
    if mode in ("I", "F", "I;16"):
        kind = {"I": np.int32, "F": np.float32, "I;16": np.uint16}[mode]
        made = Image.fromarray(pixels.view(kind)[: side * side].reshape(side, side))
    else:
        grey = Image.fromarray(pixels[: side * side].reshape(side, side))
        made = grey.convert("RGB").convert(mode) if mode in ("YCbCr", "CMYK", "RGBA", "RGB") else _as_mode(grey, mode)
    file = io.BytesIO()
    for form in random.sample(("PNG", "TIFF", "JPEG", "BMP", "WEBP"), 5):
        try:
            made.save(file, form)
            return file.getvalue()
        except (OSError, KeyError, ValueError):
            file = io.BytesIO()
    return image(np.asarray(grey), "PNG")


def _as_mode(grey: Image.Image, mode: str) -> Image.Image:
    if mode == "LAB":
        from PIL import ImageCms

        to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
        return ImageCms.applyTransform(grey.convert("RGB"), to_lab)
    return grey.convert("LA").convert("PA") if mode == "PA" else grey.convert(mode)
