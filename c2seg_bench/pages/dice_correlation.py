"""How far consistency goes with Dice over the masks of a run, and examples where the two differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from c2seg_bench.errors import InputError
from c2seg_bench.files import read_object, read_rows
from c2seg_bench.pages.markdown_table import Headings, markdown_table
from c2seg_bench.results.check_scores import check_columns
from c2seg_bench.rundir import CLEAN, RunDir

READ = ("method", "condition", "image", "prompt", "dice", "score", "consistent")


def correlation_with_dice(run: Path) -> dict[str, Any]:
    """Rank correlation of consistency with Dice over a run's clean predictions, per method.

    Returns:
        `name` of the run, `table` of the correlations, and tables of examples: `high` Dice with low consistency, and
        `low` Dice of masks that satisfy their prompts. Both are empty for real data, whose prompts are not printed.

    Raises:
        InputError: the folder has no scores.
    """
    from scipy.stats import spearmanr

    files = RunDir(run)
    if not files.scores.exists():
        raise InputError(f"--run {run}: no scores.parquet; give the folder of a finished run")
    check_columns(files.scores, READ)
    rows = read_rows(files.scores)
    rows = rows[rows["condition"] == str(CLEAN)].dropna(subset=["score"])
    correlations = pd.DataFrame(
        {"method": method, "n": len(own), "rho": float(spearmanr(own["dice"], own["score"]).statistic)}
        for method, own in rows.groupby("method", sort=False)
    )
    table = markdown_table(correlations, {"method": "Method", "n": "Masks", "rho": "Spearman"})
    examples = _examples(rows) if _is_embedded(files) else {"high": "", "low": ""}
    return {"name": run.name, "table": table, **examples}


def _is_embedded(files: RunDir) -> bool:
    """Whether all images of the run are generated, so that their prompts may be printed; not where that is unknown."""
    about = read_object(files.about)
    return about is not None and all(d["source"].startswith("phantom") for d in about["datasets"].values())


def _examples(rows: pd.DataFrame) -> dict[str, str]:
    headings: Headings = {"image": "Image", "method": "Method", "dice": "Dice", "score": "Consistency"}
    headings["prompt"] = "Prompt"
    high = rows[rows["dice"] > rows["dice"].median()].nsmallest(3, "score", keep="first")
    low = rows[rows["consistent"] == 1].nsmallest(3, "dice", keep="first")
    return {"high": markdown_table(high, headings), "low": markdown_table(low, headings)}
