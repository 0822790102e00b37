"""The schema of the tidy tables, files of CSV."""

from __future__ import annotations

from c2seg_bench.results.schema.columns import (
    DATASET,
    METHOD,
    METRIC,
    PREDICTOR,
    Column,
    Table,
    integer,
    interval,
    number,
    share,
    text,
)
from metrics.consistency.axes import TABLE_AXES

METRICS = Table(
    "tables/metrics.csv",
    "one metric of main.csv",
    (
        METRIC,
        text("title", "heading of its column"),
        text("unit", "of printed values: `%`, `px` or empty"),
        text("better", "`up` where higher is better, `down` where lower is"),
        Column("printed", "yes/no", "whether the report's main table has a column for it"),
        Column("fills_empty", "yes/no", "whether the empty-mask policy of run.json decides some of its values"),
        text("meaning", "one sentence"),
    ),
)
METHODS = Table(
    "tables/methods.csv",
    "one method of the suite",
    (
        METHOD,
        text("title", "its name in print"),
        Column("uses_text", "yes/no", "whether it reads the prompt"),
        text("published", "its row in the paper's tables, or empty"),
        number("params_m", "parameters that are trained", "millions"),
        number("thop_m", "parameters as the counter of the field's papers counts them", "millions"),
        number("minutes", "time of one training, mean over seeds and datasets", "minutes"),
        number("epochs", "epochs of one training, mean over seeds and datasets", "epochs"),
        text("deviations", "what differs from its paper"),
        text("weights", "what training starts from; empty: from scratch"),
    ),
)
MAIN = Table(
    "tables/main.csv",
    "one metric of one method under clean prompts",
    (
        DATASET,
        PREDICTOR,
        METRIC,
        integer("seeds", "trainings that are done; 0 for a model that was trained elsewhere or never looks"),
        number("value", "mean over images and seeds", "unit of the metric"),
        *interval("the value"),
        integer("n", "images with a value", "images"),
        integer("subjects", "what was drawn; as many as images where no subject is known"),
        Column("of_trainings", "yes/no", "whether how trainings differ is in the interval: from three seeds on"),
        number("seed_sd", "standard deviation of the seeds' means; empty below three seeds", "unit of the metric"),
        share("undefined", "draws in which the value is undefined; the interval is of the others"),
        text(
            "group", "letters: methods share one if and only if they do not differ significantly; empty for one method"
        ),
        integer("rank_lo", "best rank that the comparisons of all pairs leave open"),
        integer("rank_hi", "worst rank that they leave open"),
    ),
)
AXES_TABLE = Table(
    "tables/axes.csv",
    "one axis of the prompts, for one method, the experts or a predictor that never looks",
    (
        DATASET,
        text("method", f"{PREDICTOR.meaning}, or `ground truth`, the experts' masks"),
        text("axis", ", ".join(f"`{axis.name}`" for axis in TABLE_AXES)),
        share("coverage", "prompts that state the axis"),
        share("strict", "masks that satisfy all that is stated on the axis, of those whose prompt states it"),
        share("graded", "mean graded score over the same masks"),
        share("chance", "mean score of the same masks against all other images' prompts"),
        share("ceiling", "graded score of the experts' masks"),
        number("corrected", "(graded - chance) / (ceiling - experts' chance): 1 as the experts, 0 as by chance"),
        *interval("the corrected score", ""),
        share("undefined", "draws in which the experts do no better than chance; the interval is of the others"),
        share("same_reading", "other images whose prompt states the same on the axis, of those that state it"),
    ),
)
STRESS = Table(
    "tables/stress.csv",
    "one metric of one method under one noisy condition",
    (
        DATASET,
        METHOD,
        text("kind", "`kept`, `missing` or `changed`: what the noise does to the meaning"),
        text("family", "of the noise"),
        integer("severity", "1 to 5"),
        number("stability", "Dice of the noisy prompt's mask with the clean prompt's", "%"),
        share("changed", "prompts that the noise changed"),
        METRIC,
        number("clean", "value under the clean prompt, same images", "unit of the metric"),
        number("value", "value under the noisy prompt", "unit of the metric"),
        number(
            "drop", "what the noise costs: above 0 is worse, whichever way the metric is better", "unit of the metric"
        ),
        *interval("the drop"),
    ),
)
ROBUSTNESS = Table(
    "tables/robustness.csv",
    "one summary of one kind of noise, for one method and metric",
    (
        DATASET,
        text("kind", "`kept`, `missing` or `changed`"),
        METRIC,
        METHOD,
        text(
            "summary",
            "`drop`, `relative_drop` (% of clean), `mce` (mean of the families' ratios of errors) and `relative_mce` "
            "(ratio of the mean drops), both 1 as the reference and not for kind `changed`, `area` (under the metric "
            "by severity), `stability` (Dice, %), `worst` (largest drop of a family), `family` (drop of one family), "
            "`severity_1` to `severity_5` (drop at one severity)",
        ),
        number("value", "mean over severities, then families", "unit of the summary"),
        *interval("the value", "unit of the summary"),
        share("undefined", "draws in which the value is undefined; the interval is of the others"),
        text(
            "group",
            "letters: methods share one if and only if they do not differ significantly; empty for what has none",
        ),
        text("families", "those averaged over, by spaces; of `worst` and `family` the one"),
        text("reference", "method in whose units the value is, or empty"),
    ),
)
ADHERENCE = Table(
    "tables/adherence.csv",
    "one method under one family of edited prompts",
    (
        DATASET,
        METHOD,
        text("family", "of the edit"),
        text("axis", "that was edited"),
        integer("n", "images whose edited axis changed", "images"),
        share("followed", "masks that satisfy the edited axis"),
        *interval("that share", "share of 1"),
        share("before", "clean prompts' masks that satisfy the edited axis"),
        share("empty", "masks of the edited prompts without a lesion of the minimum area"),
        share("ceiling", "experts' masks that satisfy what such a prompt states, where an expert stated the same"),
        share("graded", "mean graded score on the edited axis"),
        share("graded_before", "the same of the clean prompts' masks"),
        share("moved", "1 - Dice between both masks"),
    ),
)
REFERRING = Table(
    "tables/referring.csv",
    "one measure of one kind of edited prompts whose correct mask is known, for one method or reference",
    (
        DATASET,
        text("kind", "`part`, `nowhere`, `mirrored` or `conflict`"),
        text(
            "method",
            "label of the method, or `ground truth` (the experts' whole mask under any prompt), `empty`, `prompt only`",
        ),
        text(
            "measure",
            "`dice` with the correct mask; of parts also `whole_dice` (with the experts' whole mask), `own_dice` (of "
            "the true prompt's mask with the part), `true_dice` (of the true prompt's mask with the experts') and "
            "`selectivity` ((Dice with the part - the experts' whole mask's) / (100 - the latter)); of mirrored "
            "images `true_dice` and the `difference` from it; of nowhere and conflict `no_target` (masks that are "
            "empty at the minimum area), `invented` (share of the image that is segmented) and `target` (masks of "
            "the same images' true prompts that are not empty)",
        ),
        number("value", "mean over prompts and seeds; of selectivity the ratio of means", "%, selectivity 1"),
        *interval("the value", "unit of the value"),
        integer("n", "prompts", "prompts"),
        integer("images", "images that they are of; drawn whole, or by subject where that is known", "images"),
        share("undefined", "draws in which the value is undefined; the interval is of the others"),
    ),
)
REFERRING_COVERAGE = Table(
    "tables/referring_coverage.csv",
    "how many images admit a kind of such prompts, or one reason why images admit none",
    (
        DATASET,
        text("kind", "`part`, `nowhere`, `mirrored` or `conflict`"),
        text("outcome", "`admitted`, or the reason"),
        integer("images", "images with this outcome", "images"),
        integer("prompts", "that they have; at most the suite's `per_image` each", "prompts"),
        integer("looked_at", "images in all", "images"),
    ),
)
