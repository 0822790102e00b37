"""Fuzzed files of every kind that is read: what is accepted has the shape, type and range that it should have."""

from __future__ import annotations

import copy
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image

from tests.reliability.batches import WrongResult

PROMISE = "A damaged or hostile input is refused in one line, or read as what it is"
TEXT = "Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung"
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
# what a node of a JSON file is replaced by
VALUES: tuple[Any, ...] = (None, True, -1, 0, 1e308, 10**30, float("nan"), float("inf"), "", "x" * 5000, [], {},
                           [[[]]], {"a": 1}, [None], "\x1b[31m", "left", [1, 1], ["a", "a"])  # fmt: skip


def tries(folder: Path, number: int = 2000) -> Iterator[tuple[str, Callable[[], Any]]]:
    """As many inputs, evenly over the kinds of files."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = seeds()
    for i in range(number):
        name, (content, mutate, read) = list(kinds.items())[i % len(kinds)]

        def one(i: int = i, name: str = name, content: bytes = content, mutate: Any = mutate, read: Any = read) -> None:
            path = folder / f"input-{name}"
            path.write_bytes(mutate(content, Random(f"{name} {i}")))
            read(path)

        yield f"{name} {i // len(kinds) + 1}", one


def seeds() -> dict[str, tuple[bytes, Callable[[bytes, Random], bytes], Callable[[Path], None]]]:
    """A good file of each kind by its name, how it is changed, and what reads it."""
    draw = np.random.default_rng(0)
    grey = (draw.random((24, 24)) > 0.7).astype(np.uint8) * 255
    colour = draw.integers(256, size=(24, 24, 3), dtype=np.uint8)
    kinds: dict[str, Any] = {}
    for ending, form, options in (
        ("png", "PNG", {}), ("jpg", "JPEG", {}), ("tif", "TIFF", {"compression": "tiff_lzw"}), ("bmp", "BMP", {}),
        ("webp", "WEBP", {}),
    ):  # fmt: skip
        change = change_png if form == "PNG" else change_bytes
        kinds[f"mask.{ending}"] = (picture(grey, form, **options), change, read_mask)
        kinds[f"picture.{ending}"] = (picture(colour, form, **options), change, read_picture)
    kinds["modes.png"] = (b"", odd_mode, read_either)
    kinds["mask.npy"] = (array(np.save, grey), change_bytes, read_array)
    kinds["mask.npz"] = (array(np.savez_compressed, grey), change_bytes, read_array)
    kinds["mask.nii"] = (nifti(grey), change_bytes, read_volume)
    kinds["mask.nii.gz"] = (gzip.compress(nifti(grey)), change_unpacked, read_volume)
    table = [["image", "text"], *([f"{i}.png", f"{TEXT} {i}"] for i in range(4))]
    kinds["table.csv"] = ("\n".join(f'{a},"{b}"' for a, b in table).encode(), change_bytes, read_table)
    kinds["table.xlsx"] = (workbook(table), change_bytes, read_table)
    kinds["parts.xlsx"] = (workbook(table), change_part, read_table)
    items = [{"image": a, "prompt": b} for a, b in table[1:]]
    kinds["table.json"] = (json.dumps(items).encode(), change_json, read_table)
    package = Path(__file__).parents[2] / "metrics" / "consistency"
    for name in ("qata", "lung-thirds", "thirds"):
        kinds[f"frame-{name}.json"] = ((package / f"frame/frames/{name}.json").read_bytes(), change_json, read_frame)
    for name in ("chest", "colonoscopy"):
        kinds[f"{name}.json"] = ((package / f"reader/ontologies/{name}.json").read_bytes(), change_json, read_ontology)
    kinds["prompt.txt"] = (TEXT.encode(), change_text, read_prompt)
    return kinds


def picture(pixels: np.ndarray, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


def array(save: Callable[..., None], values: np.ndarray) -> bytes:
    file = io.BytesIO()
    save(file, values)
    return file.getvalue()


def nifti(mask: np.ndarray) -> bytes:
    import nibabel

    return nibabel.Nifti1Image(np.stack([mask] * 3, axis=2), np.diag([0.7, 0.7, 2, 1])).to_bytes()


def workbook(rows: list[list[str]]) -> bytes:
    from openpyxl import Workbook

    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


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
    odd = ("no", "9" * 5000, "½", "左", "\x1b[2J", "١٢", "-", "1-2-3", "\u202e", "x" * 3000, "not", ",", "(", "0", "²")
    for _ in range(random.choice((1, 3, 10, 40))):
        at = random.randrange(len(words))
        words[at : at + random.randrange(2)] = [random.choice((*odd, random.choice(words)))]
    return " ".join(words).encode()


def odd_mode(content: bytes, random: Random) -> bytes:
    """A picture in one of Pillow's modes, in a file format that has it."""
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
    return picture(np.asarray(grey), "PNG")


def _as_mode(grey: Image.Image, mode: str) -> Image.Image:
    if mode == "LAB":
        from PIL import ImageCms

        to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
        return ImageCms.applyTransform(grey.convert("RGB"), to_lab)
    return grey.convert("LA").convert("PA") if mode == "PA" else grey.convert(mode)


def read_picture(path: Path) -> None:
    from c2seg_bench.data.images import read_image

    image = read_image(path)
    _expect(image.ndim == 3 and image.shape[2] == 3 and image.dtype == np.uint8, f"{image.dtype} {image.shape}")


def read_mask(path: Path) -> None:
    from c2seg_bench.data.masks import MaskReader
    from c2seg_bench.data.stacks import depth_of

    depth_of(path)
    mask = MaskReader([path], probabilities=True).read(path)
    _expect(mask.ndim == 2 and mask.dtype == np.uint8 and mask.max() <= 1, f"{mask.dtype} {mask.shape}")


def read_either(path: Path) -> None:
    from c2seg_bench.errors import InputError

    for read in (read_picture, read_mask):
        try:
            read(path)
        except InputError as e:
            _expect("\n" not in str(e), "an error of several lines")


def read_array(path: Path) -> None:
    from c2seg_bench.data.stacks import read_stack

    stack = read_stack(path)
    _expect(stack.ndim == 3 and 0 not in stack.shape and stack.dtype.kind in "buif", f"{stack.dtype} {stack.shape}")
    if len(stack) == 1:
        read_mask(path)


def read_volume(path: Path) -> None:
    from c2seg_bench.data.stacks import spacing_of

    read_array(path)
    _expect(all(np.isfinite(step) and step > 0 for step in spacing_of(path)), "a spacing that is no size")


def read_table(path: Path) -> None:
    from c2seg_bench.data.tables import read_prompts

    rows = read_prompts(path)
    _expect(all(isinstance(row.prompt, str) and row.prompt and row.name for row in rows), "a row without a prompt")


def read_frame(path: Path) -> None:
    from metrics.consistency import Frame, evaluate

    frame = Frame.load(path)
    masks = np.zeros((2, 32, 32), bool)
    masks[0, 4:12, 2:9] = True
    lungs = [np.ones((32, 32), bool)] * 2 if frame.relative == "lungs" else None
    cells = len(frame.rows) + 1, len(frame.columns) + 1
    evaluated = evaluate(masks, [TEXT] * 2, "chest" if cells == (3, 2) else "colonoscopy", frame, lungs=lungs)
    scores = evaluated.rows["score"].to_numpy(float)
    scores = scores[~np.isnan(scores)]
    _expect(bool(((scores >= 0) & (scores <= 1)).all()), f"scores {scores}")


def read_ontology(path: Path) -> None:
    from metrics.consistency import parse

    findings = parse(TEXT, str(path.rename(path.with_name(f"{path.stem}-{path.stat().st_mtime_ns}.json"))))
    low, high = findings.count or (0, None)
    _expect(low >= 0 and (high is None or high >= low), f"a count of {findings.count}")


def read_prompt(path: Path) -> None:
    from metrics.consistency import parse

    for ontology in ("chest", "colonoscopy"):
        findings = parse(path.read_text(), ontology)
        low, high = findings.count or (0, None)
        _expect(low >= 0 and (high is None or high >= low), f"a count of {findings.count}")


def _expect(right: bool, otherwise: str) -> None:
    if not right:
        raise WrongResult(otherwise)
