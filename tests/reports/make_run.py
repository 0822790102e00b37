"""A run folder with made-up numbers, the same from the same seed. No method ever had these."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

METHODS = {  # name -> title, uses_text, published, made-up Dice
    "unet": ("U-Net", False, "U-Net", 62.0),
    "ukan": ("U-KAN", False, "UKAN", 64.0),
    "lvit": ("LViT", True, "LViT", 69.0),
    "c2seg": ("C2Seg", True, "C2Seg", 75.0),
}
METRIC_COLUMNS = ("metric", "title", "unit", "better", "printed", "fills_empty", "meaning")
METRICS = (
    ("dice", "Dice", "%", "up", True, False, "overlap"),
    ("iou", "IoU", "%", "up", True, False, "overlap"),
    ("hd95", "HD95", "px", "down", True, True, "distance"),
    ("assd", "ASSD", "px", "down", True, True, "distance"),
    ("consistent", "Strict", "%", "up", True, False, "share of prompts"),
    ("consistency", "Consistency", "%", "up", False, False, "mean over images"),
    ("corrected", "Corrected", "", "up", True, False, "1 as the experts' masks"),
)
FAMILIES = {"keyboard": "kept", "swap": "kept", "abbreviations": "kept", "no_position": "missing", "empty": "missing",
            "other_prompt": "changed"}  # fmt: skip
SEVERITIES = (1, 3, 5)
COST = {"kept": 0.8, "missing": 4.0, "changed": 9.0}


def make_run(
    folder: Path,
    seed: int = 0,
    datasets: tuple[str, ...] = ("phantom-chest", "qata"),
    size: int = 64,
    methods: dict | None = None,
) -> Path:
    """Write folder/tables/* of a pretended run and return `folder`; `methods` instead of METHODS."""
    methods = methods or METHODS
    rng = np.random.default_rng(seed)
    tables = folder / "tables"
    tables.mkdir(parents=True)
    rows = [{"method": m, "title": t, "uses_text": u, "published": p, "params_m": round(2 + 3 * rng.random(), 3),
             "thop_m": 2.5, "minutes": round(1 + rng.random(), 2), "epochs": 12,
             "deviations": "Narrower than in the paper." if m == "lvit" else ""}
            for m, (t, u, p, _) in methods.items()]  # fmt: skip
    pd.DataFrame(rows).to_csv(tables / "methods.csv", index=False)
    pd.DataFrame(METRICS, columns=METRIC_COLUMNS).to_csv(tables / "metrics.csv", index=False)
    pd.DataFrame([r for d in datasets for r in _main(rng, d, methods)]).to_csv(
        tables / "main.csv", index=False, float_format="%.6g"
    )
    pd.DataFrame([r for d in datasets for r in _axes(rng, d, methods)]).to_csv(
        tables / "axes.csv", index=False, float_format="%.6g"
    )
    stress = pd.DataFrame([r for d in datasets for r in _stress(rng, d, methods)])
    stress.to_csv(tables / "stress.csv", index=False, float_format="%.6g")
    _robustness(stress, methods).to_csv(tables / "robustness.csv", index=False, float_format="%.6g")
    pd.DataFrame([r for d in datasets for r in _adherence(rng, d, methods)]).to_csv(
        tables / "adherence.csv", index=False, float_format="%.6g"
    )
    about = {
        "suite": "pretended", "date": "2000-01-01", "text": "minilm", "size": "tiny", "seeds": [0, 1],
        "empty": "diagonal", "threshold": 0.5, "aggregation": "per-image", "bootstrap": 2000, "weights": "from scratch",
        "machine": "Linux x86_64, 2 cores, device cpu", "versions": {"python": "3.11.0", "torch": "2.13.0"},
        "datasets": {
            d: {"source": d, "published": "qata" if d == "qata" else None, "size": size,
                "counts": {"train": 9, "val": 3, "test": 4}, 
                "hash": "ab" * 32, "text_sha256": "cd" * 32, "frame": "thirds", "ontology": "chest", "test_images": 4,
                "empty_touched": dict.fromkeys(methods, 1)} for d in datasets
        },
    }  # fmt: skip
    (tables / "run.json").write_text(json.dumps(about))
    np.savez(tables / "panel.npz", **_panel(rng, datasets[0], size, methods))
    return folder


def _interval(value: float, half: float) -> dict[str, float]:
    return {"value": value, "lo": value - half, "hi": value + 1.1 * half}


def _main(rng: np.random.Generator, dataset: str, methods: dict) -> list[dict]:
    rows = []
    for method, (_, _, _, dice) in methods.items():
        dice += rng.normal()
        values = {"dice": dice, "iou": dice - 9, "hd95": 40 - dice / 3, "assd": 12 - dice / 9, "consistent": dice - 30,
                  "consistency": dice + 5, "corrected": (dice - 58) / 20}  # fmt: skip
        for metric, value in values.items():
            half = 0.05 if metric == "corrected" else 1.4
            rows.append(_main_row(dataset, method, metric, value, half, 2))
    for method in ("empty", "prompt only"):
        rows += [
            _main_row(dataset, method, name, value, 1.0, 0) for name, value in (("dice", 40.0), ("corrected", 1.1))
        ]
    return rows


def _main_row(dataset: str, method: str, metric: str, value: float, half: float, seeds: int) -> dict:
    return {"dataset": dataset, "method": method, "metric": metric, **_interval(value, half), "n": 4, "seeds": seeds,
            "subjects": 4, "of_trainings": False, "seed_sd": np.nan, "undefined": 0.0}  # fmt: skip


def _axes(rng: np.random.Generator, dataset: str, methods: dict) -> list[dict]:
    rows = []
    subjects = {m: (v[3] - 58) / 20 for m, v in methods.items()} | {
        "ground truth": 1.0,
        "empty": 0.0,
        "full": 0.0,
        "mean mask": 0.02,
        "prompt only": 0.9,
    }
    for axis, coverage, ceiling in (
        ("count", 0.9, 0.98),
        ("laterality", 0.95, 0.96),
        ("position", 0.7, 0.85),
        ("all", 0.98, 0.93),
    ):
        for method, corrected in subjects.items():
            corrected += 0 if method == "ground truth" else 0.03 * rng.normal()
            graded = 0.5 + corrected * (ceiling - 0.5)
            rows.append({"dataset": dataset, "method": method, "axis": axis, "coverage": coverage,
                         "strict": 0.8 * graded, "graded": graded, "chance": 0.5, "ceiling": ceiling,
                         "corrected": corrected, "undefined": 0.0, "same_reading": 0.2,
                         "lo": corrected - 0.06, "hi": corrected + 0.05})  # fmt: skip
    return rows


def _stress(rng: np.random.Generator, dataset: str, methods: dict) -> list[dict]:
    rows = []
    for method, (_, uses_text, _, dice) in methods.items():
        for family, kind in FAMILIES.items():
            for severity in SEVERITIES:
                for metric in ("dice", "consistency"):
                    drop = (
                        (COST[kind] * severity / 3 + 0.3 * rng.normal())
                        * uses_text
                        * (1.6 if method == "lvit" else 1.0)
                    )
                    rows.append({"dataset": dataset, "method": method, "kind": kind, "family": family,
                                 "severity": severity, "metric": metric, "clean": dice, "value": dice - drop,
                                 "drop": drop,
                                 "lo": drop - 0.7 * uses_text, "hi": drop + 0.8 * uses_text,
                                 "stability": 100 - drop, "changed": 0.6 + 0.08 * severity})  # fmt: skip
    return rows


def _robustness(stress: pd.DataFrame, methods: dict) -> pd.DataFrame:
    """The summaries of a stress table (reference: LViT, else the first that reads text); pretended intervals."""
    readers = [m for m, (_, uses_text, _, _) in methods.items() if uses_text]
    reference = "lvit" if "lvit" in methods else readers[0]
    means = stress.groupby(["dataset", "kind", "metric", "method", "family"], sort=False)[
        ["clean", "value", "drop", "stability"]
    ].mean()
    parts = {key: t.droplevel([0, 1, 2, 3]) for key, t in means.groupby(level=[0, 1, 2, 3], sort=False)}
    rows = []
    for (dataset, kind, metric, method), own in parts.items():
        other = parts[dataset, kind, metric, reference]
        values = {
            "drop": own["drop"].mean(),
            "relative_drop": (100 * own["drop"] / own["clean"]).mean(),
            "mce": ((100 - own["value"]) / (100 - other["value"])).mean(),
            "relative_mce": (own["drop"] / other["drop"]).mean(),
            "area": own["value"].mean() + 1,
            "stability": own["stability"].mean(),
            "worst": own["drop"].max(),
        }
        for summary, value in values.items():
            if (summary == "area" and kind != "kept") or (summary == "stability" and metric != "dice"):
                continue
            worst = summary == "worst"
            names = list(own.index) if not worst else [own["drop"].idxmax()] if own["drop"].any() else []
            rows.append({"dataset": dataset, "method": method, "kind": kind, "metric": metric, "summary": summary,
                         **({"value": value, "lo": np.nan, "hi": np.nan} if worst else _interval(value, 0.25)),
                         "families": " ".join(names), "reference": reference if summary.endswith("mce") else "",
                         "undefined": 0.0, "group": "a" if summary == "drop" else ""})  # fmt: skip
    return pd.DataFrame([*rows, *_parts(stress)])


def _parts(stress: pd.DataFrame) -> list[dict]:
    """The drop of every family, and at every severity; the families that keep the meaning all have degrees here."""
    keys = ["dataset", "method", "kind", "metric"]
    of_family = stress.groupby([*keys, "family"], sort=False)["drop"].mean().items()
    found = [(*key, "family", drop, family) for (*key, family), drop in of_family]
    kept = stress[stress["kind"] == "kept"]
    names = " ".join(kept["family"].unique())
    at = kept.groupby([*keys, "severity"], sort=False)["drop"].mean().items()
    found += [(*key, f"severity_{severity}", drop, names) for (*key, severity), drop in at]
    return [
        {
            "dataset": d,
            "method": m,
            "kind": k,
            "metric": c,
            "summary": s,
            **_interval(v, 0.4),
            "families": f,
            "reference": "",
            "undefined": 0.0,
            "group": "",
        }
        for d, m, k, c, s, v, f in found
    ]


def _adherence(rng: np.random.Generator, dataset: str, methods: dict) -> list[dict]:
    rows = []
    for method, (_, uses_text, _, dice) in methods.items():
        for family, axis in (("swap_side", "laterality"), ("deny", "absent"), ("other_prompt", "all")):
            followed = dice / 100 * uses_text + 0.05 * rng.random()
            rows.append({"dataset": dataset, "method": method, "family": family, "axis": axis, "n": 4,
                         "followed": followed, "lo": max(0, followed - 0.03), "hi": followed + 0.03, "before": 0.05 + followed / 10, "ceiling": 0.9,
                         "empty": 0.3 * (1 - followed),
                         "graded": followed, "graded_before": 0.1, "moved": 0.4 * uses_text})  # fmt: skip
    return rows


def _panel(rng: np.random.Generator, dataset: str, size: int, methods: dict) -> dict[str, np.ndarray]:
    y, x = np.mgrid[:size, :size] / size

    def blob(cy: float, cx: float, r: float) -> np.ndarray:
        return ((y - cy) ** 2 + (x - cx) ** 2 < r**2).astype(np.uint8)

    count = 3
    centres = 0.3 + 0.4 * rng.random((count, 2))
    truth = np.stack([blob(*c, 0.15) for c in centres])
    images = np.stack([60 + 90 * t + 30 * rng.random((size, size)) for t in truth]).astype(np.uint8)
    masks = {f"masks_{m}": np.stack([blob(*(c + 0.07 * rng.normal(size=2)), 0.15) for c in centres]) for m in methods}
    prompts = [
        "Unilateral pulmonary infection, one infected area, upper left lung.",
        "",
        "Bilateral pulmonary infection, " * 8,
    ]
    return {
        "images": np.repeat(images[..., None], 3, axis=3), "truth": truth, **masks, "prompts": np.array(prompts),
        "names": np.array([f"picture_{i}" for i in range(count)]), "dataset": np.array([dataset] * count),
    }  # fmt: skip
