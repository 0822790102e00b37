"""The files of a folder that an option of the command line names."""

from __future__ import annotations

from pathlib import Path

from c2seg_bench.data.faults import refuse
from c2seg_bench.data.masks.mask_files import MASK_ENDINGS
from c2seg_bench.data.names import ByName, list_files, name_pattern
from c2seg_bench.errors import InputError


def list_folder(
    folder: Path, option: str, endings: tuple[str, ...] = MASK_ENDINGS, template: str | None = None
) -> ByName[Path]:
    """Files by stem of a folder; InputError names the option: no such folder, nothing in it, two files of a stem.

    Args:
        folder: that `option` gives, such as --targets.
        endings: of the files that are listed.
        template: how files are named, see `name_pattern`; given as --target-names.
    """
    named = f"{option.removesuffix('s')}-names"
    pattern = None if template is None else name_pattern(template, named)
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "no such folder"
        raise InputError(f"{option} {folder}: {what}; give the folder with the images")
    files = list_files(folder, endings, refuse, pattern=pattern)
    if not files and template is not None and list_files(folder, endings, lambda line: None):
        raise InputError(f"{named} {template}: no file in {folder} is named so; correct the template")
    if not files:
        kinds = ", ".join(ending[1:] for ending in endings)
        raise InputError(f"{option} {folder}: no image in it; give a folder of {kinds} files")
    return files
