"""The summaries of noise against loops written from their definitions, on a small made table of scores."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, t

from c2seg_bench.results.grid import Grid
from c2seg_bench.results.robustness import references, robustness
from c2seg_bench.stress import FAMILIES
from c2seg_bench.suite import Suite

# of a 95 % interval: twelve images call for Student's t with 11 degrees of freedom
TAILS = [norm.cdf(-np.sqrt(12 / 11) * t.ppf(0.975, 11)), norm.cdf(np.sqrt(12 / 11) * t.ppf(0.975, 11))]
CONDITIONS = ("keyboard-5", "keyboard-1", "keyboard-3", "swap-1", "swap-3", "swap-5", "reorder-1", "empty-1", "deny-1")
KEPT = {"keyboard": (1, 3, 5), "swap": (1, 3, 5), "reorder": (1,)}
IMAGES = [f"i{k}" for k in range(12)]
METHODS = ("unet", "c2seg", "lvit")


def made(seeds=(0, 1)) -> pd.DataFrame:
    """Scores as a run leaves them; unet does not read; the last image's prompt states nothing."""
    rng, rows = np.random.default_rng(0), []
    for method in METHODS:
        for seed in seeds:
            clean = {i: rng.uniform(0.6, 0.9, 2) for i in [*IMAGES, "clean only"]}
            for condition in ("clean", *CONDITIONS):
                for image, before in clean.items():
                    if condition != "clean" and image == "clean only":
                        continue  # the sweep uses a part of the test split
                    still = condition == "clean" or method == "unet"
                    dice, score = before - (0 if still else rng.uniform(0.05, 0.4, 2))
                    rows.append((method, seed, condition, image, dice, score if image != IMAGES[-1] else np.nan,
                                 1.0 if still else rng.uniform(0.5, 1)))  # fmt: skip
    columns = ["method", "seed", "condition", "image", "dice", "score", "stability"]
    return pd.DataFrame(rows, columns=columns).assign(dataset="d")


def summed(scores, references=("lvit", "c2seg"), draws=300) -> pd.DataFrame:
    """The summaries but those of one family, of which there are several."""
    keys = ["method", "kind", "metric", "summary"]
    rows = pd.DataFrame(robustness(Grid.by_dataset(scores), references, "suite", draws)).set_index(keys).sort_index()
    return rows.drop(index="family", level="summary")


def mean(scores, method, condition, column="dice") -> float:
    rows = scores[(scores["method"] == method) & (scores["condition"] == condition) & (scores["image"] != "clean only")]
    return 100 * rows[column].mean()


def by_definition(scores, method, column):
    """Kept meaning: drop, relative drop, mCE, relative mCE and area, by loops over families and severities."""
    clean, reference = mean(scores, method, "clean", column), mean(scores, "lvit", "clean", column)
    drops, shares, errors, units, areas = [], [], [], [], []
    for family, severities in KEPT.items():
        mine = [mean(scores, method, f"{family}-{s}", column) for s in severities]
        other = [mean(scores, "lvit", f"{family}-{s}", column) for s in severities]
        drops.append(np.mean([clean - m for m in mine]))
        shares.append(100 * drops[-1] / clean)
        errors.append(sum(100 - m for m in mine) / sum(100 - o for o in other))
        units.append((np.mean([clean - m for m in mine]), np.mean([reference - o for o in other])))
        if len(severities) > 1:
            areas.append(np.trapezoid([clean, *mine], [0, *severities]) / severities[-1])
    per_family = {"drop": drops, "relative_drop": shares, "mce": errors, "area": areas}
    own, unit = np.mean(units, axis=0)
    return {"relative_mce": own / unit, **{name: np.mean(values) for name, values in per_family.items()}}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("metric", "column"), [("dice", "dice"), ("consistency", "score")])
def test_values_are_those_of_the_definitions(method, metric, column):
    scores = made()
    rows = summed(scores)
    usable = scores if metric == "dice" else scores[scores["score"].notna()]
    for summary, value in by_definition(usable, method, column).items():
        assert rows.loc[(method, "kept", metric, summary), "value"] == pytest.approx(value), summary
    drops = {f: np.mean([mean(usable, method, "clean", column) - mean(usable, method, f"{f}-{s}", column) for s in k])
             for f, k in KEPT.items()}  # fmt: skip
    worst = rows.loc[(method, "kept", metric, "worst")]
    assert worst["value"] == pytest.approx(max(drops.values()))
    assert worst["families"] == ("" if method == "unet" else max(drops, key=drops.get))


def test_kinds_are_not_mixed():
    scores = made()
    rows = summed(scores)
    for kind, condition in (("missing", "empty-1"), ("changed", "deny-1")):
        lost = mean(scores, "c2seg", "clean") - mean(scores, "c2seg", condition)
        assert rows.loc[("c2seg", kind, "dice", "drop"), "value"] == pytest.approx(lost)
        assert rows.loc[("c2seg", kind, "dice", "drop"), "families"] == condition[:-2]
        assert ("c2seg", kind, "dice", "area") not in rows.index
    other = scores.copy()
    other.loc[other["condition"].isin(["empty-1", "deny-1"]), ["dice", "score", "stability"]] = 0.0
    pd.testing.assert_frame_equal(summed(other).xs("kept", level="kind"), rows.xs("kept", level="kind"))


def test_what_changes_the_meaning_is_no_cost():
    changed = summed(made()).loc[("c2seg", "changed", "dice")]
    assert set(changed.index) == {"drop", "relative_drop", "stability"}


def test_families_behind_each_number():
    kept = summed(made()).loc[("c2seg", "kept", "dice")]
    assert kept.loc["drop", "families"] == kept.loc["mce", "families"] == "keyboard swap reorder"
    assert kept.loc["area", "families"] == "keyboard swap"  # clauses are in another order or not: no degrees
    assert kept["reference"].to_dict() == {
        "area": "", "drop": "", "mce": "lvit", "relative_drop": "", "relative_mce": "lvit", "stability": "", "worst": "",
        "severity_1": "", "severity_3": "", "severity_5": "",
    }  # fmt: skip


def test_severities_that_one_family_lacks_have_no_number():
    scores = made()
    rows = summed(scores[scores["condition"] != "swap-3"])
    assert ("c2seg", "kept", "dice", "severity_3") not in rows.index
    lost = [mean(scores, "c2seg", "clean") - mean(scores, "c2seg", f"{f}-5") for f in ("keyboard", "swap")]
    assert rows.loc[("c2seg", "kept", "dice", "severity_5"), "value"] == pytest.approx(np.mean(lost))


def test_a_family_and_a_severity_have_one_interval_of_their_mean():
    scores = made(seeds=(0,))
    rows = pd.DataFrame(robustness(Grid.by_dataset(scores), ["lvit"], "suite", 4000))
    rows = rows[(rows["method"] == "c2seg") & (rows["kind"] == "kept") & (rows["metric"] == "dice")]
    table = scores[scores["method"] == "c2seg"].pivot(index="condition", columns="image", values="dice")[IMAGES]
    lost = {c: 100 * (table.loc["clean"] - table.loc[c]).to_numpy() for c in CONDITIONS}
    rng = np.random.default_rng(1)
    drawn = rng.integers(0, len(IMAGES), (4000, len(IMAGES)))

    def check(row, per_image):
        low, high = np.quantile(per_image[drawn].mean(axis=1), TAILS)
        assert row["value"] == pytest.approx(per_image.mean())
        assert (row["lo"], row["hi"]) == pytest.approx((low, high), abs=0.5)  # of a width of 7

    own = rows[rows["summary"] == "family"].set_index("families")
    assert list(own.index) == list(KEPT)
    for family, severities in KEPT.items():
        check(own.loc[family], np.mean([lost[f"{family}-{s}"] for s in severities], axis=0))
    for severity in (1, 3, 5):
        row = rows[rows["summary"] == f"severity_{severity}"].iloc[0]
        check(row, np.mean([lost[f"{family}-{severity}"] for family in ("keyboard", "swap")], axis=0))
        assert row["families"] == "keyboard swap"


def test_an_interval_is_that_of_the_mean_with_images_drawn_once():
    scores = made(seeds=(0,))
    row = summed(scores, draws=4000).loc[("c2seg", "kept", "dice", "relative_mce")]
    tables = {m: t.pivot(index="condition", columns="image", values="dice")[IMAGES]
              for m, t in scores.groupby("method")}  # fmt: skip
    rng, draws = np.random.default_rng(1), []
    for _ in range(4000):
        drawn = rng.integers(0, len(IMAGES), len(IMAGES))
        lost = {m: t.loc["clean"].to_numpy()[drawn].mean() - t.iloc[:, drawn].mean(axis=1) for m, t in tables.items()}
        own, unit = (np.mean([np.mean([lost[m][f"{f}-{s}"] for s in k]) for f, k in KEPT.items()])
                     for m in ("c2seg", "lvit"))  # fmt: skip
        draws.append(own / unit)
    assert (row["lo"], row["hi"]) == pytest.approx(tuple(np.quantile(draws, TAILS)), rel=0.02)


def test_the_reference_is_1_in_every_draw_and_one_that_does_not_read_loses_nothing():
    rows = summed(made())
    for summary in ("mce", "relative_mce"):
        assert tuple(rows.loc[("lvit", "kept", "dice", summary), ["value", "lo", "hi"]]) == (1, 1, 1)
    for kind in ("kept", "missing", "changed"):
        costs = ("drop", "relative_drop") if kind == "changed" else ("drop", "relative_drop", "relative_mce")
        for summary in costs:
            assert tuple(rows.loc[("unet", kind, "dice", summary), ["value", "lo", "hi"]]) == (0, 0, 0)
        assert rows.loc[("unet", kind, "dice", "stability"), "value"] == 100


def test_a_family_that_costs_the_reference_nothing_is_in_the_ratio_all_the_same():
    scores = made()
    clean = scores[scores["condition"] == "clean"].set_index(["method", "seed", "image"])["dice"]
    still = (scores["method"] == "lvit") & (scores["condition"] == "reorder-1")
    scores.loc[still, "dice"] = clean.loc[
        list(zip(*(scores.loc[still, c] for c in clean.index.names), strict=True))
    ].to_numpy()
    row = summed(scores).loc[("c2seg", "kept", "dice", "relative_mce")]
    assert row["families"] == "keyboard swap reorder"
    assert row["value"] == pytest.approx(by_definition(scores, "c2seg", "dice")["relative_mce"])
    deaf = summed(scores, references=["unet"])  # which loses nothing: there is no unit
    assert np.isnan(deaf.loc[("c2seg", "kept", "dice", "relative_mce"), "value"])
    assert deaf.loc[("c2seg", "kept", "dice", "relative_mce"), "undefined"] == 1
    assert deaf.loc[("c2seg", "kept", "dice", "mce"), "reference"] == "unet"


def test_a_method_that_lacks_a_condition_has_no_numbers_and_is_no_reference():
    scores = made()
    scores = scores[~((scores["method"] == "lvit") & (scores["condition"] == "swap-3"))]
    rows = summed(scores)
    assert rows.loc[("lvit", "kept", "dice"), ["value", "lo", "hi"]].isna().all(axis=None)
    assert rows.loc[("c2seg", "kept", "dice", "mce"), ["value", "reference"]].tolist() == [1, "c2seg"]
    assert rows.loc[("c2seg", "missing", "dice", "mce"), "reference"] == "lvit"


def test_the_reference_is_lvit_else_the_first_that_reads():
    def suite(*methods):
        return Suite(name="s", datasets={"d": {"source": "phantom"}}, methods=list(methods))

    readers = {"c2seg", "vit", "tganet"}
    assert references(suite("unet", "c2seg", {"name": "lvit", "label": "vit"}), readers) == ["vit", "c2seg"]
    assert references(suite("unet", "tganet", "c2seg"), readers) == ["tganet", "c2seg"]
    assert references(suite("unet"), readers) == []
    blind = {"name": "c2seg", "label": "blind", "options": {"attention": "none"}}  # reads nothing: no unit
    assert references(suite(blind, "c2seg"), readers) == ["c2seg"]


def test_without_a_reference_there_are_no_units():
    rows = summed(made(), references=[])
    assert set(rows.loc[("c2seg", "kept", "dice")].index) == {
        "drop", "relative_drop", "area", "stability", "worst", "severity_1", "severity_3", "severity_5",
    }  # fmt: skip
    assert robustness(Grid.by_dataset(made().query("condition == 'clean'")), ["lvit"], "suite", 100) == []


def test_ratios_of_equal_methods_are_near_1_whichever_families_cost_the_reference():
    """To leave out the families that seem to cost the reference nothing made 0.59 of a true 1."""
    rng, ratios = np.random.default_rng(0), []
    for _ in range(60):
        rows = []
        for method in ("lvit", "c2seg"):
            for image in IMAGES:
                rows.append((method, 0, "clean", image, 0.8, 0.8, 1.0))
                rows += [(method, 0, f"{f}-1", image, 0.79 + 0.05 * rng.normal(), 0.8, 1.0)
                         for f in ("keyboard", "swap", "delete", "case", "reorder", "style")
                         if f in FAMILIES]  # fmt: skip
        columns = ["method", "seed", "condition", "image", "dice", "score", "stability"]
        found = summed(pd.DataFrame(rows, columns=columns).assign(dataset="d"), draws=100)
        ratios.append(found.loc[("c2seg", "kept", "dice", "relative_mce"), "value"])
    assert np.nanmedian(ratios) == pytest.approx(1, abs=0.25)


def test_methods_that_noise_costs_the_same_share_a_letter():
    scores = made(seeds=(0,))
    rows = summed(scores)
    letters = rows.xs(("kept", "dice"), level=("kind", "metric"))["group"].unstack()
    assert (
        letters.loc["unet", "drop"] == "a" and letters.loc["lvit", "drop"] != "a"
    )  # unet does not read: it loses none
    assert set(letters["worst"].fillna("")) == {""}
    twin = scores[scores["method"] == "lvit"].assign(method="twin")
    both = summed(pd.concat([scores, twin])).xs(("kept", "dice"), level=("kind", "metric"))["group"].unstack()
    for summary in ("drop", "relative_drop", "mce", "relative_mce", "area", "stability"):
        assert both.loc["twin", summary] == both.loc["lvit", summary] != ""


def test_subjects_are_drawn_with_all_their_images():
    scores = made(seeds=(0,))
    people = {image: f"p{k // 4}" for k, image in enumerate(IMAGES)}
    of_subjects = summed(scores.assign(subject=scores["image"].map(people).fillna("")))
    key = ("c2seg", "kept", "dice", "drop")
    assert of_subjects.loc[key, "value"] == summed(scores).loc[key, "value"]
    assert of_subjects.loc[key, ["lo", "hi"]].tolist() != summed(scores).loc[key, ["lo", "hi"]].tolist()
