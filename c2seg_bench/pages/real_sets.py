"""Real masks and prompts for docs/consistency.md, from the options --real and --images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from c2seg_bench.data.masks.mask_reader import MaskReader
from c2seg_bench.data.names import ByName, stem
from c2seg_bench.data.pairing.companions import images_of
from c2seg_bench.data.pairing.list_folder import list_folder
from c2seg_bench.data.tables.prompt_tables import read_prompts
from c2seg_bench.errors import InputError
from metrics.consistency import Frame

ONTOLOGIES = {"qata": "chest", "kvasir": "colonoscopy", "clinicdb": "colonoscopy"}


@dataclass(frozen=True)
class RealSet:
    """N masks and prompts of a dataset, and the frame to judge them in.

    Args:
        name: a key of `ONTOLOGIES`.
        frame: of the judge.
        masks: N masks (H, W).
        prompts: N texts.
        images: N images, for a frame that depends on them; else None.
    """

    name: str
    frame: Frame
    masks: list[np.ndarray]
    prompts: list[str]
    images: Sequence[np.ndarray] | None = None

    @property
    def ontology(self) -> str:
        """The ontology of the prompts."""
        return ONTOLOGIES[self.name]


def parse_image_folders(options: Sequence[str]) -> dict[str, Path]:
    """The folder of each set's images, from values NAME=FOLDER of --images.

    Raises:
        InputError: another form, an unknown name, or a name that is given twice.
    """
    folder_by_name: dict[str, Path] = {}
    for option in options:
        name, _, folder = option.partition("=")
        if name not in ONTOLOGIES or not folder:
            raise InputError(f"--images {option}: give NAME=FOLDER, NAME one of {', '.join(ONTOLOGIES)}")
        if name in folder_by_name:
            raise InputError(f"--images {option}: {name} is given twice; keep one")
        folder_by_name[name] = Path(folder)
    return folder_by_name


def read_real_set(option: str, image_folders: dict[str, Path]) -> RealSet:
    """The set of a value NAME[@FRAME]=MASKS:TABLE[,TABLE] of --real; masks without a prompt are left out.

    Args:
        option: the value.
        image_folders: from `parse_image_folders`; used if the frame depends on the image.

    Raises:
        InputError: another form, an unknown name, no mask with a prompt, or missing images.
    """
    name_and_frame, _, paths = option.partition("=")
    name, _, frame_name = name_and_frame.partition("@")
    folder, _, tables = paths.rpartition(":")
    if name not in ONTOLOGIES or not folder or not tables:
        raise InputError(f"--real {option}: give NAME[@FRAME]=MASKS:TABLE[,TABLE], NAME one of {', '.join(ONTOLOGIES)}")
    frame = Frame.load(frame_name or name)
    prompts = ByName({stem(row.name): row.prompt for table in tables.split(",") for row in read_prompts(Path(table))})
    masks = {key: path for key, path in list_folder(Path(folder), "--real").items() if key in prompts}
    if not masks:
        raise InputError(f"--real {option}: no prompt for any mask; names pair by stem, mask_ ignored")
    images = None
    if frame.lungs is not None:
        if name not in image_folders:
            raise InputError(f"--real {option}: frame {frame.name} needs images; give --images {name}=FOLDER")
        images = images_of(list(masks), image_folders[name])
    reader = MaskReader(masks.values())
    return RealSet(name, frame, [reader.read(path) for path in masks.values()], [prompts[key] for key in masks], images)
