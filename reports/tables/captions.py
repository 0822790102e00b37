"""Sentences of captions: what the numbers of a table are means of, and how not to misread them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.run import Metric, Run
from reports.tables.model import number

MIN_SEEDS = 3  # fewer cannot show how trainings differ
FEW = 100  # images or subjects; below, simulated intervals can be too narrow (docs/statistics.md)
COLLAPSED = (("empty", "give nearly always an empty mask"), ("constant", "give nearly always the same mask"))

EMPTY = {
    "skip": "an image with an empty mask is left out of the mean",
    "nan": "an image with an empty mask has no value",
}
# the policy diagonal, by unit and better: where only one mask is empty, and where both are
ONE_AND_BOTH_EMPTY = {
    ("px", "down"): ("the image's diagonal", "0"),
    ("%", "up"): ("0 %", "100 %"),
    ("%", "down"): ("100 %", "0 %"),
}
AGGREGATION = {
    "per-image": "per-image means",
    "dataset": "scores pooled over the dataset",
}


def protocol(run: Run, dataset: str) -> str:
    """Aggregation, threshold, image size, seeds and intervals of one dataset's numbers."""
    about, entry = run.about, run.about["datasets"][dataset]
    size = entry.get("size")
    count = entry.get("test_images")
    parts = [
        AGGREGATION.get(about["aggregation"], f"aggregation {about['aggregation']}"),
        f"{count} test images" if count is not None else "number of test images not recorded",
        f"{size}×{size} pixels" if size is not None else "image size not recorded",
        f"masks at probability > {about['threshold']:g}",
        seeds(about["seeds"]),
    ]
    words = "; ".join(parts)
    return f"{words[0].upper()}{words[1:]}. {brackets(run, [dataset])}"


def brackets(run: Run, datasets: list[str], what: str = "95 % intervals") -> str:
    """What the intervals are of: what was drawn, whether other trainings are in them, whether they may be narrow."""
    draws = run.about.get("bootstrap")
    times = f"{draws} bootstrap draws, " if draws else "bootstrap, "
    drawn = list(dict.fromkeys(drawn_by(run, dataset) for dataset in datasets))
    parts = [f"Brackets: {what} ({times}{' and '.join(drawn)})."]
    seeds = len(run.about["seeds"])
    if seeds >= MIN_SEEDS:
        parts.append(f"They include the spread between trainings, as far as {seeds} seeds show it.")
    else:
        one = "this training" if seeds == 1 else "these trainings"
        parts.append(f"They are of {one} alone, since fewer than {MIN_SEEDS} seeds cannot show how trainings differ.")
    if small := [d for d in datasets if 0 < number_drawn(run, d) < FEW]:
        parts.append(
            f"Fewer than {FEW} images or subjects ({', '.join(small)}): an interval can be too narrow where a few "
            "images dominate a mean, as the diagonals of empty masks do."
        )
    return " ".join(parts)


def drawn_by(run: Run, dataset: str) -> str:
    """Such as "drawn by subject (413)"."""
    subjects = run.about["datasets"][dataset].get("subjects")
    return "drawn by image; subjects not known" if subjects is None else f"drawn by subject ({subjects})"


def number_drawn(run: Run, dataset: str) -> int:
    entry = run.about["datasets"][dataset]
    return int(entry.get("subjects") or entry.get("test_images") or 0)


def between_seeds(run: Run, dataset: str, metric: str = "dice") -> str:
    """The standard deviation between the trainings of each method; "" where fewer than three seeds were trained."""
    rows = run.main[(run.main["dataset"] == dataset) & (run.main["metric"] == metric)].set_index("method")
    spread = [(m.title, rows.loc[m.name, "seed_sd"]) for m in run.methods if m.name in rows.index]
    known = [f"{title} {number(float(sd), 2)}" for title, sd in spread if sd == sd]
    title = next((m.title for m in run.metrics if m.name == metric), metric)
    return f"Standard deviation of {title} between trainings: {', '.join(known)}." if known else ""


def seeds(given: list[Any]) -> str:
    return f"{len(given)} seed{'s' * (len(given) != 1)} ({', '.join(map(str, given))})"


def iou(metrics: Sequence[Metric]) -> str:
    """What papers call the IoU; "" where it is not among the metrics."""
    is_shown = any(metric.name == "iou" for metric in metrics)
    return "IoU: of the foreground, mean over images; papers call it mIoU." if is_shown else ""


def empty_masks(run: Run, dataset: str) -> str:
    """The policy for metrics that an empty mask leaves undefined, and how many images it touched."""
    policy = run.about["empty"]
    filled = [metric for metric in run.metrics if metric.fills_empty]
    if not filled:
        return ""
    words = f"{listed([metric.title for metric in filled])} of empty masks, policy {policy}"
    if policy in EMPTY:
        words += f": {EMPTY[policy]}"
    elif policy == "diagonal":
        words += f": {values_of_empty_masks(filled)}"
    touched = run.about["datasets"][dataset].get("empty_touched")
    if touched is None:
        return f"{words}. Number of images affected: not recorded."
    if isinstance(touched, dict):
        methods = {m.name: m.title for m in run.methods}
        counts = ", ".join(f"{methods.get(m, m)} {n}" for m, n in touched.items())
        return f"{words}. Images affected, over all seeds: {counts or 'none'}."
    return f"{words}. Images affected, over all seeds: {touched}."


def values_of_empty_masks(metrics: Sequence[Metric]) -> str:
    """What the policy diagonal gives these metrics; their titles are named where it gives different values."""
    titles: dict[tuple[str, str], list[str]] = {}
    for metric in metrics:
        titles.setdefault((metric.unit, metric.better), []).append(metric.title)
    parts = []
    for kind, own in titles.items():
        one, both = ONE_AND_BOTH_EMPTY.get(kind, ("the worst value", "the best"))
        subject = f"{listed(own)} " if len(titles) > 1 else ""
        parts.append(f"{subject}{one} where only one of the two masks is empty, {both} where both are")
    return "; ".join(parts)


def collapsed(run: Run, datasets: Sequence[str]) -> str:
    """Which methods collapsed, in how many trainings, and that they are not ranked; "" where none did."""
    titles, entries = {m.name: m.title for m in run.methods}, []
    for dataset in datasets:
        for method, entry in run.collapsed(dataset).items():
            if method in titles:
                counts = [f"{len(entry[kind])} of {entry['seeds']} {what}" for kind, what in COLLAPSED if entry[kind]]
                where = f" on {dataset}" if len(datasets) > 1 else ""
                ranked = "" if entry["unranked"] else "; still ranked"
                entries.append(f"{titles[method]}{where} ({', '.join(counts)}{ranked})")
    if not entries:
        return ""
    return (
        f"† Collapsed trainings: {', '.join(entries)}. A method is not ranked and has no letters where most of its "
        "trainings collapsed: it scores well where the experts' masks are empty, and noise costs it nothing, without "
        "segmenting."
    )


def listed(names: list[str]) -> str:
    """Such as "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def published_rows(run: Run, dataset: str, rows: list[str]) -> str:
    """What the published rows of one table are, with a warning for pairs that are no per-image means."""
    table = run.published[dataset]
    words = (
        "Italic: as published in the paper's table, which is another setting (its own training, size, prompts and "
        "seeds); shown for orientation, not ranked. Params there are as printed."
    )
    pooled = [r for r in rows if table.loc[r, "aggregation"] == "dataset-level"]
    mixed = [r for r in rows if table.loc[r, "aggregation"] == "mixed"]
    if pooled:
        words += (
            f" Warning: the published {_named(pooled)} meets Dice = 2 IoU / (1 + IoU) almost to the digit, so it is "
            "dataset-level (pooled) and not comparable with per-image means."
        )
    if mixed:
        words += (
            f" Warning: the published {_named(mixed)} has a Dice above 2 IoU / (1 + IoU), which no average of one set "
            "of masks can have; its two numbers are of different kinds."
        )
    return words


def _named(rows: list[str]) -> str:
    return f"row {rows[0]}" if len(rows) == 1 else f"rows {', '.join(rows[:-1])} and {rows[-1]}, each,"
