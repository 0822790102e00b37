"""c2seg-bench calibrate: a frame from masks and prompts"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from metrics.consistency import Frame
    from metrics.consistency.calibration.trust import HeldOut


def calibrate(
    masks: Annotated[Path, typer.Option(help="Folder of the experts' masks of a training split.")],
    prompts: Annotated[Path, typer.Option(help="Table (csv, xlsx) of a picture's name and its prompt.")],
    out: Annotated[Path, typer.Option(help="The JSON file to write; score and suites take it as --frame.")],
    ontology: Annotated[str, typer.Option(help="How prompts are read: chest or colonoscopy.")] = "chest",
    convention: Annotated[
        str | None, typer.Option(help="Whose left: image or patient (default: whichever agrees with more prompts).")
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder of the pictures: rows relative to the lungs, found in each picture.")
    ] = None,
    lungs: Annotated[
        Path | None, typer.Option(help="Folder of masks of the lungs: rows relative to them, or learned from them.")
    ] = None,
) -> None:
    """Find where words lie in a kind of picture: minimum area, midline, cuts, tolerances.

    The file is written only where frames fitted to parts of the masks agree with the other masks' prompts as well as
    the frame thirds does; 25 prompts or more must state a place. Calibrate on a training split, never on the images
    that are scored. With --images the frame's rows are shares of the lungs, and the frame learns to find the lungs in a
    picture: from --lungs, else from the lesions of the prompts that name a whole side. With --lungs alone, scoring
    needs masks of the lungs as well.

    Example: c2seg-bench calibrate --masks QaTa/Train/GTs --prompts train.xlsx --out qata-mine.json
    """
    from dataclasses import replace

    from c2seg_bench.cli.light import import_spacy_without_torch
    from c2seg_bench.cli.out import check_out
    from c2seg_bench.data.companions import lungs_of, pictures_of, prompts_by_image
    from c2seg_bench.data.masks import MaskReader
    from c2seg_bench.data.pairs import list_folder
    from c2seg_bench.errors import InputError
    from metrics.consistency import calibrate as fit_frame
    from metrics.consistency.calibration.trust import held_out
    from metrics.consistency.reader.ontology import load_ontology

    import_spacy_without_torch()
    check_out("--out", out, ".json", (masks, prompts, images, lungs))
    load_ontology(ontology)
    if convention not in (None, "image", "patient"):
        raise InputError(f"--convention {convention}: there are image, patient")
    prompt_by_name, files = prompts_by_image(prompts), list_folder(masks, "--masks")
    names = [name for name in files if name in prompt_by_name]
    if not names:
        raise InputError(f"{prompts}: no prompt for any picture of {masks}; names pair by stem, mask_ ignored")
    reader = MaskReader(files.values())
    expert_masks, texts = [reader.read(files[name]) for name in names], [prompt_by_name[name] for name in names]
    pictures = None if images is None else pictures_of(names, images)
    lung_masks = None if lungs is None else lungs_of(names, lungs)
    trust = held_out(expert_masks, texts, ontology, convention, pictures, lung_masks)
    refuse_if_worse(trust, masks)
    frame = fit_frame(expert_masks, texts, ontology, out.stem, convention, pictures, lung_masks)
    about = {**frame.about, "source": f"{masks} with {prompts}", "held_out": trust.to_json()}
    frame = replace(frame, about=about)
    write_frame(frame, out)
    show_agreement(expert_masks, texts, ontology, frame, pictures, lung_masks if pictures is None else None)
    show_trust(trust)
    unused = f" ({len(files) - len(names)} more have no prompt)" if len(files) > len(names) else ""
    cuts = ", ".join(f"{cut:.2f}" for cut in frame.rows)
    print(
        f"{len(names)} masks{unused}, {frame.convention} convention, rows cut at {cuts} of the {frame.relative}: {out}"
    )


def refuse_if_worse(trust: HeldOut, masks: Path) -> None:
    """InputError where a frame fitted to other masks of the folder agrees less with the prompts than `thirds`."""
    from c2seg_bench.errors import InputError

    if not trust.better:
        raise InputError(
            f"--masks {masks}: {trust.n} masks are too few to calibrate on: held out, {trust.strict:.0%} agree with "
            f"all that is stated, in the frame thirds {trust.strict_thirds:.0%}; take --frame thirds, or more masks"
        )


def show_trust(trust: HeldOut) -> None:
    """Say how well frames fitted in the same way do on masks that they were not fitted to."""
    low, high = trust.interval
    print(
        f"held out, in {trust.parts} parts: all that is stated holds in {trust.strict:.3f} of {trust.n} masks (95 % "
        f"interval {low:.2f} to {high:.2f}), in the frame thirds in {trust.strict_thirds:.3f}"
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
    """How well the masks that the frame was fitted to agree with their prompts, a line per axis."""
    from c2seg_bench.cli.lines import plain_warnings
    from metrics.consistency import evaluate

    with plain_warnings():
        axes = evaluate(masks, prompts, ontology, frame, images, lungs=lungs).summary()["axes"]
    for axis in ("count", "laterality", "position"):
        if "strict" in axes[axis]:
            figures = ", ".join(f"{name} {axes[axis][name]:.3f}" for name in ("strict", "score", "chance"))
            print(f"{axis}: {figures} ({axes[axis]['coverage']:.0%} of prompts)")
