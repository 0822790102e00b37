"""c2seg-bench calibrate: a frame from masks and prompts"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

if TYPE_CHECKING:
    from metrics.consistency import Frame
    from metrics.consistency.calibration.trust import HeldOut


def calibrate(
    masks: Annotated[Path, typer.Option(help="Folder of the experts' masks of a training split.")],
    prompts: Annotated[Path, typer.Option(help="Table (csv, xlsx) of an image's name and its prompt.")],
    out: Annotated[Path, typer.Option(help="The JSON file to write; score and suites take it as --frame.")],
    ontology: Annotated[str, typer.Option(help="How prompts are read: chest, colonoscopy, or a .json file.")] = "chest",
    convention: Annotated[
        str | None, typer.Option(help="Whose left: image or patient (default: whichever agrees with more prompts).")
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option(help="Folder of the images: rows relative to the lungs, which are located in each image."),
    ] = None,
    lungs: Annotated[
        Path | None, typer.Option(help="Folder of lung masks: rows relative to them, or learned from them.")
    ] = None,
) -> None:
    """Fit a frame to a kind of image: minimum area, midline, cuts, tolerances.

    The frame is cross-validated first, and written only if it agrees with held-out prompts as well as the frame thirds;
    at least 25 prompts must state a place. Calibrate on a training split, never on the images that are scored. With
    --images the frame's rows are relative to the lungs, and the frame learns to find these in an image: from --lungs,
    else from the lesions of prompts that name a whole side. With --lungs alone, scoring needs lung masks as well.

    Example: c2seg-bench calibrate --masks QaTa/Train/GTs --prompts train.xlsx --out qata-mine.json
    """
    import warnings
    from dataclasses import replace

    from c2seg_bench.cli.light import import_spacy_without_torch
    from c2seg_bench.cli.out import check_out
    from c2seg_bench.data.checks.prompt_fit import misfit
    from c2seg_bench.data.pairing.companions import images_of, lungs_of
    from c2seg_bench.errors import InputError
    from metrics.consistency import calibrate as fit_frame
    from metrics.consistency.calibration.trust import held_out
    from metrics.consistency.reader.ontology import load_ontology

    import_spacy_without_torch()
    check_out("--out", out, ".json", (masks, prompts, images, lungs))
    load_ontology(ontology)
    if convention not in (None, "image", "patient"):
        raise InputError(f"--convention {convention}: there are image, patient")
    pairs = read_pairs(masks, prompts)
    if wrong := misfit(pairs.prompts, ontology):
        warnings.warn(f"{prompts}: {wrong}", stacklevel=2)
    image_files = None if images is None else images_of(pairs.names, images)
    lung_masks = None if lungs is None else lungs_of(pairs.names, lungs)
    data = (pairs.masks, pairs.prompts, ontology)
    trust = held_out(*data, convention, image_files, lung_masks)
    refuse_if_worse(trust, masks)
    frame = fit_frame(*data, out.stem, convention, image_files, lung_masks)
    about = {**frame.about, "source": f"{masks} with {prompts}", "held_out": trust.to_json()}
    frame = replace(frame, about=about)
    write_frame(frame, out)
    show_agreement(*data, frame, image_files, lung_masks if image_files is None else None)
    show_trust(trust)
    unused = f" ({pairs.unused} more have no prompt)" if pairs.unused else ""
    whole = {"picture": "image's height", "lungs": "lungs' height"}[frame.relative]
    cuts = f"rows cut at {', '.join(f'{cut:.2f}' for cut in frame.rows)} of the {whole}"
    print(f"{len(pairs.names)} masks{unused}, {frame.convention} convention, {cuts}: {out}")


class Pairs(NamedTuple):
    """Masks with their prompts, in the same order, and the number of masks that have none."""

    names: list[str]
    masks: list[Any]
    prompts: list[str]
    unused: int


def read_pairs(masks: Path, prompts: Path) -> Pairs:
    """The masks of a folder that have a prompt in the table. InputError if none has."""
    from c2seg_bench.data.masks.mask_reader import MaskReader
    from c2seg_bench.data.pairing.companions import prompts_by_image
    from c2seg_bench.data.pairing.list_folder import list_folder
    from c2seg_bench.errors import InputError

    prompt_by_name, files = prompts_by_image(prompts), list_folder(masks, "--masks")
    names = [name for name in files if name in prompt_by_name]
    if not names:
        raise InputError(f"{prompts}: no prompt for any image of {masks}; names pair by stem, mask_ ignored")
    reader = MaskReader(files.values())
    arrays, texts = [reader.read(files[name]) for name in names], [prompt_by_name[name] for name in names]
    return Pairs(names, arrays, texts, len(files) - len(names))


def refuse_if_worse(trust: HeldOut, masks: Path) -> None:
    """InputError if frames fitted to some of the masks agree less with the other prompts than `thirds` does."""
    from c2seg_bench.errors import InputError

    if not trust.better:
        raise InputError(
            f"--masks {masks}: {trust.n} masks are too few to calibrate on: {trust.strict:.0%} of held-out masks agree "
            f"with their prompts, under the frame thirds {trust.strict_thirds:.0%}; take --frame thirds, or more masks"
        )


def show_trust(trust: HeldOut) -> None:
    """Print how well frames fitted in the same way agree with held-out prompts."""
    low, high = trust.interval
    print(
        f"held-out masks ({trust.parts} parts), all axes: strict {trust.strict:.3f} of {trust.n} (95 % interval "
        f"{low:.2f} to {high:.2f}); under the frame thirds {trust.strict_thirds:.3f}"
    )


def write_frame(frame: Frame, out: Path) -> None:
    import json

    from c2seg_bench.errors import InputError
    from c2seg_bench.files import atomic

    try:
        with atomic(out) as temporary:
            temporary.write_text(json.dumps(frame.to_json(), indent=1) + "\n", encoding="utf-8")
    except OSError as e:
        raise InputError(f"--out {out}: cannot be written ({e.strerror}); give another place") from None


def show_agreement(masks: Any, prompts: list[str], ontology: str, frame: Frame, images: Any, lungs: Any) -> None:
    """Print how well the masks that the frame was fitted to agree with their prompts, one line per axis."""
    from metrics.consistency import evaluate

    axes = evaluate(masks, prompts, ontology, frame, images, lungs=lungs).summary()["axes"]
    for axis in ("count", "laterality", "position"):
        if "strict" in axes[axis]:
            figures = ", ".join(f"{name} {axes[axis][name]:.3f}" for name in ("strict", "score", "chance"))
            print(f"same masks, {axis}: {figures} ({axes[axis]['coverage']:.0%} of prompts)")
