"""Reads an input as the commands do. What is accepted must have the shape, type and range that its kind has."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.reliability.batches import WrongResult
from tests.reliability.hostile.good_files import TEXT


def read_image(path: Path) -> None:
    from c2seg_bench.data.images.image_files import read_image

    image = read_image(path)
    _expect(image.ndim == 3 and image.shape[2] == 3 and image.dtype == np.uint8, f"{image.dtype} {image.shape}")


def read_mask(path: Path) -> None:
    from c2seg_bench.data.images.stacks import depth_of
    from c2seg_bench.data.masks.mask_reader import MaskReader

    depth_of(path)
    mask = MaskReader([path], probabilities=True).read(path)
    _expect(mask.ndim == 2 and mask.dtype == np.uint8 and mask.max() <= 1, f"{mask.dtype} {mask.shape}")


def read_either(path: Path) -> None:
    from c2seg_bench.errors import InputError

    for read in (read_image, read_mask):
        try:
            read(path)
        except InputError as e:
            _expect("\n" not in str(e), "an error of several lines")


def read_array(path: Path) -> None:
    from c2seg_bench.data.images.stacks import read_stack

    stack = read_stack(path)
    _expect(stack.ndim == 3 and 0 not in stack.shape and stack.dtype.kind in "buif", f"{stack.dtype} {stack.shape}")
    if len(stack) == 1:
        read_mask(path)


def read_volume(path: Path) -> None:
    from c2seg_bench.data.images.stacks import spacing_of

    read_array(path)
    _expect(all(np.isfinite(step) and step > 0 for step in spacing_of(path)), "a spacing that is no size")


def read_table(path: Path) -> None:
    from c2seg_bench.data.tables.prompt_tables import read_prompts

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

    # what is read is kept by the name of the file, so each input needs a name of its own
    own = path.rename(path.with_name(f"{path.stem}-{path.stat().st_mtime_ns}.json"))
    try:
        _expect_a_count(parse(TEXT, str(own)).count)
    finally:
        own.unlink()


def read_prompt(path: Path) -> None:
    from metrics.consistency import parse

    for ontology in ("chest", "colonoscopy"):
        _expect_a_count(parse(path.read_text(), ontology).count)


def _expect_a_count(count: tuple[int, int | None] | None) -> None:
    low, high = count or (0, None)
    _expect(low >= 0 and (high is None or high >= low), f"a count of {count}")


def _expect(right: bool, otherwise: str) -> None:
    if not right:
        raise WrongResult(otherwise)
