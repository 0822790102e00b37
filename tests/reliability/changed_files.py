"""Changes to the files that a suite reads: data, ontology, frame, the user's own method."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from tests.reliability.hostile.good_files import workbook

ROOT = Path(__file__).parents[2]
KEPT, SCORE, PREDICT, TRAIN = "kept", "score", "predict, score", "train, predict, score"
COUNTS = {"train": 8, "val": 4, "test": 4}
SUITE = """\
name: files
size: tiny
device: cpu
datasets:
  mine: {{source: folder, root: {folder}/data, size: 32, ontology: {folder}/words.json, frame: {folder}/places.json}}
methods: [{{module: own_unet.py}}, lvit]
train: {{epochs: 1, batch: 4}}
stress: {{families: [keyboard], severities: [2]}}
score: {{bootstrap: 100}}
"""


def write_files(folder: Path) -> None:
    """A suite with all that it reads, the same files whenever it is called, with new times."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "tests/data/own_method", folder, copy_function=shutil.copyfile)
    package = ROOT / "metrics/consistency"
    shutil.copyfile(package / "reader/ontologies/chest.json", folder / "words.json")
    shutil.copyfile(package / "frame/frames/thirds.json", folder / "places.json")
    (folder / "suite.yaml").write_text(SUITE.format(folder=folder))
    random = np.random.default_rng(0)
    for split, count in COUNTS.items():
        rows = []
        for i in range(count):
            mask, (y, x) = np.zeros((40, 40), np.uint8), random.integers(2, 24, 2)
            mask[y : y + 10, x : x + 12] = 255
            save(folder, f"{split}{i}", random.integers(0, 200, (40, 40), np.uint8) // 2 + mask // 4, mask)
            side = "left" if x > 14 else "right"  # of the patient, who faces the reader
            rows.append(f"{split}{i}.png,One infected area in the {side} lung.")
        (folder / "data" / f"{split}.csv").write_text("\n".join(["image,text", *rows]) + "\n")


def save(folder: Path, name: str, image: np.ndarray, mask: np.ndarray) -> None:
    for kind, pixels in (("images", image), ("masks", mask)):
        (folder / "data" / kind).mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(folder / "data" / kind / f"{name}.png")


def paint(path: str) -> Callable[[Path], None]:
    """Pixels of an image or mask are changed; the size of the file may stay."""

    def change(folder: Path) -> None:
        pixels = np.array(Image.open(folder / path))
        pixels[:8, :8] = 255 - pixels[:8, :8]
        Image.fromarray(pixels).save(folder / path)

    return change


def packed_otherwise(folder: Path) -> None:
    for path in (folder / "data").glob("*/*.png"):
        Image.open(path).save(path, compress_level=0)


def replaced(path: str, old: str, new: str) -> Callable[[Path], None]:
    """Text of a file is replaced, once."""

    def change(folder: Path) -> None:
        text = (folder / path).read_text()
        assert old in text, (path, old)
        (folder / path).write_text(text.replace(old, new, 1))

    return change


def moved(name: str, to: str) -> Callable[[Path], None]:
    """A file or folder is moved, and the suite names its new place."""

    def change(folder: Path) -> None:
        (folder / name).rename(folder / to)
        replaced("suite.yaml", f"{folder}/{name}", f"{folder}/{to}")(folder)

    return change


def as_workbook(folder: Path) -> None:
    """The table of the test split as a workbook."""
    table = folder / "data" / "test.csv"
    rows = [line.split(",", 1) for line in table.read_text().splitlines()]
    table.with_suffix(".xlsx").write_bytes(workbook(rows))
    table.unlink()


def one_pair_less(folder: Path) -> None:
    table = folder / "data" / "test.csv"
    table.write_text("\n".join(table.read_text().splitlines()[:-1]) + "\n")
    for kind in ("images", "masks"):
        (folder / "data" / kind / f"test{COUNTS['test'] - 1}.png").unlink()


def indented(path: str) -> Callable[[Path], None]:
    """A JSON file with other spaces."""
    return lambda folder: void(
        (folder / path).write_text(json.dumps(json.loads((folder / path).read_text()), indent=7))
    )


def void(_: object) -> None:
    pass


class Change(NamedTuple):
    """What is done to the folder, and what then has to be done for own-unet and for lvit."""

    change: Callable[[Path], None]
    own: str
    lvit: str


CHANGES = {
    "files written again": Change(lambda folder: None, KEPT, KEPT),
    "data moved": Change(moved("data", "elsewhere"), KEPT, KEPT),
    "ontology moved": Change(moved("words.json", "renamed.json"), KEPT, KEPT),
    "frame moved": Change(moved("places.json", "renamed.json"), KEPT, KEPT),
    "the same pixels packed otherwise": Change(packed_otherwise, KEPT, KEPT),
    "a file that nothing reads": Change(lambda folder: (folder / "data" / "notes.txt").write_text("x"), KEPT, KEPT),
    "the same table as a workbook": Change(as_workbook, KEPT, KEPT),
    "a frame with other spaces": Change(indented("places.json"), KEPT, KEPT),
    "an image of test": Change(paint("data/images/test1.png"), PREDICT, PREDICT),
    "a mask of test": Change(paint("data/masks/test1.png"), PREDICT, PREDICT),
    "a prompt of test": Change(replaced("data/test.csv", "One", "Two"), PREDICT, PREDICT),
    "one pair of test less": Change(one_pair_less, PREDICT, PREDICT),
    "an image of val": Change(paint("data/images/val1.png"), TRAIN, TRAIN),
    "a prompt of val": Change(replaced("data/val.csv", "One", "Two"), TRAIN, TRAIN),
    "an image of train": Change(paint("data/images/train1.png"), TRAIN, TRAIN),
    "a mask of train": Change(paint("data/masks/train1.png"), TRAIN, TRAIN),
    "a prompt of train": Change(replaced("data/train.csv", "One", "Two"), TRAIN, TRAIN),
    "a word of the ontology": Change(replaced("words.json", '"title": "', '"title": "own '), SCORE, SCORE),
    "a line of the frame": Change(replaced("places.json", "0.3333", "0.3533"), SCORE, SCORE),
    "a comment in the own method": Change(replaced("own_unet.py", "import torch", "import torch  # !"), KEPT, KEPT),
    "an edit of the own method": Change(replaced("own_unet.py", "range(5)", "range(4)"), TRAIN, KEPT),
    "an edit beside the own method": Change(replaced("own_blocks.py", "nn.ReLU()", "nn.GELU()"), TRAIN, KEPT),
}
