"""Edited prompts: the properties that every example has, the refusals, and wrong arguments."""

from collections import Counter
from itertools import combinations

import numpy as np
import pytest

import metrics
from c2seg_bench.data.cache.prepare import prepare
from c2seg_bench.errors import InputError
from c2seg_bench.referring import KINDS, Example, generate, survey, survey_rows
from c2seg_bench.referring.dataset import unnamed_lesions
from c2seg_bench.referring.example import label_components
from c2seg_bench.scoring.judge import Judge
from metrics.consistency import check, parse
from metrics.consistency.writer import Constraint, reads_back

SOURCES = ("phantom", "phantom-ct", "phantom-colonoscopy")
LEFT, RIGHT = (slice(10, 20), slice(5, 15)), (slice(45, 55), slice(45, 60))
UPPER_RIGHT = (slice(10, 20), slice(45, 60))
TWO_SIDES = "Bilateral pulmonary infection, two infected areas, upper left lung and lower right lung"
ONE_SIDE = "Unilateral pulmonary infection, one infected area, upper left lung"


@pytest.fixture(scope="module", params=SOURCES)
def embedded(request, tmp_path_factory):
    """A prepared dataset, its judge, and the survey of its test split."""
    cache = prepare(request.param, tmp_path_factory.mktemp("cache") / "data", 64, train=1, val=1, test=60)
    judge = Judge.load(cache.manifest["frame"], cache.manifest["ontology"])
    return cache, judge, survey_rows(cache, judge, cache.rows("test"))


def mask_of(*lesions):
    """(64, 64) uint8, 1 in these slices."""
    mask = np.zeros((64, 64), np.uint8)
    for lesion in lesions:
        mask[lesion] = 1
    return mask


def of_kind(examples, kind):
    return [example for example in examples if example.kind == kind]


def test_every_part_prompt_names_its_components_and_no_other_choice_of_as_many(embedded):
    cache, judge, surveyed = embedded
    parts = of_kind(surveyed.examples, "part")
    masks = cache.masks[cache.rows("test")]
    for example in parts:
        findings, labels = parse(example.prompt, judge.ontology), label_components(masks[example.row])
        assert reads_back(
            example.prompt,
            Constraint(len(example.components), findings.regions, findings.sizes),
            judge.ontology,
        )
        consistent_choices = [
            chosen
            for chosen in combinations(range(1, labels.max() + 1), len(example.components))
            if check(np.isin(labels, chosen), findings, judge.frame).consistent
        ]
        assert consistent_choices == [example.components]
        left_out = (masks[example.row] != 0) & ~example.target(masks[example.row])
        assert left_out.mean() > 0.01
    assert len(parts) >= 50  # so the loop has checked that many


def test_every_image_has_examples_or_a_reason(embedded):
    cache, _, surveyed = embedded
    n = len(cache.rows("test"))
    for kind in KINDS:
        with_example = {example.row for example in of_kind(surveyed.examples, kind)}
        refused = [refusal.row for refusal in surveyed.refusals if refusal.kind == kind]
        assert with_example.isdisjoint(refused)
        assert sorted([*with_example, *refused]) == list(range(n))
        assert surveyed.admitting(kind) == len(with_example)


def test_nowhere_prompts_name_a_cell_without_lesion_or_look_alike(embedded):
    cache, judge, surveyed = embedded
    rows = cache.rows("test")
    unnamed = unnamed_lesions(cache, rows)
    nowhere = of_kind(surveyed.examples, "nowhere")
    assert nowhere and unnamed
    for example in nowhere:
        findings = parse(example.prompt, judge.ontology)
        assert findings.count == (1, 1) and len(findings.regions) == 1
        assert not check(cache.masks[rows][example.row], findings, judge.frame).position.ok
        assert not check(unnamed[example.row].astype(np.uint8), findings, judge.frame).position.ok
        assert not example.target(cache.masks[rows][example.row]).any()


def test_a_mirrored_example_is_as_consistent_as_the_original(embedded):
    cache, judge, surveyed = embedded
    rows = cache.rows("test")
    is_equal = Counter()
    for example in of_kind(surveyed.examples, "mirrored"):
        mask, prompt = cache.masks[rows][example.row], cache.index["prompt"].iloc[rows[example.row]]
        assert (example.target(mask) == mask[:, ::-1].astype(bool)).all()
        before = check(mask, parse(prompt, judge.ontology), judge.frame).consistent
        after = check(example.target(mask), parse(example.prompt, judge.ontology), judge.frame).consistent
        is_equal[before == after] += 1
    assert is_equal == {True: 60}


def test_examples_do_not_depend_on_the_order_of_the_images(embedded):
    cache, judge, surveyed = embedded
    rows = cache.rows("test")
    reversed_survey = survey_rows(cache, judge, rows[::-1])
    key = lambda e, row: (e.kind, row, e.prompt, e.components)  # noqa: E731
    assert sorted(key(e, e.row) for e in surveyed.examples) == sorted(
        key(e, len(rows) - 1 - e.row) for e in reversed_survey.examples
    )
    limited = survey_rows(cache, judge, rows, limit=1)
    first = {(e.kind, e.row): e for e in reversed(surveyed.examples)}
    assert {(e.kind, e.row): e for e in limited.examples} == first


def test_two_lesions_make_two_parts():
    mask, judge = mask_of(LEFT, RIGHT), Judge.load("thirds", "chest")
    first, second = sorted(
        generate([mask], [TWO_SIDES], judge, ["a"], kinds=["part"]), key=lambda example: example.components or ()
    )
    assert first.prompt == ONE_SIDE
    assert (first.target(mask) == (mask_of(LEFT) != 0)).all()
    assert second.prompt == "Unilateral pulmonary infection, one infected area, lower right lung"
    assert (second.target(mask) == (mask_of(RIGHT) != 0)).all()


def test_a_lesion_on_one_side_conflicts_with_its_prompt_when_flipped():
    mask, judge = mask_of(LEFT), Judge.load("thirds", "chest")
    examples = generate([mask], [ONE_SIDE], judge, ["a"], kinds=["conflict", "mirrored"])
    assert examples == [
        Example(0, "conflict", ONE_SIDE, True, None),
        Example(0, "mirrored", ONE_SIDE.replace("left", "right"), True, None),
    ]
    assert not examples[0].target(mask).any()
    assert (examples[0].whole(mask) == (mask[:, ::-1] != 0)).all()


@pytest.mark.parametrize(
    ("lesions", "prompt", "kind", "reason"),
    [
        ([LEFT], ONE_SIDE, "part", "fewer than two components"),
        ([LEFT, (slice(45, 47), slice(45, 47))], TWO_SIDES, "part", "no part is large enough"),
        ([LEFT, (slice(10, 20), slice(18, 28))], TWO_SIDES, "part", "no part has words of its own"),
        ([LEFT, RIGHT], TWO_SIDES, "conflict", "the prompt names places on more than one side"),
        ([LEFT], "infection", "conflict", "the prompt states nothing"),
        ([LEFT], "No pulmonary infection", "mirrored", "nothing to segment"),
        (
            [LEFT, UPPER_RIGHT],
            ONE_SIDE,
            "conflict",
            "the flipped image has lesion at the stated place, or next to it",
        ),
        ([(slice(0, 64), slice(0, 64))], TWO_SIDES, "nowhere", "every place has lesion"),
    ],
)
def test_refusals_give_the_reason(lesions, prompt, kind, reason):
    surveyed = survey([mask_of(*lesions)], [prompt], Judge.load("thirds", "chest"), ["a"], kinds=[kind])
    assert not surveyed.examples
    assert reason in surveyed.refusals[0].reason


def test_a_cell_with_a_look_alike_is_not_free():
    mask, judge = mask_of(LEFT), Judge.load("thirds", "chest")
    free = {example.prompt for example in generate([mask], [ONE_SIDE], judge, ["a"], kinds=["nowhere"])}
    without_look_alike = generate([mask], [ONE_SIDE], judge, ["a"], kinds=["nowhere"], unnamed=[mask_of(RIGHT)])
    assert free - {example.prompt for example in without_look_alike} == {
        "Unilateral pulmonary infection, one infected area, lower right lung"
    }


@pytest.mark.parametrize(
    ("names", "kinds", "message"),
    [(["a", "b"], KINDS, "give one of each per image"), (["a"], ["parts"], "'parts' is unknown; there are part, ")],
)
def test_wrong_arguments(names, kinds, message):
    with pytest.raises(InputError, match=message):
        generate([mask_of(LEFT)], [ONE_SIDE], Judge.load("thirds", "chest"), names, kinds=kinds)


@pytest.mark.parametrize(
    ("mask", "prompt", "message"),
    [
        (np.zeros((2, 8, 8)), ONE_SIDE, r"^mask of a has shape \(2, 8, 8\); give \(H, W\)$"),
        ([[1], [1, 2]], ONE_SIDE, "^not an array"),
        (np.zeros((8, 8)), None, "^a: prompt None is not a string"),
    ],
)
def test_masks_and_prompts_of_another_kind(mask, prompt, message):
    with pytest.raises((InputError, metrics.InputError), match=message):
        generate([mask], [prompt], Judge.load("thirds", "chest"), ["a"])
