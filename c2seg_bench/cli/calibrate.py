"""c2seg-bench calibrate: a frame from masks and prompts"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


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

    Calibrate on a training split, never on the images that are scored. With --images the frame's rows are shares of
    the lungs, and the frame learns to find the lungs in a picture: from --lungs, else from the lesions of the prompts
    that name a whole side. With --lungs alone, scoring needs masks of the lungs as well.

    Example: c2seg-bench calibrate --masks QaTa/Train/GTs --prompts train.xlsx --out qata-mine.json
    """
    import json
    from dataclasses import replace

    from c2seg_bench.cli.lines import plain_warnings
    from c2seg_bench.cli.out import check_out
    from c2seg_bench.data.companions import lungs_of, pictures_of, prompts_by_image
    from c2seg_bench.data.masks import MaskReader
    from c2seg_bench.data.pairs import list_folder
    from c2seg_bench.errors import InputError
    from c2seg_bench.files import atomic
    from metrics.consistency import calibrate as search
    from metrics.consistency import evaluate
    from metrics.consistency.reader.ontology import load_ontology

    check_out("--out", out, ".json", (masks, prompts, images, lungs))
    load_ontology(ontology)
    if convention not in (None, "image", "patient"):
        raise InputError(f"--convention {convention}: there are image, patient")
    texts, found = prompts_by_image(prompts), list_folder(masks, "--masks")
    paths = {key: path for key, path in found.items() if key in texts}
    if not paths:
        raise InputError(f"{prompts}: no prompt for any picture of {masks}; names pair by stem, mask_ ignored")
    reader = MaskReader(found.values())
    pictures, words = [reader.read(path) for path in paths.values()], [texts[key] for key in paths]
    looks = None if images is None else pictures_of(list(paths), images)
    inside = None if lungs is None else lungs_of(list(paths), lungs)
    frame = search(pictures, words, ontology, out.stem, convention, looks, inside)
    frame = replace(frame, about={**frame.about, "source": f"{masks} with {prompts}"})
    try:
        with atomic(out) as temporary:
            temporary.write_text(json.dumps(frame.to_json(), indent=1) + "\n", encoding="utf-8")
    except OSError as e:
        raise InputError(f"--out {out}: cannot be written ({e.strerror}); give another place") from None
    with plain_warnings():
        given = evaluate(pictures, words, ontology, frame, looks, lungs=inside if looks is None else None)
    axes = given.summary()["axes"]
    for axis in ("count", "laterality", "position"):
        if "strict" in axes[axis]:
            about = ", ".join(f"{name} {axes[axis][name]:.3f}" for name in ("strict", "score", "chance"))
            print(f"{axis}: {about} ({axes[axis]['coverage']:.0%} of prompts)")
    left = f" ({len(found) - len(paths)} more have no prompt)" if len(found) > len(paths) else ""
    print(
        f"{len(pictures)} masks{left}, {frame.convention} convention, rows cut at "
        f"{', '.join(f'{c:.2f}' for c in frame.rows)} of the {frame.relative}: {out}"
    )
