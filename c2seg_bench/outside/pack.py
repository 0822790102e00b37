"""A pack: all requests to a model as files, for models that this Python cannot call; and its answers."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from c2seg_bench.data.cache.cache import Cache
from c2seg_bench.data.images.resize import resized_mask
from c2seg_bench.data.masks.mask_reader import MaskReader
from c2seg_bench.data.names import some
from c2seg_bench.data.pairing.list_folder import list_folder
from c2seg_bench.errors import InputError
from c2seg_bench.files import beside, read_json
from c2seg_bench.files.digests import digest
from c2seg_bench.outside.requests import Request, Requests

COLUMNS = ("id", "image", "prompt", "condition")
README = """# What to answer

`requests.csv` has {number} rows. Each asks for one mask: of the image in the column `image` (a path in this folder),
as the text in the column `prompt` describes it. `condition` says where the prompt comes from: `clean` is the
dataset's own, all others are noisy or edited versions of it. Answer every row by its image and its prompt alone.

Write each answer as one file, named by the row's `id`, all into one folder:

    answers/{example}.png

- PNG, TIFF, BMP or WebP: 255 where the lesion is, 0 elsewhere; or grey values as probabilities.
- NumPy (.npy): bool, 0/1, 0/255, or probabilities in [0, 1]; above 0.5 is lesion.
- NIfTI (.nii, .nii.gz): the same values in one slice, rows and columns as its axes, the identity as its affine.
- As high and wide as the image. No JPEG: it changes values.

Then:

    c2seg-bench evaluate {suite} --pack {folder} --predictions answers --name "My model"

What is missing or too much is reported by id, image and prompt.
"""


def write_pack(
    out: Path, suite: str, datasets: Sequence[tuple[Requests, Cache]], image: Callable[[str, Request], np.ndarray]
) -> int:
    """Write requests.csv, the images, README.md and pack.json into the new folder `out`.

    Args:
        suite: how the suite is named on the command line.
        datasets: the requests of every dataset, with its cache.
        image: of a dataset and one of its requests, (H, W, 3) uint8.

    Returns:
        The number of requests.

    Raises:
        InputError: the folder is there and is not empty.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"--out {out}: is there already; give a new folder")
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    part = beside(out.absolute())
    rows = []
    for requests, _ in datasets:
        folder = part / "images" / requests.dataset
        folder.mkdir(parents=True)
        written = set()
        for request in requests.all:
            name = f"{_plain(request.image)}-{request.row:05d}{'-flipped' if request.flipped else ''}.png"
            if name not in written:
                cv2.imwrite(str(folder / name), image(requests.dataset, request)[..., ::-1])
                written.add(name)
            path = f"images/{requests.dataset}/{name}"
            rows.append((request.id, path, request.prompt, " ".join(request.conditions)))
    with open(part / "requests.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    readme = README.format(number=len(rows), example=rows[0][0], suite=suite, folder=out)
    (part / "README.md").write_text(readme, encoding="utf-8")
    description = {"suite": suite, "requests": len(rows), "digest": digest_of([requests for requests, _ in datasets])}
    (part / "pack.json").write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
    if out.exists():
        out.rmdir()
    part.rename(out)
    return len(rows)


def digest_of(all_requests: Sequence[Requests]) -> str:
    """Of all requests; the same images and prompts have the same."""
    return digest([[requests.dataset, [request.id for request in requests.all]] for requests in all_requests])


def check_pack(pack: Path, all_requests: Sequence[Requests]) -> None:
    """InputError if the pack has other requests than the suite has now."""
    try:
        description = read_json(pack / "pack.json")
    except InputError:
        raise InputError(f"--pack {pack}: pack.json is damaged; pack the suite again") from None
    if not isinstance(description, dict) or "digest" not in description:
        raise InputError(f"--pack {pack}: no pack.json in it; give a folder that c2seg-bench pack wrote")
    if description["digest"] != digest_of(all_requests):
        raise InputError(
            f"--pack {pack}: has other images or prompts than the suite has now ({description.get('requests')} "
            f"requests, the suite {sum(map(len, all_requests))}); pack the suite again"
        )


class AnswerFolder:
    """Masks named by the ids of requests.

    Args:
        folder: with the files.
        known: requests of all datasets of the suite: a file of none of them is one too many.

    Raises:
        InputError: no such folder, or a file that answers nothing.
    """

    def __init__(self, folder: Path, known: Sequence[Requests]):
        self.folder = folder
        self.files = list_folder(folder, "--predictions")
        self.reader = MaskReader(self.files.values(), probabilities=True)
        ids = {request.id for requests in known for request in requests.all}
        if unknown := [self.files[name].name for name in self.files if name not in ids]:
            raise InputError(
                f"{folder}: {len(unknown)} of {len(self.files)} files are no answer to a request ({some(unknown)}); "
                "name them by the ids in requests.csv, and pack again where the suite changed"
            )

    def missing(self, requests: Requests) -> list[Request]:
        return [request for request in requests.all if request.id not in self.files]

    def check_complete(self, requests: Requests) -> None:
        """InputError names the answers that are missing."""
        if missing := self.missing(requests):
            named = some(f"{request.id}: image {request.image}, prompt {request.prompt!r}" for request in missing)
            raise InputError(
                f"{self.folder}: {len(missing)} of {len(requests)} answers for {requests.dataset} are missing "
                f"({named}); answer them, or score them as empty masks (--partial)"
            )

    def mask(self, request: Request, shapes: Sequence[tuple[int, int]], size: int) -> NDArray[np.bool_]:
        """The mask (size, size) of a request, of one of the shapes that its image has, brought to the suite's size.

        Raises:
            InputError: the file is no mask, or of another shape.
        """
        path = self.files[request.id]
        mask = self.reader.read(path)
        if mask.shape not in shapes:
            expected = " or ".join(dict.fromkeys(f"{height}x{width}" for height, width in shapes))
            raise InputError(
                f"{path}: {mask.shape[0]}x{mask.shape[1]} pixels (height x width), its image {request.image} has "
                f"{expected}; give the mask of the image's size"
            )
        return resized_mask(mask, size).astype(bool)


def folder_state(folder: Path) -> str:
    """Digest of the files' names, sizes and times: other answers are read again."""
    if not folder.is_dir():
        raise InputError(f"--predictions {folder}: no such folder; give the folder of the answers")
    files = sorted(folder.iterdir())
    return digest([(path.name, (state := path.stat()).st_size, state.st_mtime_ns) for path in files])


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", Path(name).stem)[:60].lstrip(".-") or "image"
