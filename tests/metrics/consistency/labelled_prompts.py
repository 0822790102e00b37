"""The prompts labelled by hand on which the reader was developed."""

from pathlib import Path

from metrics.consistency.study.labels import read_labels

ROWS, COLUMNS = {"u": "upper", "m": "middle", "l": "lower"}, {"l": "left", "c": "center", "r": "right"}

DATA = Path(__file__).parents[2] / "data"
DEVELOPED = [
    label
    for name in ("prompts", "prompts_reports", "prompts_free")
    for label in read_labels(DATA / f"{name}.tsv").labels
]


def cells(codes):
    """Names of cells from two letters each: "ul lr" is upper-left and lower-right."""
    return tuple(sorted(f"{ROWS[code[0]]}-{COLUMNS[code[1]]}" for code in codes.split()))
