"""c2seg-bench leaderboard: results from several groups in one ranked table"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from c2seg_bench.terminal.visible import print_visible


def leaderboard(
    files: Annotated[list[Path], typer.Argument(metavar="FILES...", help="Zips of c2seg-bench export.")],
    out: Annotated[Path, typer.Option(help="Folder for the page and the tables.")],
    by: Annotated[
        str, typer.Option(help="Metric to rank by: dice, iou, hd95, assd, consistent, consistency.")
    ] = "dice",
    reference: Annotated[
        Path | None, typer.Option(help="The file that sets data and protocol; default: those of most files.")
    ] = None,
    empty: Annotated[str, typer.Option(help="Distance to an empty mask: diagonal, skip or nan.")] = "diagonal",
    as_json: Annotated[bool, typer.Option("--json", help="Ranks and refusals as one JSON object on stdout.")] = False,
) -> None:
    """Rank exported results in one table per dataset, with intervals, tie groups and rank intervals.

    Results on other images, test splits or prompts, or from another protocol or version of the metrics, are not
    ranked but listed with the reason. Writes leaderboard.md, leaderboard.html, leaderboard.csv and not_ranked.csv.

    Example: c2seg-bench leaderboard theirs.zip ours.zip unet.zip --out board
    """
    import json

    from c2seg_bench.errors import InputError
    from c2seg_bench.exchange.leaderboard import leaderboard as rank
    from c2seg_bench.exchange.leaderboard import summary_of, write_leaderboard

    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: is a file; give a folder")
    ranked = rank(files, by, empty, reference)
    written = write_leaderboard(ranked, by, empty, out)
    boards = summary_of(ranked, by)
    if as_json:
        print(json.dumps({"by": by, "boards": boards, "files": [str(path) for path in written]}, ensure_ascii=False))
        return
    for board in boards:
        for row in board["ranked"]:
            print_visible(
                f"{board['dataset']}: {row['place']}. {row['method']} ({row['file']}): {by} {row['value']:.2f}"
            )
        for row in board["not_ranked"]:
            print_visible(f"{board['dataset']}: not ranked: {row['method']} ({row['file']}): {row['reason']}")
    print(out / "leaderboard.md")
