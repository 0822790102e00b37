"""c2seg-bench validate-metric: the consistency metric's own test, as a page"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DATA = Path("tests/data")
LABELS = [DATA / "prompts.tsv", DATA / "prompts_reports.tsv", DATA / "prompts_free.tsv"]


def validate_metric(
    out: Annotated[Path, typer.Option(help="The Markdown page to write.")] = Path("docs/consistency.md"),
    labels: Annotated[
        list[Path],
        typer.Option(help="Hand-labelled prompts (tsv) that the reader was developed on; may be given again."),
    ] = LABELS,
    scored: Annotated[
        Path,
        typer.Option(help="Hand-labelled prompts (tsv) that are only scored; the first scoring is stored beside it."),
    ] = DATA / "prompts_scored.tsv",
    real: Annotated[
        list[str], typer.Option(help="Real data, NAME[@FRAME]=MASKS:TABLE[,TABLE]; NAME is qata, kvasir or clinicdb.")
    ] = [],  # noqa: B006 (typer reads it as the default)
    images: Annotated[
        list[str],
        typer.Option(help="Images of real data, NAME=FOLDER, for frames that need them; may be given again."),
    ] = [],  # noqa: B006
    run: Annotated[
        list[Path], typer.Option(help="A run, for the correlation of consistency with Dice; may be given again.")
    ] = [],  # noqa: B006
    trials: Annotated[int, typer.Option(min=20, help="Drawn masks per fault.")] = 300,
) -> None:
    """Test the consistency metric (faults, order, invariances, reader, experts' masks) and write the page.

    Example: c2seg-bench validate-metric --real qata=Test_Folder/labelcol:Test_Folder/Test_text.xlsx
    """
    from c2seg_bench.cli.out import check_out
    from c2seg_bench.files import atomic
    from c2seg_bench.pages.consistency import first_scoring, page
    from c2seg_bench.pages.real_sets import parse_image_folders, read_real_set
    from metrics.consistency.study.labels import read_labels

    check_out("--out", out, ".md", [*labels, scored])
    image_folders = parse_image_folders(images)
    sets = [read_real_set(option, image_folders) for option in real]
    developed_on, unseen = [read_labels(path) for path in labels], read_labels(scored)
    scoring = first_scoring(unseen, scored.with_suffix(".json"))
    text = page(developed_on, unseen, scoring, sets, run, trials)
    with atomic(out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    print(out)
